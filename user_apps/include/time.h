/* Clocks. */
#ifndef TIME_H
#define TIME_H

#include <sys/types.h>

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};

struct tm {
    int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
};

int clock_gettime(clockid_t clock, struct timespec *now);
int nanosleep(const struct timespec *length, struct timespec *rest);
time_t time(time_t *now);
struct tm *gmtime_r(const time_t *time, struct tm *parts);

#endif
