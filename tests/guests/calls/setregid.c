#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"

CASE(two_groups_or_one)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setregid, USER, OTHER_USER));
    check_gids(USER, OTHER_USER, OTHER_USER); /* the saved one follows the effective one */
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setregid, NO_ID, USER));
    check_gids(USER, USER, OTHER_USER); /* not when it becomes the real one */
    CHECK_EQ(0, syscall(SYS_setregid, NO_ID, OTHER_USER)); /* back to the saved one */
    check_gids(USER, OTHER_USER, OTHER_USER);
    CHECK_EQ(0, syscall(SYS_setregid, OTHER_USER, USER)); /* exchanged */
    check_gids(OTHER_USER, USER, USER);
    CHECK_EQ(0, syscall(SYS_setregid, NO_ID, NO_ID));
    check_gids(OTHER_USER, USER, USER);
}

CASE(the_real_one_brings_the_saved_one)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresgid, 0, 0, 33));
    CHECK_EQ(0, syscall(SYS_setregid, USER, NO_ID));
    check_gids(USER, 0, 0);
}

CASE(errors)
{
    unsigned me = getgid();
    if (may_change_ids())
        CHECK_EQ(0, syscall(SYS_setresgid, me, me, OTHER_USER));
    drop_capabilities();
    CHECK_ERRNO(EPERM, syscall(SYS_setregid, 33, NO_ID));
    CHECK_ERRNO(EPERM, syscall(SYS_setregid, NO_ID, 33));
    CHECK_ERRNO(EPERM, syscall(SYS_setregid, OTHER_USER, NO_ID)); /* the saved one is for the effective one only */
    CHECK_EQ(0, syscall(SYS_setregid, me, me));
}
