#define _GNU_SOURCE
#include "check.h"
#include "locked.h"

CASE(all_of_it_and_what_comes)
{
    char *at = pages(2);
    if (!has_capability(CAP_IPC_LOCK_))
        return;
    at[0] = 'x';
    CHECK_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
    CHECK(locked_kib() > 0);
    CHECK_EQ(0, syscall(SYS_munlockall));
    CHECK_EQ(0, locked_kib());
    pages(4);
    CHECK_EQ(0, locked_kib());
    CHECK_EQ('x', at[0]);
}

CASE(with_nothing_locked)
{
    CHECK_EQ(0, syscall(SYS_munlockall));
    may_lock(0);
    CHECK_EQ(0, syscall(SYS_munlockall)); /* everybody may */
}
