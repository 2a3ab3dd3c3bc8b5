#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include "epoll.h"
#include <signal.h>
#include <time.h>

static struct epoll_event got[8];

static long wait2(int ep, void *events, int limit, const void *timeout, const void *mask, size_t size)
{
    return syscall(SYS_epoll_pwait2, ep, events, limit, timeout, mask, size);
}

CASE(waits_to_the_nanosecond)
{
    int ep = epoll_create1(0), fd = eventfd(0, 0);
    uint64_t one = 1;
    struct timespec before, after, none = {0, 0}, some = {0, 2500000};
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    CHECK_EQ(0, wait2(ep, got, 2, &none, NULL, 8));
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_EQ(0, wait2(ep, got, 2, &some, NULL, 8));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec - before.tv_nsec >= 2500000);
    CHECK(some.tv_sec == 0 && some.tv_nsec == 2500000); /* which nobody writes to */
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&some, NULL);
        _exit(write(fd, &one, 8) != 8);
    }
    CHECK_EQ(1, wait2(ep, got, 2, NULL, NULL, 0));
    CHECK_EQ(fd, got[0].data.u64);
    waitpid(child, NULL, 0);
}

static void handler(int signo)
{
    (void)signo;
}

CASE(with_another_mask)
{
    int ep = epoll_create1(0);
    uint64_t none = 0;
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigset_t blocked;
    sigaction(SIGUSR1, &action, 0);
    sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, 0);
    raise(SIGUSR1);
    CHECK_ERRNO(EINTR, wait2(ep, got, 2, NULL, &none, 8));
}

CASE(errors)
{
    int ep = epoll_create1(0), fd = eventfd(1, 0);
    struct timespec none = {0, 0}, wrong = {0, 1000000000}, negative = {-1, 0};
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    CHECK_ERRNO(EINVAL, wait2(ep, got, 2, &wrong, NULL, 8));
    CHECK_ERRNO(EINVAL, wait2(ep, got, 2, &negative, NULL, 8));
    CHECK_ERRNO(EFAULT, wait2(ep, got, 2, BAD, NULL, 8));
    CHECK_ERRNO(EFAULT, wait2(99, BAD, 0, BAD, BAD, 4)); /* the time, the mask, and then the rest */
    CHECK_ERRNO(EINVAL, wait2(99, BAD, 0, &none, BAD, 4));
    CHECK_ERRNO(EFAULT, wait2(99, BAD, 0, &none, BAD, 8));
    CHECK_ERRNO(EINVAL, wait2(ep, BAD, 0, &none, NULL, 0));
    CHECK_ERRNO(EFAULT, wait2(ep, BAD, 1, &none, NULL, 0));
    CHECK_ERRNO(EBADF, wait2(99, got, 1, &none, NULL, 0));
    CHECK_ERRNO(EINVAL, wait2(fd, got, 1, &none, NULL, 0));
    CHECK_EQ(1, wait2(ep, got, 1, &none, NULL, 0));
}
