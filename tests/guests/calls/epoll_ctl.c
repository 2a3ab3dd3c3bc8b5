#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include "epoll.h"
#include <poll.h>

static struct epoll_event got[8];

CASE(adds_changes_and_deletes)
{
    int ep = epoll_create1(0), fd = eventfd(0, 0);
    struct epoll_event event = {.events = EPOLLOUT};
    event.data.u64 = 0x123456789abcdef0;
    CHECK_EQ(0, add(ep, fd, EPOLLIN | EPOLLOUT));
    CHECK_EQ(1, epoll_wait(ep, got, 2, 0));
    CHECK_EQ(EPOLLOUT, got[0].events);
    CHECK_EQ(fd, got[0].data.u64);
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, fd, &event));
    CHECK_EQ(1, epoll_wait(ep, got, 2, 0));
    CHECK_EQ(0x123456789abcdef0, got[0].data.u64);
    CHECK_EQ(0, control(ep, EPOLL_CTL_MOD, fd, EPOLLIN));
    CHECK_EQ(0, epoll_wait(ep, got, 2, 0));
    CHECK_EQ(0, control(ep, EPOLL_CTL_MOD, fd, EPOLLOUT));
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL)); /* for which there need be no event */
    CHECK_EQ(0, epoll_wait(ep, got, 2, 0));
    CHECK_EQ(0, add(ep, fd, EPOLLOUT));
}

CASE(a_number_and_its_file)
{
    int ep = epoll_create1(0), fd = eventfd(1, 0), other = dup(fd);
    CHECK_EQ(0, add(ep, fd, EPOLLIN) | add(ep, other, EPOLLIN)); /* two numbers of one file are two */
    CHECK_EQ(2, epoll_wait(ep, got, 8, 0));
    close(fd);
    CHECK_EQ(2, epoll_wait(ep, got, 8, 0)); /* the file is still open */
    CHECK_ERRNO(EBADF, epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL));
    CHECK_EQ(fd, eventfd(1, 0));
    CHECK_ERRNO(ENOENT, epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL)); /* the same number, another file */
    close(other);
    CHECK_EQ(0, epoll_wait(ep, got, 8, 0));
}

CASE(nests)
{
    int a = epoll_create1(0), b = epoll_create1(0), fd = eventfd(0, 0);
    uint64_t one = 1;
    CHECK_EQ(0, add(a, b, EPOLLIN) | add(b, fd, EPOLLIN));
    CHECK_ERRNO(ELOOP, add(b, a, EPOLLIN));
    CHECK_EQ(0, epoll_wait(a, got, 2, 0));
    CHECK_EQ(8, write(fd, &one, 8));
    CHECK_EQ(1, epoll_wait(a, got, 2, 0));
    CHECK_EQ(b, got[0].data.u64);
    struct pollfd ready = {a, POLLIN, 0};
    CHECK_EQ(1, poll(&ready, 1, 0));
    CHECK_EQ(8, read(fd, &one, 8));
    CHECK_EQ(0, epoll_wait(a, got, 2, 0));
    CHECK_EQ(0, poll(&ready, 1, 0));
    int below = epoll_create1(0);
    for (int i = 1; i < 8; i++) {
        int above = epoll_create1(0);
        CHECK_EQ(i == 5 ? -1 : 0, add(above, below, EPOLLIN)); /* EP_MAX_NESTS */
        below = above;
    }
}

CASE(one_waiter_is_enough)
{
    int ep = epoll_create1(0), fd = eventfd(0, 0), nested = epoll_create1(0);
    CHECK_EQ(0, add(ep, fd, EPOLLIN | EPOLLEXCLUSIVE));
    CHECK_ERRNO(EINVAL, control(ep, EPOLL_CTL_MOD, fd, EPOLLIN));
    CHECK_EQ(0, epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL));
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    CHECK_ERRNO(EINVAL, control(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLEXCLUSIVE));
    CHECK_ERRNO(EINVAL, add(ep, eventfd(0, 0), EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
    CHECK_ERRNO(EINVAL, add(ep, nested, EPOLLIN | EPOLLEXCLUSIVE));
}

CASE(errors)
{
    int ep = epoll_create1(0), fd = eventfd(0, 0), file = file_of("f", "");
    struct epoll_event event = {.events = EPOLLIN};
    CHECK_ERRNO(EPERM, add(ep, file, EPOLLIN)); /* a file is always ready */
    CHECK_ERRNO(EPERM, add(ep, open(".", O_RDONLY), EPOLLIN));
    CHECK_ERRNO(EPERM, epoll_ctl(ep, EPOLL_CTL_DEL, file, NULL));
    CHECK_ERRNO(EPERM, add(fd, file, EPOLLIN)); /* which comes before what the first is */
    CHECK_ERRNO(EPERM, epoll_ctl(ep, 9, file, &event));
    CHECK_ERRNO(EBADF, add(ep, 99, EPOLLIN));
    CHECK_ERRNO(EBADF, add(-1, fd, EPOLLIN));
    CHECK_ERRNO(EBADF, add(99, file, EPOLLIN));
    CHECK_ERRNO(EINVAL, add(fd, ep, EPOLLIN));
    CHECK_ERRNO(EINVAL, add(ep, ep, EPOLLIN));
    CHECK_ERRNO(EINVAL, epoll_ctl(ep, 9, fd, &event));
    CHECK_ERRNO(EINVAL, epoll_ctl(ep, 0, fd, &event));
    CHECK_ERRNO(EFAULT, epoll_ctl(ep, EPOLL_CTL_ADD, fd, BAD));
    CHECK_ERRNO(EFAULT, epoll_ctl(99, EPOLL_CTL_ADD, 99, NULL)); /* the event first */
    CHECK_ERRNO(EFAULT, epoll_ctl(99, 9, 99, NULL));
    CHECK_ERRNO(EFAULT, epoll_ctl(ep, EPOLL_CTL_ADD, fd, (void *)at_edge(8)));
    CHECK_ERRNO(ENOENT, epoll_ctl(ep, EPOLL_CTL_DEL, fd, BAD));
    CHECK_ERRNO(ENOENT, control(ep, EPOLL_CTL_MOD, fd, EPOLLIN));
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    CHECK_ERRNO(EEXIST, add(ep, fd, EPOLLOUT));
    CHECK_EQ(0, epoll_wait(ep, got, 1, 0));
}
