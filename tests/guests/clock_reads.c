/* Reads clocks by the C library's functions only: time never goes back, and has the right size. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static long long now(clockid_t clock)
{
    struct timespec at;
    return clock_gettime(clock, &at) == 0 ? at.tv_sec * 1000000000LL + at.tv_nsec : -1;
}

int main(void)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                                       CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI};
    struct timeval day;
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++)
        for (long long before = now(clocks[i]), round = 0; round < 100; round++) {
            long long next = now(clocks[i]);
            if (before < 0 || next <= before)
                return 1;
            before = next;
        }
    if (gettimeofday(&day, NULL) != 0 || time(NULL) - day.tv_sec > 1)
        return 2;
    if (now(CLOCK_REALTIME) / 1000000000 - day.tv_sec > 1)
        return 3;
    puts("passed");
    return 0;
}
