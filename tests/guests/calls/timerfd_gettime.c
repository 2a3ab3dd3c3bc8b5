#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>

CASE(what_is_left)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec set = {{3, 500000000}, {100, 5}}, got = {{1, 1}, {1, 1}};
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK_EQ(0, got.it_value.tv_sec + got.it_value.tv_nsec + got.it_interval.tv_sec + got.it_interval.tv_nsec);
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, NULL));
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK(got.it_value.tv_sec >= 90 && got.it_value.tv_sec <= 100);
    CHECK(got.it_interval.tv_sec == 3 && got.it_interval.tv_nsec == 500000000);
}

CASE(after_it_expired)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec once = {{0, 0}, {0, 1000}}, often = {{0, 50000000}, {0, 1000}}, got;
    uint64_t ticks;
    CHECK_EQ(0, timerfd_settime(fd, 0, &once, NULL));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK_EQ(0, got.it_value.tv_sec + got.it_value.tv_nsec);
    CHECK_EQ(0, timerfd_settime(fd, 0, &often, NULL));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK(got.it_value.tv_sec == 0 && got.it_value.tv_nsec > 0 && got.it_value.tv_nsec <= 50000000);
}

CASE(errors)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec got;
    CHECK_ERRNO(EBADF, timerfd_gettime(99, &got));
    CHECK_ERRNO(EBADF, timerfd_gettime(99, BAD));
    CHECK_ERRNO(EINVAL, timerfd_gettime(eventfd(0, 0), BAD));
    CHECK_ERRNO(EFAULT, timerfd_gettime(fd, BAD));
    CHECK_ERRNO(EFAULT, timerfd_gettime(fd, NULL));
    CHECK_ERRNO(EFAULT, timerfd_gettime(fd, (void *)readonly_page()));
    CHECK_ERRNO(EFAULT, timerfd_gettime(fd, (void *)at_edge(31)));
}
