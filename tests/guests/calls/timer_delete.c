#define _GNU_SOURCE
#include "check.h"
#include "timers.h"

CASE(no_more_signals)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 150, 150);
    CHECK_EQ(0, syscall(SYS_timer_delete, timer));
    CHECK_ERRNO(EAGAIN, take_signal(SIGUSR1, 250, &info));
}

CASE(from_its_own_handler)
{
    catch_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 1, 1);
    while (!times_caught)
        sleep_ms(1);
    CHECK_EQ(0, syscall(SYS_timer_delete, timer));
    int so_far = times_caught;
    sleep_ms(20);
    CHECK(times_caught <= so_far + 1);
}

CASE(many)
{
    int timers[200];
    for (int at = 0; at < 200; at++)
        timers[at] = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    for (int at = 0; at < 200; at++)
        arm_ms(timers[at], 100000, 1);
    for (int at = 0; at < 200; at++)
        CHECK_EQ(0, syscall(SYS_timer_delete, timers[at]));
}

CASE(errors)
{
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_NONE, 0);
    CHECK_EQ(0, syscall(SYS_timer_delete, timer));
    CHECK_ERRNO(EINVAL, syscall(SYS_timer_delete, timer));
    CHECK_ERRNO(EINVAL, syscall(SYS_timer_delete, -1));
}
