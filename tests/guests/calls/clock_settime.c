#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "credentials.h"
#include <time.h>

static long set_(int clock, const void *time)
{
    return syscall(SYS_clock_settime, clock, time);
}

/* As an ordinary user: nobody's clock is to be changed by a test. */
CASE(an_ordinary_user_may_not)
{
    struct timespec now, after;
    become_user();
    drop_capabilities();
    CHECK_EQ(0, clock_gettime(CLOCK_REALTIME, &now));
    now.tv_sec += 1000000;
    CHECK_ERRNO(EPERM, set_(CLOCK_REALTIME, &now));
    CHECK_EQ(0, clock_gettime(CLOCK_REALTIME, &after));
    CHECK(after.tv_sec < now.tv_sec);
}

CASE(clocks_that_cannot_be_set)
{
    become_user();
    drop_capabilities();
    CHECK_ERRNO(EINVAL, set_(CLOCK_MONOTONIC, BAD));
    CHECK_ERRNO(EINVAL, set_(CLOCK_BOOTTIME, BAD));
    CHECK_ERRNO(EINVAL, set_(CLOCK_REALTIME_COARSE, BAD));
    CHECK_ERRNO(EINVAL, set_(CLOCK_PROCESS_CPUTIME_ID, BAD));
    CHECK_ERRNO(EINVAL, set_(77, BAD));
}

CASE(the_time_comes_before_who_may)
{
    become_user();
    drop_capabilities();
    CHECK_ERRNO(EFAULT, set_(CLOCK_REALTIME, BAD));
    CHECK_ERRNO(EFAULT, set_(CLOCK_REALTIME, at_edge(8)));
    CHECK_ERRNO(EINVAL, set_(CLOCK_REALTIME, &(struct timespec){0, 1000000000}));
    CHECK_ERRNO(EINVAL, set_(CLOCK_REALTIME, &(struct timespec){0, -1}));
    CHECK_ERRNO(EINVAL, set_(CLOCK_REALTIME, &(struct timespec){-1, 0}));
}
