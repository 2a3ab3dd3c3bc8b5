#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

/* What the kernel gives: 20 minus the nice value, so that it is never negative. */
static long get_(int which, unsigned who)
{
    return syscall(SYS_getpriority, which, who);
}

static long set_(int which, unsigned who, int nice)
{
    return syscall(SYS_setpriority, which, who, nice);
}

CASE(up_it_goes_for_everybody)
{
    drop_capabilities();
    CHECK_EQ(20, get_(PRIO_PROCESS, 0));
    CHECK_EQ(0, set_(PRIO_PROCESS, 0, 5));
    CHECK_EQ(15, get_(PRIO_PROCESS, 0));
    CHECK_EQ(0, set_(PRIO_PROCESS, (unsigned)getpid(), 100)); /* 19 at most */
    CHECK_EQ(1, get_(PRIO_PROCESS, 0));
    pid_t pid = forked();
    if (pid == 0)
        _exit(get_(PRIO_PROCESS, 0) != 1);
    CHECK_EQ(0, status_of(pid));
}

CASE(down_only_with_privilege)
{
    struct rlimit none = {0, 0};
    CHECK_EQ(0, set_(PRIO_PROCESS, 0, 5));
    if (has_capability(CAP_SYS_NICE_)) {
        CHECK_EQ(0, set_(PRIO_PROCESS, 0, -100)); /* -20 at most */
        CHECK_EQ(40, get_(PRIO_PROCESS, 0));
        CHECK_EQ(0, set_(PRIO_PROCESS, 0, 5));
    }
    CHECK_EQ(0, setrlimit(RLIMIT_NICE, &none));
    drop_capabilities();
    CHECK_ERRNO(EACCES, set_(PRIO_PROCESS, 0, 4));
    CHECK_EQ(0, set_(PRIO_PROCESS, 0, 5)); /* where it is */
}

CASE(down_to_a_limit)
{
    struct rlimit some = {20, 20}; /* 20 - nice: 0 and above */
    if (!has_capability(CAP_SYS_RESOURCE_))
        return;
    CHECK_EQ(0, setrlimit(RLIMIT_NICE, &some));
    CHECK_EQ(0, set_(PRIO_PROCESS, 0, 10));
    drop_capabilities();
    CHECK_EQ(0, set_(PRIO_PROCESS, 0, 0));
    CHECK_ERRNO(EACCES, set_(PRIO_PROCESS, 0, -1));
}

CASE(groups)
{
    pid_t first = child_that_waits(), second = child_that_waits();
    setpgid(first, first);
    setpgid(second, first);
    CHECK_EQ(0, set_(PRIO_PGRP, (unsigned)first, 7));
    CHECK_EQ(13, get_(PRIO_PROCESS, (unsigned)first));
    CHECK_EQ(13, get_(PRIO_PROCESS, (unsigned)second));
    CHECK_EQ(20, get_(PRIO_PROCESS, 0));
    CHECK_EQ(0, set_(PRIO_PROCESS, (unsigned)second, 9));
    CHECK_EQ(13, get_(PRIO_PGRP, (unsigned)first)); /* the least nice of them */
    kill_and_reap(first);
    kill_and_reap(second);
}

CASE(somebody_else)
{
    if (!may_change_ids())
        return;
    pid_t pid = child_that_waits();
    CHECK_EQ(0, setpgid(pid, pid));
    become_user();
    CHECK_ERRNO(EPERM, set_(PRIO_PROCESS, (unsigned)pid, 5));
    CHECK_ERRNO(EPERM, set_(PRIO_PGRP, (unsigned)pid, 5));
    CHECK_EQ(20, get_(PRIO_PROCESS, (unsigned)pid));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, set_(3, NOBODY_HAS_IT, 0));
    CHECK_ERRNO(EINVAL, set_(-1, 0, 0));
    CHECK_ERRNO(ESRCH, set_(PRIO_PROCESS, NOBODY_HAS_IT, 0));
    CHECK_ERRNO(ESRCH, set_(PRIO_PGRP, NOBODY_HAS_IT, 0));
    CHECK_ERRNO(ESRCH, set_(PRIO_USER, 98765432, 0));
}
