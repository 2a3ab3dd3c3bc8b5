#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"

CASE(three_groups_or_fewer)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresgid, 0, NO_ID, 33));
    check_gids(0, 0, 33);
    CHECK_EQ(0, syscall(SYS_setresgid, 11, 22, 33));
    check_gids(11, 22, 33);
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setresgid, NO_ID, NO_ID, NO_ID));
    check_gids(11, 22, 33);
    CHECK_EQ(0, syscall(SYS_setresgid, 33, 11, 22));
    check_gids(33, 11, 22);
    CHECK_ERRNO(EPERM, syscall(SYS_setresgid, 44, NO_ID, NO_ID));
    CHECK_ERRNO(EPERM, syscall(SYS_setresgid, 33, 44, 22));
    CHECK_ERRNO(EPERM, syscall(SYS_setresgid, 33, 33, 44));
    check_gids(33, 11, 22); /* all or none */
}

CASE(without_privilege)
{
    unsigned me = getgid();
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setresgid, me, me, me));
    CHECK_ERRNO(EPERM, syscall(SYS_setresgid, me, me, 44));
}
