#define _GNU_SOURCE
#include "check.h"
#include "timers.h"

CASE(counts_down)
{
    struct setting first, second;
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 10000, 3000);
    CHECK_EQ(0, gettime(timer, &first));
    sleep_ms(10);
    CHECK_EQ(0, gettime(timer, &second));
    CHECK_EQ(3, second.interval.tv_sec);
    CHECK(nanoseconds(first.value) <= 10000 * MS);
    CHECK(nanoseconds(first.value) - nanoseconds(second.value) >= 10 * MS);
}

CASE(zero_before_and_after)
{
    struct setting left = {{9, 9}, {9, 9}};
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    CHECK_EQ(0, gettime(timer, &left));
    CHECK_EQ(0, nanoseconds(left.value) + nanoseconds(left.interval));
    arm_ms(timer, 1, 0);
    sleep_ms(10);
    CHECK_EQ(0, gettime(timer, &left)); /* the signal waits, the timer does not */
    CHECK_EQ(0, nanoseconds(left.value));
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 1000, &info));
}

CASE(within_the_period_while_the_signal_waits)
{
    struct setting left;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 1, 5000);
    sleep_ms(20);
    CHECK_EQ(0, gettime(timer, &left));
    CHECK(nanoseconds(left.value) > 4000 * MS && nanoseconds(left.value) <= 5000 * MS);
}

CASE(errors)
{
    struct setting left;
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    CHECK_ERRNO(EINVAL, gettime(timer + 1, &left));
    CHECK_ERRNO(EINVAL, gettime(-1, BAD));
    CHECK_ERRNO(EFAULT, gettime(timer, BAD));
    CHECK_ERRNO(EFAULT, gettime(timer, NULL));
}
