#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"

CASE(three_users_or_fewer)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, 0, NO_ID, 33));
    check_uids(0, 0, 33);
    CHECK_EQ(0, syscall(SYS_setresuid, 11, 22, 33));
    check_uids(11, 22, 33);
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setresuid, NO_ID, NO_ID, NO_ID));
    check_uids(11, 22, 33);
    CHECK_EQ(0, syscall(SYS_setresuid, 33, 11, 22));
    check_uids(33, 11, 22);
    CHECK_ERRNO(EPERM, syscall(SYS_setresuid, 44, NO_ID, NO_ID));
    CHECK_ERRNO(EPERM, syscall(SYS_setresuid, 33, 44, 22));
    CHECK_ERRNO(EPERM, syscall(SYS_setresuid, 33, 33, 44));
    check_uids(33, 11, 22); /* all or none */
}

CASE(the_capabilities_follow)
{
    struct cap_sets sets[2];
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, NO_ID, USER, NO_ID));
    own_capabilities(sets);
    CHECK(sets[0].effective == 0 && sets[0].permitted != 0);
    CHECK_EQ(0, syscall(SYS_setresuid, NO_ID, 0, NO_ID));
    own_capabilities(sets);
    CHECK(sets[0].effective == sets[0].permitted && sets[0].effective != 0);
    CHECK_EQ(0, syscall(SYS_setresuid, USER, USER, USER));
    own_capabilities(sets);
    CHECK(sets[0].effective == 0 && sets[0].permitted == 0);
    CHECK_ERRNO(EPERM, syscall(SYS_setresuid, 0, 0, 0));
}
CASE(without_privilege)
{
    unsigned me = getuid();
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setresuid, me, me, me));
    CHECK_ERRNO(EPERM, syscall(SYS_setresuid, me, me, 44));
}
