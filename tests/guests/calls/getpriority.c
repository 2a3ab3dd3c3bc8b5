#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

static long get_(int which, unsigned who)
{
    return syscall(SYS_getpriority, which, who);
}

CASE(the_kernel_gives_20_minus_it)
{
    CHECK_EQ(20, get_(PRIO_PROCESS, 0));
    CHECK_EQ(0, setpriority(PRIO_PROCESS, 0, 19));
    CHECK_EQ(1, get_(PRIO_PROCESS, 0));
    CHECK_EQ(1, get_(PRIO_PROCESS, (unsigned)getpid()));
}

CASE(the_least_nice_counts)
{
    pid_t pid = child_that_waits();
    CHECK_EQ(0, setpgid(pid, pid));
    CHECK_EQ(0, setpriority(PRIO_PROCESS, (unsigned)pid, 4));
    CHECK_EQ(16, get_(PRIO_PROCESS, (unsigned)pid));
    CHECK_EQ(16, get_(PRIO_PGRP, (unsigned)pid));
    CHECK(get_(PRIO_PGRP, 0) >= 20);
    CHECK(get_(PRIO_USER, 0) >= 20);
    CHECK(get_(PRIO_USER, getuid()) >= 20);
    kill_and_reap(pid);
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, get_(3, NOBODY_HAS_IT));
    CHECK_ERRNO(EINVAL, get_(-1, 0));
    CHECK_ERRNO(ESRCH, get_(PRIO_PROCESS, NOBODY_HAS_IT));
    CHECK_ERRNO(ESRCH, get_(PRIO_PGRP, NOBODY_HAS_IT));
    CHECK_ERRNO(ESRCH, get_(PRIO_USER, 98765432));
}
