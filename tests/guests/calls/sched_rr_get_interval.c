#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

static long get_(int pid, void *at)
{
    return syscall(SYS_sched_rr_get_interval, pid, at);
}

CASE(the_length_of_a_slice)
{
    struct timespec slice = {-1, -1};
    pid_t pid = child_that_waits();
    CHECK_EQ(0, get_(0, &slice));
    CHECK(slice.tv_sec == 0 && slice.tv_nsec >= 0 && slice.tv_nsec < 1000000000);
    CHECK_EQ(0, get_(pid, &slice));
    kill_and_reap(pid);
    if (!may_run_in_real_time())
        return;
    CHECK_EQ(0, set_policy(0, RR, 1));
    CHECK_EQ(0, get_(0, &slice));
    CHECK(slice.tv_sec == 0 && slice.tv_nsec > 0);
    CHECK_EQ(0, set_policy(0, FIFO, 1));
    CHECK_EQ(0, get_(0, &slice));
    CHECK(slice.tv_sec == 0 && slice.tv_nsec == 0); /* it has none */
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, get_(-1, BAD));
    CHECK_ERRNO(ESRCH, get_(NOBODY_HAS_IT, BAD));
    CHECK_ERRNO(EFAULT, get_(0, BAD));
    CHECK_ERRNO(EFAULT, get_(0, at_edge(8)));
}
