/* What the benchmarks share: each prints its name and the nanoseconds of the monotonic clock that its work took. */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* How often a compute benchmark does its work: enough that the start of the process hardly counts. */
enum { REPEATS = 5 };

static inline long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000L + now.tv_nsec;
}

/* Print the line of a benchmark that began at `start`; returns 0, for main to return. */
static inline int report(const char *name, long start)
{
    printf("%s %ld\n", name, now_ns() - start);
    return 0;
}

/* End a benchmark whose result is wrong. */
static inline void require(int condition, const char *what)
{
    if (!condition) {
        dprintf(2, "benchmark failed: %s\n", what);
        exit(1);
    }
}

#endif
