#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"

CASE(two_users_or_one)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setreuid, USER, OTHER_USER));
    check_uids(USER, OTHER_USER, OTHER_USER); /* the saved one follows the effective one */
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setreuid, NO_ID, USER));
    check_uids(USER, USER, OTHER_USER); /* not when it becomes the real one */
    CHECK_EQ(0, syscall(SYS_setreuid, NO_ID, OTHER_USER)); /* back to the saved one */
    check_uids(USER, OTHER_USER, OTHER_USER);
    CHECK_EQ(0, syscall(SYS_setreuid, OTHER_USER, USER)); /* exchanged */
    check_uids(OTHER_USER, USER, USER);
    CHECK_EQ(0, syscall(SYS_setreuid, NO_ID, NO_ID));
    check_uids(OTHER_USER, USER, USER);
}

CASE(the_real_one_brings_the_saved_one)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, 0, 0, 33));
    CHECK_EQ(0, syscall(SYS_setreuid, USER, NO_ID));
    check_uids(USER, 0, 0);
}

CASE(errors)
{
    unsigned me = getuid();
    if (may_change_ids())
        CHECK_EQ(0, syscall(SYS_setresuid, me, me, OTHER_USER));
    drop_capabilities();
    CHECK_ERRNO(EPERM, syscall(SYS_setreuid, 33, NO_ID));
    CHECK_ERRNO(EPERM, syscall(SYS_setreuid, NO_ID, 33));
    CHECK_ERRNO(EPERM, syscall(SYS_setreuid, OTHER_USER, NO_ID)); /* the saved one is for the effective one only */
    CHECK_EQ(0, syscall(SYS_setreuid, me, me));
}
