#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

static long getpgid_(int pid)
{
    return syscall(SYS_getpgid, pid);
}

CASE(of_oneself_and_others)
{
    pid_t pid = child_that_waits();
    CHECK_EQ(getpgid_(getpid()), getpgid_(0));
    CHECK_EQ(getpgid_(0), getpgid_(pid));
    CHECK_EQ(0, setpgid(pid, 0));
    CHECK_EQ(pid, getpgid_(pid));
    CHECK(getpgid_(0) != pid);
    kill_and_reap(pid);
    CHECK_ERRNO(ESRCH, getpgid_(pid));
}

CASE(of_a_zombie)
{
    siginfo_t info;
    pid_t pid = child_that_exits(0);
    CHECK_EQ(0, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK_EQ(getpgid_(0), getpgid_(pid));
    CHECK_EQ(0, status_of(pid));
}

static int never;

CASE(of_a_thread)
{
    pid_t tid = start_thread(waits_until_set, &never);
    CHECK_EQ(getpgid_(0), getpgid_(tid));
}

CASE(errors)
{
    CHECK_ERRNO(ESRCH, getpgid_(NOBODY_HAS_IT));
    CHECK_ERRNO(ESRCH, getpgid_(-1));
    CHECK_ERRNO(ESRCH, getpgid_((int)0x80000000));
}
