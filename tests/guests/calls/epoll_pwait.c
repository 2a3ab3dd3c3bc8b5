#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include "epoll.h"
#include <signal.h>
#include <time.h>

static struct epoll_event got[8];

CASE(level_and_edge)
{
    int ep = epoll_create1(0), p[2];
    char byte;
    CHECK_EQ(0, pipe(p) | add(ep, p[0], EPOLLIN));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(1, write(p[1], "x", 1));
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(1, epoll_wait(ep, got, 4, -1));
        CHECK_EQ(EPOLLIN, got[0].events);
        CHECK_EQ(p[0], got[0].data.u64);
    }
    CHECK_EQ(1, read(p[0], &byte, 1));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(0, control(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(1, write(p[1], "x", 1));
        CHECK_EQ(1, epoll_wait(ep, got, 4, 0)); /* once for each that comes */
        CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    }
    close(p[1]);
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(EPOLLIN | EPOLLHUP, got[0].events);
}

CASE(one_shot)
{
    int ep = epoll_create1(0), p[2];
    CHECK_EQ(0, pipe(p) | add(ep, p[0], EPOLLIN | EPOLLONESHOT));
    CHECK_EQ(1, write(p[1], "x", 1));
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(1, write(p[1], "y", 1));
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0));
    CHECK_EQ(0, control(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT));
    CHECK_EQ(1, epoll_wait(ep, got, 4, 0));
    close(p[1]);
    CHECK_EQ(0, epoll_wait(ep, got, 4, 0)); /* not even that the other end has gone */
}

CASE(nobody_is_left_out)
{
    int ep = epoll_create1(0), fds[5], seen = 0;
    for (int i = 0; i < 5; i++) {
        fds[i] = eventfd(1, 0);
        CHECK_EQ(0, add(ep, fds[i], EPOLLIN));
    }
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(2, epoll_wait(ep, got, 2, 0));
        for (int k = 0; k < 2; k++)
            seen |= 1 << (got[k].data.u64 - (uint64_t)fds[0]);
    }
    CHECK_EQ(31, seen);
    CHECK_EQ(5, epoll_wait(ep, got, 8, 0));
}

CASE(waits)
{
    int ep = epoll_create1(0), fd = eventfd(0, 0);
    uint64_t one = 1;
    struct timespec before, after, nap = {0, 2000000};
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_EQ(0, epoll_wait(ep, got, 2, 20));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec - before.tv_nsec >= 20000000);
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&nap, NULL);
        _exit(write(fd, &one, 8) != 8);
    }
    CHECK_EQ(1, epoll_wait(ep, got, 2, -1));
    waitpid(child, NULL, 0);
}

static void handler(int signo)
{
    (void)signo;
}

CASE(with_another_mask)
{
    int ep = epoll_create1(0);
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigset_t none, blocked, now;
    sigaction(SIGUSR1, &action, 0);
    sigemptyset(&none), sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, 0);
    raise(SIGUSR1);
    CHECK_EQ(0, epoll_pwait(ep, got, 2, 0, NULL));
    CHECK_ERRNO(EINTR, epoll_pwait(ep, got, 2, -1, &none)); /* whatever SA_RESTART says */
    sigprocmask(SIG_SETMASK, &none, &now);
    CHECK(sigismember(&now, SIGUSR1));
}

CASE(errors)
{
    int ep = epoll_create1(0), fd = eventfd(1, 0);
    uint64_t mask = 0;
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    CHECK_ERRNO(EINVAL, epoll_wait(ep, got, 0, 0));
    CHECK_ERRNO(EINVAL, epoll_wait(ep, got, -1, 0));
    CHECK_ERRNO(EINVAL, epoll_wait(ep, got, 0x7fffffff, 0));
    CHECK_ERRNO(EINVAL, epoll_wait(ep, BAD, 0, 0)); /* how many before where */
    CHECK_ERRNO(EFAULT, epoll_wait(ep, BAD, 1, 0));
    CHECK_ERRNO(EFAULT, epoll_wait(ep, (void *)readonly_page(), 1, 0));
    CHECK_ERRNO(EBADF, epoll_wait(99, got, 1, 0));
    CHECK_ERRNO(EINVAL, epoll_wait(fd, got, 1, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_epoll_pwait, ep, got, 2, 0, &mask, 4));
    CHECK_ERRNO(EINVAL, syscall(SYS_epoll_pwait, 99, BAD, 1, 0, BAD, 4));
    CHECK_ERRNO(EFAULT, syscall(SYS_epoll_pwait, 99, got, 0, 0, BAD, 8)); /* the mask first */
    CHECK_EQ(1, syscall(SYS_epoll_pwait, ep, got, 2, 0, NULL, 4)); /* without one the size is nothing */
}
