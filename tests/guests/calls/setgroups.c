#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"

static unsigned groups[65537];

CASE(they_are_kept_sorted)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setgroups, 4, (unsigned[]){30, 10, 20, 10}));
    CHECK_EQ(4, syscall(SYS_getgroups, 10, groups));
    CHECK(groups[0] == 10 && groups[1] == 10 && groups[2] == 20 && groups[3] == 30);
    pid_t pid = forked();
    if (pid == 0)
        _exit(syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_getgroups, 0, NULL) != 0);
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(4, syscall(SYS_getgroups, 0, NULL));
}

CASE(as_many_as_there_may_be)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setgroups, 65536, groups));
    CHECK_EQ(65536, syscall(SYS_getgroups, 0, NULL));
    CHECK_EQ(0, syscall(SYS_setgroups, 0, NULL));
    CHECK_ERRNO(EINVAL, syscall(SYS_setgroups, 65537, groups));
}

CASE(errors)
{
    if (may_change_ids()) {
        CHECK_ERRNO(EINVAL, syscall(SYS_setgroups, -1, groups));
        CHECK_ERRNO(EFAULT, syscall(SYS_setgroups, 1, BAD));
        CHECK_ERRNO(EFAULT, syscall(SYS_setgroups, 2, at_edge(4)));
        CHECK_ERRNO(EINVAL, syscall(SYS_setgroups, 1, &(unsigned){NO_ID}));
        CHECK_ERRNO(EINVAL, syscall(SYS_setgroups, 65537, BAD)); /* before the look there */
    }
    drop_capabilities();
    CHECK_ERRNO(EPERM, syscall(SYS_setgroups, 0, NULL));
    CHECK_ERRNO(EPERM, syscall(SYS_setgroups, -1, BAD));
}
