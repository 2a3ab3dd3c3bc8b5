#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "credentials.h"

CASE(three_users)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, 11, 22, 33));
    check_uids(11, 22, 33);
}

CASE(the_same_as_one_by_one)
{
    unsigned ids[3];
    CHECK_EQ(0, syscall(SYS_getresuid, &ids[0], &ids[1], &ids[2]));
    CHECK_EQ(ids[0], syscall(SYS_getuid));
}

CASE(bad_places)
{
    unsigned ids[3] = {77, 77, 77};
    CHECK_ERRNO(EFAULT, syscall(SYS_getresuid, BAD, &ids[1], &ids[2]));
    CHECK_EQ(77, ids[1]);
    CHECK_ERRNO(EFAULT, syscall(SYS_getresuid, &ids[0], readonly_page(), &ids[2]));
    CHECK_EQ(getuid(), ids[0]); /* what comes first is stored */
    CHECK_EQ(77, ids[2]);
    CHECK_ERRNO(EFAULT, syscall(SYS_getresuid, &ids[0], &ids[1], at_edge(2)));
    CHECK_ERRNO(EFAULT, syscall(SYS_getresuid, NULL, NULL, NULL));
}
