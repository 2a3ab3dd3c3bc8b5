#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>

static uint64_t ticks;

CASE(once)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec set = {{0, 0}, {0, 2000000}};
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, NULL));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK_EQ(1, ticks);
    struct pollfd ready = {fd, POLLIN, 0};
    CHECK_EQ(0, poll(&ready, 1, 5));
}

CASE(again_and_again)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec set = {{0, 2000000}, {0, 5000000}}, old;
    struct timespec nap = {0, 9000000};
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, NULL));
    struct pollfd ready = {fd, POLLIN, 0};
    CHECK_EQ(1, poll(&ready, 1, -1));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK(ticks >= 1);
    nanosleep(&nap, NULL);
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK(ticks >= 4);
    CHECK_EQ(8, read(fd, &ticks, 8));
    set.it_value.tv_nsec = 0; /* which disarms it, whatever the period */
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, &old));
    CHECK_EQ(2000000, old.it_interval.tv_nsec);
    CHECK(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 2000000);
    CHECK_EQ(0, poll(&ready, 1, 5));
}

CASE(setting_drops_what_was_not_read)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec soon = {{0, 0}, {0, 1}}, later = {{0, 0}, {100, 0}};
    struct pollfd ready = {fd, POLLIN, 0};
    CHECK_EQ(0, timerfd_settime(fd, 0, &soon, NULL));
    CHECK_EQ(1, poll(&ready, 1, -1));
    CHECK_EQ(0, timerfd_settime(fd, 0, &later, NULL));
    CHECK_ERRNO(EAGAIN, read(fd, &ticks, 8));
}

CASE(at_a_time)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct itimerspec set = {{0, 0}, {now.tv_sec, now.tv_nsec}}, got;
    CHECK_EQ(0, timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, NULL));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK_EQ(1, ticks);
    fd = timerfd_create(CLOCK_REALTIME, 0);
    clock_gettime(CLOCK_REALTIME, &now);
    set = (struct itimerspec){{0, 0}, {now.tv_sec + 100, now.tv_nsec}};
    CHECK_EQ(0, timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &set, NULL));
    CHECK_EQ(0, timerfd_gettime(fd, &got));
    CHECK(got.it_value.tv_sec >= 90 && got.it_value.tv_sec <= 100);
    set.it_value = (struct timespec){0, 1}; /* long ago */
    CHECK_EQ(0, timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, NULL));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK_EQ(1, ticks);
}

CASE(far_away_and_very_often)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec set = {{0, 1}, {0, 1}}, never = {{0, 0}, {0x7fffffffffffffffl, 999999999}};
    CHECK_EQ(0, timerfd_settime(fd, 0, &never, NULL));
    struct pollfd ready = {fd, POLLIN, 0};
    CHECK_EQ(0, poll(&ready, 1, 0));
    CHECK_EQ(0, timerfd_settime(fd, 0, &set, NULL));
    CHECK_EQ(8, read(fd, &ticks, 8));
    CHECK(ticks >= 1);
}

CASE(errors)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0), other = eventfd(0, 0);
    struct itimerspec set = {{0, 0}, {0, 1000000000}};
    CHECK_ERRNO(EINVAL, timerfd_settime(fd, 0, &set, NULL));
    set.it_value.tv_nsec = -1;
    CHECK_ERRNO(EINVAL, timerfd_settime(fd, 0, &set, NULL));
    set = (struct itimerspec){{0, 0}, {-1, 0}};
    CHECK_ERRNO(EINVAL, timerfd_settime(fd, 0, &set, NULL));
    set = (struct itimerspec){{0, 1000000000}, {1, 0}};
    CHECK_ERRNO(EINVAL, timerfd_settime(fd, 0, &set, NULL));
    CHECK_ERRNO(EINVAL, timerfd_settime(99, 0, &set, NULL)); /* times and flags before the number */
    set = (struct itimerspec){{0, 0}, {0, 0}};
    CHECK_ERRNO(EINVAL, timerfd_settime(99, 8, &set, NULL));
    CHECK_ERRNO(EBADF, timerfd_settime(99, 0, &set, NULL));
    CHECK_ERRNO(EINVAL, timerfd_settime(other, 0, &set, NULL));
    CHECK_ERRNO(EFAULT, timerfd_settime(99, 8, BAD, NULL)); /* and their address before that */
    CHECK_ERRNO(EFAULT, timerfd_settime(fd, 0, NULL, NULL));
    set.it_value.tv_sec = 100;
    CHECK_ERRNO(EFAULT, timerfd_settime(fd, 0, &set, (void *)readonly_page()));
    CHECK_EQ(0, timerfd_gettime(fd, &set));
    CHECK(set.it_value.tv_sec >= 90); /* it runs all the same */
}
