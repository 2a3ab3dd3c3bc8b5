#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"

CASE(all_three_users_with_the_capability)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, 0, 0, 33));
    CHECK_EQ(0, syscall(SYS_setuid, USER));
    check_uids(USER, USER, USER);
    CHECK_EQ(0, has_capability(CAP_SETUID_)); /* which went with the superuser */
    CHECK_ERRNO(EPERM, syscall(SYS_setuid, 0));
    CHECK_ERRNO(EPERM, syscall(SYS_setuid, OTHER_USER));
}

CASE(the_effective_one_without)
{
    if (!may_change_ids())
        return;
    CHECK_EQ(0, syscall(SYS_setresuid, USER, USER, OTHER_USER));
    drop_capabilities();
    CHECK_EQ(0, syscall(SYS_setuid, OTHER_USER));
    check_uids(USER, OTHER_USER, OTHER_USER);
    CHECK_EQ(0, syscall(SYS_setuid, USER));
    check_uids(USER, USER, OTHER_USER);
    CHECK_ERRNO(EPERM, syscall(SYS_setuid, 33));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, syscall(SYS_setuid, NO_ID));
    drop_capabilities(); /* it is these that count, not user 0 */
    CHECK_EQ(0, syscall(SYS_setuid, getuid()));
    CHECK_ERRNO(EPERM, syscall(SYS_setuid, 33));
    CHECK_ERRNO(EINVAL, syscall(SYS_setuid, NO_ID)); /* before the question who may */
}
