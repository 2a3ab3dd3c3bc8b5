#define _GNU_SOURCE
#include "check.h"
#include "timers.h"

CASE(once)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    long long before = now_ns(CLOCK_MONOTONIC);
    arm_ms(timer, 20, 0);
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 5000, &info));
    CHECK(now_ns(CLOCK_MONOTONIC) - before >= 20 * MS);
    CHECK_ERRNO(EAGAIN, take_signal(SIGUSR1, 30, &info));
}

CASE(periodic_with_a_handler)
{
    catch_signal(SIGUSR2);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2);
    arm_ms(timer, 5, 5);
    while (times_caught < 5)
        sleep_ms(1);
    CHECK_EQ(SI_TIMER, last_info.si_code);
}

CASE(until_a_time)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1);
    long long end = now_ns(CLOCK_REALTIME) + 20 * MS;
    struct setting setting = {{0, 0}, {end / 1000000000, end % 1000000000}};
    CHECK_EQ(0, settime(timer, TIMER_ABSTIME, &setting, NULL));
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 5000, &info));
    CHECK(now_ns(CLOCK_REALTIME) >= end);
    CHECK_EQ(0, settime(timer, TIMER_ABSTIME, &setting, NULL)); /* in the past */
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 5000, &info));
}

CASE(tells_what_was_set)
{
    struct setting old = {{9, 9}, {9, 9}};
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    struct setting setting = {{7, 5}, {100, 0}};
    CHECK_EQ(0, settime(timer, 0, &setting, &old));
    CHECK_EQ(0, nanoseconds(old.interval) + nanoseconds(old.value));
    CHECK_EQ(0, settime(timer, 0, &setting, &old));
    CHECK_EQ(7, old.interval.tv_sec);
    CHECK_EQ(5, old.interval.tv_nsec);
    CHECK(old.value.tv_sec >= 98 && old.value.tv_sec <= 100);
}

CASE(zero_disarms)
{
    siginfo_t info;
    struct setting none = {{3, 0}, {0, 0}}, left = {{9, 9}, {9, 9}};
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 150, 150);
    CHECK_EQ(0, settime(timer, 0, &none, NULL));
    CHECK_ERRNO(EAGAIN, take_signal(SIGUSR1, 250, &info));
    CHECK_EQ(0, gettime(timer, &left));
    CHECK_EQ(0, nanoseconds(left.value));
}

CASE(an_ignored_signal_does_not_stop_a_period)
{
    siginfo_t info;
    signal(SIGUSR1, SIG_IGN);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 1, 1);
    sleep_ms(30);
    catch_signal(SIGUSR1);
    block_signal(SIGUSR1);
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 5000, &info));
    CHECK_EQ(timer, info.si_timerid);
}

CASE(errors)
{
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    struct setting good = {{0, 0}, {1000, 0}}, bad = {{0, 0}, {1, 1000000000}}, old;
    CHECK_ERRNO(EINVAL, settime(timer, 0, NULL, &old));
    CHECK_ERRNO(EFAULT, settime(99, 0, BAD, &old));
    CHECK_ERRNO(EINVAL, settime(99, 0, &good, &old));
    CHECK_ERRNO(EINVAL, settime(timer, 0, &bad, &old));
    bad = (struct setting){{0, 0}, {-1, 0}};
    CHECK_ERRNO(EINVAL, settime(timer, 0, &bad, &old));
    bad = (struct setting){{0, -1}, {1, 0}};
    CHECK_ERRNO(EINVAL, settime(timer, 0, &bad, &old));
    CHECK_ERRNO(EFAULT, settime(timer, 0, &good, BAD)); /* it is set all the same */
    CHECK_EQ(0, gettime(timer, &old));
    CHECK(old.value.tv_sec >= 998);
}
