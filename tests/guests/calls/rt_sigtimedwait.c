#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include <stdint.h>

static uint64_t usr1 = 1ull << (SIGUSR1 - 1);
static siginfo_t info;
static const struct timespec no_time, short_time = {0, 5000000}, long_time = {5, 0};

static long wait_(const void *set, siginfo_t *at, const struct timespec *time, size_t size)
{
    return syscall(SYS_rt_sigtimedwait, set, at, time, size);
}

CASE(a_pending_one_is_taken)
{
    catch_signal(SIGUSR1, 0);
    block_signal(SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQ(SIGUSR1, wait_(&usr1, &info, &no_time, 8));
    CHECK(info.si_signo == SIGUSR1 && info.si_pid == getpid() && info.si_code == SI_TKILL);
    CHECK_EQ(0, is_pending(SIGUSR1));
    CHECK_EQ(0, times_caught);
    CHECK_ERRNO(EAGAIN, wait_(&usr1, &info, &no_time, 8));
    CHECK_ERRNO(EAGAIN, wait_(&usr1, &info, &short_time, 8));
}

CASE(the_lowest_first_and_real_time_ones_in_order)
{
    uint64_t all = ~0ull;
    union sigval value;
    block_signal(SIGRTMIN), block_signal(SIGRTMIN + 1), block_signal(SIGUSR2), block_signal(SIGUSR1);
    for (value.sival_int = 1; value.sival_int < 4; value.sival_int++)
        CHECK_EQ(0, sigqueue(getpid(), SIGRTMIN, value));
    CHECK_EQ(0, kill(getpid(), SIGRTMIN + 1));
    CHECK_EQ(0, kill(getpid(), SIGUSR2));
    CHECK_EQ(0, kill(getpid(), SIGUSR1));
    CHECK_EQ(SIGUSR1, wait_(&all, &info, NULL, 8));
    CHECK_EQ(SIGUSR2, wait_(&all, &info, NULL, 8));
    for (int i = 1; i < 4; i++) {
        CHECK_EQ(SIGRTMIN, wait_(&all, &info, NULL, 8));
        CHECK(info.si_value.sival_int == i && info.si_code == SI_QUEUE);
    }
    CHECK_EQ(SIGRTMIN + 1, wait_(&all, NULL, NULL, 8));
    CHECK_ERRNO(EAGAIN, wait_(&all, NULL, &no_time, 8));
}

CASE(it_waits)
{
    block_signal(SIGUSR1);
    pid_t me = getpid(), pid = forked();
    if (pid == 0) {
        pause_ms(10);
        _exit(kill(me, SIGUSR1) != 0);
    }
    CHECK_EQ(SIGUSR1, wait_(&usr1, &info, &long_time, 8));
    CHECK(info.si_pid == pid && info.si_code == SI_USER);
    CHECK_EQ(0, status_of(pid));
}

CASE(one_that_is_not_blocked)
{
    catch_signal(SIGUSR1, 0);
    pid_t me = getpid(), pid = forked();
    if (pid == 0) {
        pause_ms(10);
        _exit(kill(me, SIGUSR1) != 0);
    }
    CHECK_EQ(SIGUSR1, wait_(&usr1, &info, &long_time, 8)); /* taken from its handler */
    CHECK_EQ(0, times_caught);
    CHECK_EQ(0, status_of(pid));
    pid = forked();
    if (pid == 0) {
        signal(SIGUSR1, SIG_DFL);
        me = getpid();
        if (forked() == 0) {
            pause_ms(10);
            _exit(kill(me, SIGUSR1) != 0);
        }
        wait_(&usr1, &info, &long_time, 8);
        _exit(1);
    }
    CHECK_EQ(SIGUSR1, status_of(pid)); /* but not from an end by default */
    signal(SIGUSR1, SIG_IGN);
    me = getpid();
    pid = forked();
    if (pid == 0)
        _exit(kill(me, SIGUSR1) != 0);
    CHECK_ERRNO(EAGAIN, wait_(&usr1, &info, &(struct timespec){0, 20000000}, 8)); /* nor if it is ignored */
    CHECK_EQ(0, status_of(pid));
}

CASE(another_signal_interrupts)
{
    catch_signal(SIGALRM, SA_RESTART);
    block_signal(SIGUSR1);
    alarm_in_ms(5);
    CHECK_ERRNO(EINTR, wait_(&usr1, &info, &long_time, 8));
    CHECK_EQ(SIGALRM, caught);
}

CASE(errors)
{
    struct timespec bad = {0, 1000000000}, worse = {-1, 0};
    block_signal(SIGUSR1);
    raise(SIGUSR1);
    CHECK_ERRNO(EINVAL, wait_(BAD, NULL, NULL, 4));
    CHECK_ERRNO(EFAULT, wait_(BAD, NULL, BAD, 8));
    CHECK_ERRNO(EFAULT, wait_(&usr1, NULL, BAD, 8));
    CHECK_ERRNO(EINVAL, wait_(&usr1, BAD, &bad, 8)); /* though there is one */
    CHECK_ERRNO(EINVAL, wait_(&usr1, NULL, &worse, 8));
    CHECK_EQ(1, is_pending(SIGUSR1));
    CHECK_ERRNO(EFAULT, wait_(&usr1, BAD, NULL, 8));
    CHECK_EQ(0, is_pending(SIGUSR1)); /* it was taken all the same */
}
