#define _GNU_SOURCE
#include "check.h"
#include "files.h"
#include <poll.h>
#include <sys/epoll.h>

CASE(an_empty_watcher)
{
    int ep = epoll_create1(0), other = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event got;
    CHECK_EQ(0, fcntl(ep, F_GETFD));
    CHECK_EQ(FD_CLOEXEC, fcntl(other, F_GETFD));
    CHECK_EQ(O_RDWR, fcntl(ep, F_GETFL));
    CHECK_EQ(0, epoll_wait(ep, &got, 1, 0));
    struct pollfd ready = {ep, POLLIN | POLLOUT, 0};
    CHECK_EQ(0, poll(&ready, 1, 0));
    char byte;
    CHECK_ERRNO(EINVAL, read(ep, &byte, 1));
    CHECK_ERRNO(EINVAL, write(ep, &byte, 1));
}

CASE(errors)
{
    int first = lowest_free();
    CHECK_ERRNO(EINVAL, epoll_create1(1));
    CHECK_ERRNO(EINVAL, epoll_create1(O_NONBLOCK));
    CHECK_EQ(first, lowest_free());
    no_more_descriptors();
    CHECK_ERRNO(EMFILE, epoll_create1(0));
    CHECK_ERRNO(EINVAL, epoll_create1(-1));
}
