#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

static long set_(int pid, const void *priority)
{
    return syscall(SYS_sched_setparam, pid, priority);
}

CASE(the_priority_of_an_ordinary_policy_is_0)
{
    int zero = 0, one = 1;
    CHECK_EQ(0, set_(0, &zero));
    CHECK_ERRNO(EINVAL, set_(0, &one));
    CHECK_EQ(0, set_policy(0, BATCH, 0));
    CHECK_EQ(0, set_(getpid(), &zero));
    CHECK_EQ(BATCH, policy_of(0)); /* the policy stays */
}

CASE(in_real_time)
{
    int zero = 0, five = 5, hundred = 100;
    if (!may_run_in_real_time())
        return;
    CHECK_EQ(0, set_policy(0, RR, 1));
    CHECK_EQ(0, set_(0, &five));
    CHECK(priority_of(0) == 5 && policy_of(0) == RR);
    CHECK_ERRNO(EINVAL, set_(0, &zero));
    CHECK_ERRNO(EINVAL, set_(0, &hundred));
    drop_capabilities();
    struct rlimit none = {0, 0};
    CHECK_EQ(0, setrlimit(RLIMIT_RTPRIO, &none));
    five = 6;
    CHECK_ERRNO(EPERM, set_(0, &five)); /* not higher */
    five = 4;
    CHECK_EQ(0, set_(0, &five)); /* but lower */
}

CASE(errors)
{
    int zero = 0;
    CHECK_ERRNO(EINVAL, set_(0, NULL));
    CHECK_ERRNO(EINVAL, set_(-1, BAD));
    CHECK_ERRNO(EFAULT, set_(NOBODY_HAS_IT, BAD));
    CHECK_ERRNO(ESRCH, set_(NOBODY_HAS_IT, &zero));
    CHECK_ERRNO(EFAULT, set_(0, at_edge(2)));
}
