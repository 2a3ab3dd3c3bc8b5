#define _GNU_SOURCE
#include "unix_socket.h"

static int get(int fd, int option)
{
    int value = -77;
    socklen_t size = sizeof value;
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, option, &value, &size));
    CHECK_EQ(sizeof value, size);
    return value;
}

static int set(int fd, int option, int value)
{
    return setsockopt(fd, SOL_SOCKET, option, &value, sizeof value);
}

CASE(switches)
{
    int options[] = {SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_PASSCRED};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    for (unsigned at = 0; at < sizeof options / sizeof *options; at++) {
        CHECK_EQ(0, get(fd, options[at]));
        CHECK_EQ(0, set(fd, options[at], 5));
        CHECK_EQ(1, get(fd, options[at]));
        CHECK_EQ(0, set(fd, options[at], 0));
        CHECK_EQ(0, get(fd, options[at]));
    }
}

CASE(buffers)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, set(fd, SO_SNDBUF, 10000));
    CHECK_EQ(20000, get(fd, SO_SNDBUF));
    CHECK_EQ(0, set(fd, SO_SNDBUF, 1));
    CHECK_EQ(4608, get(fd, SO_SNDBUF));
    CHECK_EQ(0, set(fd, SO_RCVBUF, 10000));
    CHECK_EQ(20000, get(fd, SO_RCVBUF));
    CHECK_EQ(0, set(fd, SO_RCVBUF, 0));
    CHECK_EQ(2304, get(fd, SO_RCVBUF));
    CHECK_EQ(0, set(fd, SO_SNDBUF, -1)); /* the largest */
    CHECK(get(fd, SO_SNDBUF) >= 2 * 212992);
}

CASE(a_small_buffer_is_full_soon)
{
    int ends[2], roomy[2];
    pair(SOCK_STREAM, ends);
    pair(SOCK_STREAM, roomy);
    CHECK_EQ(0, set(ends[0], SO_SNDBUF, 1));
    long small = fill(ends[0], 4096), large = fill(roomy[0], 4096);
    CHECK(small > 0 && 4 * small < large);
    CHECK_EQ(0, set(ends[0], SO_SNDBUF, 100000)); /* there is room again */
    CHECK(fill(ends[0], 4096) > 0);
}

CASE(forced_buffers)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (geteuid() == 0) {
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
    }
    CHECK_ERRNO(EPERM, set(fd, SO_SNDBUFFORCE, 10000));
    CHECK_ERRNO(EPERM, set(fd, SO_RCVBUFFORCE, 10000));
    CHECK_ERRNO(EACCES, set(fd, SO_DEBUG, 1));
    CHECK_EQ(0, set(fd, SO_DEBUG, 0));
}

CASE(times)
{
    struct timeval time = {3, 20000}, got, bad = {0, 1000000}, negative = {-1, 0};
    socklen_t size = sizeof got;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &got, &size));
    CHECK_EQ(sizeof got, size);
    CHECK_EQ(3, got.tv_sec);
    CHECK_EQ(20000, got.tv_usec);
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &got, &size));
    CHECK_EQ(0, got.tv_sec + got.tv_usec);
    CHECK_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bad, sizeof bad));
    CHECK_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, 8));
    CHECK_EQ(0, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &negative, sizeof negative));
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &got, &size));
    CHECK_EQ(0, got.tv_sec + got.tv_usec);
    int ends[2];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(0, setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &negative, sizeof negative));
    CHECK_ERRNO(EAGAIN, read(ends[0], &got, 1)); /* a negative time is no time */
}

CASE(linger)
{
    struct linger linger = {1, 5}, got = {-1, -1};
    socklen_t size = sizeof got;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &size));
    CHECK_EQ(1, got.l_onoff);
    CHECK_EQ(5, got.l_linger);
    CHECK_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 4));
}

CASE(low_water)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(1, get(fd, SO_RCVLOWAT));
    CHECK_EQ(0, set(fd, SO_RCVLOWAT, 0));
    CHECK_EQ(1, get(fd, SO_RCVLOWAT));
    CHECK_EQ(0, set(fd, SO_RCVLOWAT, -5));
    CHECK_EQ(0x7fffffff, get(fd, SO_RCVLOWAT));
    CHECK_EQ(1, get(fd, SO_SNDLOWAT));
    CHECK_ERRNO(ENOPROTOOPT, set(fd, SO_SNDLOWAT, 1));
}

CASE(errors)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), value = 1;
    CHECK_ERRNO(EBADF, set(99, SO_REUSEADDR, 1));
    CHECK_ERRNO(ENOTSOCK, set(open("f", O_CREAT | O_RDWR, 0600), SO_REUSEADDR, 1));
    CHECK_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 3));
    CHECK_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, -1));
    CHECK_ERRNO(EFAULT, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, NULL, 4));
    CHECK_ERRNO(EOPNOTSUPP, setsockopt(fd, 6, 1, &value, 4));
    CHECK_ERRNO(ENOPROTOOPT, set(fd, SO_TYPE, 1));
    CHECK_ERRNO(ENOPROTOOPT, set(fd, SO_DOMAIN, 1));
    CHECK_ERRNO(ENOPROTOOPT, set(fd, SO_ERROR, 1));
    CHECK_ERRNO(ENOPROTOOPT, set(fd, SO_ACCEPTCONN, 1));
    CHECK_ERRNO(ENOPROTOOPT, set(fd, 9999, 1));
}
