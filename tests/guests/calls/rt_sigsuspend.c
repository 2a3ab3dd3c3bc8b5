#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include <stdint.h>

static long suspend_(const void *set, size_t size)
{
    return syscall(SYS_rt_sigsuspend, set, size);
}

CASE(a_pending_one_comes_at_once)
{
    uint64_t none = 0;
    sigset_t mask;
    catch_signal(SIGUSR1, SA_RESTART);
    block_signal(SIGUSR1);
    raise(SIGUSR1);
    CHECK_ERRNO(EINTR, suspend_(&none, 8));
    CHECK_EQ(SIGUSR1, caught);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, NULL, &mask));
    CHECK_EQ(1, sigismember(&mask, SIGUSR1)); /* the mask is back */
}

CASE(it_waits_for_what_its_mask_lets_through)
{
    uint64_t usr1 = 1ull << (SIGUSR1 - 1);
    catch_signal(SIGALRM, 0);
    catch_signal(SIGUSR1, 0);
    block_signal(SIGUSR1);
    raise(SIGUSR1);
    alarm_in_ms(10);
    CHECK_ERRNO(EINTR, suspend_(&usr1, 8));
    CHECK(caught == SIGALRM && times_caught == 1);
    CHECK_EQ(1, is_pending(SIGUSR1));
}

static volatile uint64_t in_handler;

static void looks_at_the_mask(int number)
{
    uint64_t mask = 0;
    (void)number;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
    in_handler = mask;
}

CASE(the_handler_runs_with_the_waits_mask)
{
    uint64_t usr2 = 1ull << (SIGUSR2 - 1), usr1 = 1ull << (SIGUSR1 - 1), now = 0;
    struct sigaction action = {.sa_handler = looks_at_the_mask};
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    block_signal(SIGUSR1);
    raise(SIGUSR1);
    CHECK_ERRNO(EINTR, suspend_(&usr2, 8));
    CHECK_EQ(usr1 | usr2, in_handler);
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &now, 8);
    CHECK_EQ(usr1, now);
}

CASE(an_ignored_signal_does_not_end_it)
{
    uint64_t none = 0;
    signal(SIGUSR1, SIG_IGN);
    catch_signal(SIGALRM, 0);
    alarm_in_ms(20);
    pid_t me = getpid(), pid = forked();
    if (pid == 0)
        _exit(kill(me, SIGUSR1) != 0);
    CHECK_ERRNO(EINTR, suspend_(&none, 8));
    CHECK_EQ(SIGALRM, caught);
    CHECK_EQ(0, status_of(pid));
}

CASE(errors)
{
    uint64_t none = 0;
    CHECK_ERRNO(EINVAL, suspend_(&none, 4));
    CHECK_ERRNO(EINVAL, suspend_(BAD, 16));
    CHECK_ERRNO(EFAULT, suspend_(BAD, 8));
    CHECK_ERRNO(EFAULT, suspend_(at_edge(4), 8));
}
