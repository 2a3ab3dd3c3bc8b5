#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "credentials.h"

CASE(it_is_the_real_one)
{
    unsigned ids[3];
    CHECK_EQ(0, syscall(SYS_getresuid, &ids[0], &ids[1], &ids[2]));
    CHECK_EQ(ids[0], syscall(SYS_getuid));
    pid_t pid = forked();
    if (pid == 0)
        _exit(syscall(SYS_getuid) != ids[0]);
    CHECK_EQ(0, status_of(pid));
}

CASE(among_three_users)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, 11, 22, 33));
    CHECK_EQ(11, syscall(SYS_getuid));
}

CASE(a_large_number_is_no_error)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, 0xfffffffe, 0xfffffffe, 0xfffffffe));
    CHECK_EQ(0xfffffffe, syscall(SYS_getuid) & 0xffffffff);
}
