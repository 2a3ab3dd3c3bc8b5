#define _GNU_SOURCE
#include "check.h"
#include "files.h"
#include <poll.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

#ifndef CLOCK_REALTIME_ALARM
#define CLOCK_REALTIME_ALARM 8
#define CLOCK_BOOTTIME_ALARM 9
#endif

CASE(a_timer_that_is_not_armed)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    uint64_t ticks;
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(O_RDWR | O_NONBLOCK, fcntl(fd, F_GETFL));
    CHECK_ERRNO(EAGAIN, read(fd, &ticks, 8));
    CHECK_ERRNO(EINVAL, read(fd, &ticks, 7));
    CHECK_ERRNO(EINVAL, write(fd, &ticks, 8));
    struct pollfd ready = {fd, POLLIN | POLLOUT, 0};
    CHECK_EQ(0, poll(&ready, 1, 0));
    CHECK_EQ(0, fcntl(timerfd_create(CLOCK_REALTIME, 0), F_GETFD));
    CHECK(timerfd_create(CLOCK_BOOTTIME, 0) >= 0);
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, timerfd_create(99, 0));
    CHECK_ERRNO(EINVAL, timerfd_create(-1, 0));
    CHECK_ERRNO(EINVAL, timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    CHECK_ERRNO(EINVAL, timerfd_create(CLOCK_MONOTONIC_COARSE, 0));
    CHECK_ERRNO(EINVAL, timerfd_create(CLOCK_MONOTONIC, 1));
    as_ordinary_user();
    CHECK_ERRNO(EPERM, timerfd_create(CLOCK_REALTIME_ALARM, 0)); /* who may wake the machine */
    CHECK_ERRNO(EPERM, timerfd_create(CLOCK_BOOTTIME_ALARM, 0));
    CHECK_ERRNO(EINVAL, timerfd_create(CLOCK_BOOTTIME_ALARM, 1));
    no_more_descriptors();
    CHECK_ERRNO(EMFILE, timerfd_create(CLOCK_MONOTONIC, 0));
}
