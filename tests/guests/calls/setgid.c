#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"

CASE(all_three_groups_with_the_capability)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresgid, 0, 0, 33));
    CHECK_EQ(0, syscall(SYS_setgid, USER));
    check_gids(USER, USER, USER);
}

CASE(the_effective_one_without)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresgid, USER, USER, OTHER_USER));
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setgid, OTHER_USER));
    check_gids(USER, OTHER_USER, OTHER_USER);
    CHECK_EQ(0, syscall(SYS_setgid, USER));
    check_gids(USER, USER, OTHER_USER);
    CHECK_ERRNO(EPERM, syscall(SYS_setgid, 33));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, syscall(SYS_setgid, NO_ID));
    drop_capabilities(); /* it is these that count, not group 0 */
    CHECK_EQ(0, syscall(SYS_setgid, getgid()));
    CHECK_ERRNO(EPERM, syscall(SYS_setgid, 33));
    CHECK_ERRNO(EINVAL, syscall(SYS_setgid, NO_ID)); /* before the question who may */
}
