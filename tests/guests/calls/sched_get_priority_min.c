#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

static long limit(int policy)
{
    return syscall(SYS_sched_get_priority_min, policy);
}

CASE(by_policy)
{
    CHECK_EQ(0, limit(OTHER));
    CHECK_EQ(1, limit(FIFO));
    CHECK_EQ(1, limit(RR));
    CHECK_EQ(0, limit(BATCH));
    CHECK_EQ(0, limit(IDLE));
    CHECK_EQ(0, limit(DEADLINE));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, limit(-1));
    CHECK_ERRNO(EINVAL, limit(4));
    CHECK_ERRNO(EINVAL, limit(99));
    CHECK_ERRNO(EINVAL, limit(RR | RESET_ON_FORK));
}
