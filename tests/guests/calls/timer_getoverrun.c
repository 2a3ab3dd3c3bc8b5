#define _GNU_SOURCE
#include "check.h"
#include "timers.h"

static long overrun(int timer)
{
    return syscall(SYS_timer_getoverrun, timer);
}

CASE(counts_what_the_signal_stands_for)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 2, 2);
    CHECK_EQ(0, overrun(timer));
    sleep_ms(41);
    CHECK_EQ(0, overrun(timer)); /* of the signal taken last, and none was */
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 1000, &info));
    CHECK(info.si_overrun >= 18);
    CHECK_EQ(info.si_overrun, overrun(timer));
}

CASE(setting_it_anew_forgets)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 1, 1);
    sleep_ms(20);
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 1000, &info));
    CHECK(overrun(timer) > 0);
    arm_ms(timer, 10000, 0);
    CHECK_EQ(0, overrun(timer));
}

CASE(a_blocked_handler)
{
    catch_signal(SIGRTMIN + 2);
    block_signal(SIGRTMIN + 2);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 2);
    arm_ms(timer, 50, 50);
    sleep_ms(220);
    CHECK_EQ(0, times_caught);
    unblock_signal(SIGRTMIN + 2);
    CHECK(times_caught >= 1); /* one in spite of the queue of a real-time signal */
    CHECK(times_caught <= 3);
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, overrun(0));
    CHECK_ERRNO(EINVAL, overrun(-1));
}
