#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

static long getsid_(int pid)
{
    return syscall(SYS_getsid, pid);
}

CASE(of_oneself_and_others)
{
    pid_t *begun = shared_memory(4096), pid = forked();
    if (pid == 0) {
        *begun = setsid();
        pause_ms(1000);
        _exit(0);
    }
    CHECK_EQ(getsid_(getpid()), getsid_(0));
    while (!*begun)
        pause_ms(1);
    CHECK_EQ(pid, *begun);
    CHECK_EQ(pid, getsid_(pid)); /* another session is no secret */
    CHECK(getsid_(0) != pid);
    kill_and_reap(pid);
    CHECK_ERRNO(ESRCH, getsid_(pid));
}

CASE(of_a_zombie)
{
    siginfo_t info;
    pid_t pid = child_that_exits(0);
    CHECK_EQ(0, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK_EQ(getsid_(0), getsid_(pid));
    CHECK_EQ(0, status_of(pid));
}

static int never;

CASE(of_a_thread)
{
    pid_t tid = start_thread(waits_until_set, &never);
    CHECK_EQ(getsid_(0), getsid_(tid));
}

CASE(errors)
{
    CHECK_ERRNO(ESRCH, getsid_(NOBODY_HAS_IT));
    CHECK_ERRNO(ESRCH, getsid_(-1));
    CHECK_ERRNO(ESRCH, getsid_((int)0x80000000));
}
