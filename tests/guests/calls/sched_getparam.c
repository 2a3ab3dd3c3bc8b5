#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

static long get_(int pid, void *priority)
{
    return syscall(SYS_sched_getparam, pid, priority);
}

CASE(of_oneself_and_others)
{
    CHECK_EQ(0, priority_of(0));
    CHECK_EQ(0, priority_of(getpid()));
    if (!may_run_in_real_time())
        return;
    pid_t pid = child_that_waits();
    CHECK_EQ(0, set_policy(pid, FIFO, 7));
    CHECK(priority_of(pid) == 7 && priority_of(0) == 0);
    kill_and_reap(pid);
}

CASE(errors)
{
    int priority;
    CHECK_ERRNO(EINVAL, get_(0, NULL));
    CHECK_ERRNO(EINVAL, get_(-1, BAD));
    CHECK_ERRNO(EINVAL, get_(NOBODY_HAS_IT, NULL));
    CHECK_ERRNO(ESRCH, get_(NOBODY_HAS_IT, BAD));
    CHECK_ERRNO(EFAULT, get_(0, BAD));
    CHECK_ERRNO(EFAULT, get_(0, readonly_page()));
    CHECK_EQ(0, get_(0, &priority));
}
