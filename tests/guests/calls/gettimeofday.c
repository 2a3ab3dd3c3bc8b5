#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include <sys/time.h>

CASE(the_time_of_the_clock)
{
    struct timespec before, after;
    struct timeval now = {-1, -1};
    CHECK_EQ(0, clock_gettime(CLOCK_REALTIME, &before));
    CHECK_EQ(0, syscall(SYS_gettimeofday, &now, NULL));
    CHECK_EQ(0, clock_gettime(CLOCK_REALTIME, &after));
    CHECK(now.tv_usec >= 0 && now.tv_usec < 1000000);
    long us = now.tv_sec * 1000000l + now.tv_usec;
    CHECK(us >= before.tv_sec * 1000000l + before.tv_nsec / 1000 && us <= after.tv_sec * 1000000l + after.tv_nsec / 1000);
}

CASE(the_zone)
{
    int zone[2] = {77777, 77777};
    CHECK_EQ(0, syscall(SYS_gettimeofday, NULL, zone));
    CHECK(zone[0] > -1440 && zone[0] < 1440 && zone[1] != 77777);
    CHECK_EQ(0, syscall(SYS_gettimeofday, NULL, NULL));
}

CASE(errors)
{
    struct timeval now = {-1, -1};
    int zone[2] = {77, 77};
    CHECK_ERRNO(EFAULT, syscall(SYS_gettimeofday, BAD, zone));
    CHECK_EQ(77, zone[0]);
    CHECK_ERRNO(EFAULT, syscall(SYS_gettimeofday, &now, BAD));
    CHECK(now.tv_sec > 0); /* the time goes first */
    CHECK_ERRNO(EFAULT, syscall(SYS_gettimeofday, at_edge(8), NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_gettimeofday, readonly_page(), NULL));
}
