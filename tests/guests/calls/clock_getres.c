#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include <sys/syscall.h>
#include <time.h>

static long resolution_ns(int clock)
{
    struct timespec got = {-1, -1};
    CHECK_EQ(0, syscall(SYS_clock_getres, clock, &got));
    return got.tv_sec * 1000000000l + got.tv_nsec;
}

CASE(fine_and_coarse_clocks)
{
    static const int fine[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI,
                               CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        CHECK_EQ(1, resolution_ns(fine[i]));
    long coarse = resolution_ns(CLOCK_REALTIME_COARSE);
    CHECK(coarse >= 1000000 && coarse <= 10000000); /* a tick of the kernel's */
    CHECK_EQ(coarse, resolution_ns(CLOCK_MONOTONIC_COARSE));
}

CASE(asking_whether_there_is_one)
{
    CHECK_EQ(0, syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL));
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_getres, 77, NULL));
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_getres, 10, NULL));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_getres, 77, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_clock_getres, CLOCK_MONOTONIC, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_clock_getres, CLOCK_REALTIME, at_edge(8)));
}
