#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "credentials.h"

static unsigned groups[65536];

CASE(how_many_and_which)
{
    if (may_change_ids())
        CHECK_EQ(0, syscall(SYS_setgroups, 3, (unsigned[]){11, 22, 33}));
    long count = syscall(SYS_getgroups, 0, NULL);
    CHECK(count >= 0);
    CHECK_EQ(count, syscall(SYS_getgroups, 65536, groups));
    if (may_change_ids())
        CHECK(count == 3 && groups[0] == 11 && groups[1] == 22 && groups[2] == 33 && groups[3] == 0);
}

CASE(errors)
{
    if (may_change_ids())
        CHECK_EQ(0, syscall(SYS_setgroups, 3, (unsigned[]){11, 22, 33}));
    CHECK_ERRNO(EINVAL, syscall(SYS_getgroups, -1, groups));
    if (syscall(SYS_getgroups, 0, NULL) < 2)
        return;
    CHECK_ERRNO(EINVAL, syscall(SYS_getgroups, 1, groups));
    CHECK_ERRNO(EINVAL, syscall(SYS_getgroups, 1, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_getgroups, 65536, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_getgroups, 65536, at_edge(4)));
    CHECK_EQ(syscall(SYS_getgroups, 0, BAD), syscall(SYS_getgroups, 65536, groups)); /* 0 only counts */
}
