#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"

static long sleep_(int clock, int flags, const struct timespec *time, struct timespec *left)
{
    return syscall(SYS_clock_nanosleep, clock, flags, time, left);
}

static long clock_ns(clockid_t clock)
{
    struct timespec now;
    CHECK_EQ(0, clock_gettime(clock, &now));
    return now.tv_sec * 1000000000l + now.tv_nsec;
}

static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI};

CASE(for_a_time)
{
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        long begun = clock_ns(clocks[i]);
        CHECK_EQ(0, sleep_(clocks[i], 0, &(struct timespec){0, 2000000}, BAD));
        CHECK(clock_ns(clocks[i]) - begun >= 2000000);
    }
}

CASE(until_a_time)
{
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        long until = clock_ns(clocks[i]) + 3000000;
        CHECK_EQ(0, sleep_(clocks[i], TIMER_ABSTIME, &(struct timespec){until / 1000000000, until % 1000000000}, BAD));
        CHECK(clock_ns(clocks[i]) >= until);
        CHECK_EQ(0, sleep_(clocks[i], TIMER_ABSTIME, &(struct timespec){0, 0}, NULL)); /* which was long ago */
    }
}

CASE(a_handler_ends_it)
{
    struct timespec left = {7, 7}, length = {100, 0};
    catch_signal(SIGALRM, SA_RESTART);
    alarm_in_ms(5);
    CHECK_ERRNO(EINTR, sleep_(CLOCK_MONOTONIC, 0, &length, &left));
    CHECK_EQ(99, left.tv_sec);
    long until = clock_ns(CLOCK_MONOTONIC) / 1000000000 + 100;
    alarm_in_ms(5);
    left.tv_sec = 7;
    CHECK_ERRNO(EINTR, sleep_(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){until, 0}, &left));
    CHECK_EQ(7, left.tv_sec); /* the rest of a time that is fixed need not be told */
    alarm_in_ms(5);
    CHECK_ERRNO(EFAULT, sleep_(CLOCK_REALTIME, 0, &length, BAD));
}

CASE(errors)
{
    struct timespec bad = {0, 1000000000}, good = {0, 1};
    CHECK_ERRNO(EINVAL, sleep_(77, 0, BAD, NULL));
    CHECK_ERRNO(EOPNOTSUPP, sleep_(CLOCK_THREAD_CPUTIME_ID, 0, BAD, NULL));
    CHECK_ERRNO(EOPNOTSUPP, sleep_(CLOCK_MONOTONIC_RAW, 0, &bad, NULL));
    CHECK_ERRNO(EOPNOTSUPP, sleep_(CLOCK_REALTIME_COARSE, 0, &good, NULL));
    CHECK_ERRNO(EOPNOTSUPP, sleep_(CLOCK_MONOTONIC_COARSE, 0, &good, NULL));
    CHECK_ERRNO(EFAULT, sleep_(CLOCK_MONOTONIC, 0, BAD, NULL));
    CHECK_ERRNO(EFAULT, sleep_(CLOCK_MONOTONIC, TIMER_ABSTIME, NULL, NULL));
    CHECK_ERRNO(EINVAL, sleep_(CLOCK_MONOTONIC, 0, &bad, NULL));
    CHECK_ERRNO(EINVAL, sleep_(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){-1, 0}, NULL));
}
