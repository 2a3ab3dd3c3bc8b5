#define _GNU_SOURCE
#include "unix_socket.h"

CASE(half_close)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_EQ(0, shutdown(ends[0], SHUT_WR));
    CHECK_EQ(3, read(ends[1], data, 8));
    CHECK_EQ(0, read(ends[1], data, 8));
    CHECK_EQ(POLLIN | POLLRDHUP | POLLOUT, events(ends[1]));
    CHECK_EQ(2, write(ends[1], "ok", 2)); /* the other way is open */
    CHECK_EQ(2, read(ends[0], data, 8));
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(EPIPE, write(ends[0], "x", 1));
    CHECK_EQ(POLLOUT, events(ends[0]));
}

CASE(no_more_reading)
{
    int ends[2];
    char data[8];
    pair(SOCK_STREAM, ends);
    signal(SIGPIPE, SIG_IGN);
    CHECK_EQ(3, write(ends[0], "abc", 3));
    CHECK_EQ(0, shutdown(ends[1], SHUT_RD));
    CHECK_EQ(3, read(ends[1], data, 8)); /* what came is there */
    CHECK_EQ(0, read(ends[1], data, 8));
    CHECK_ERRNO(EPIPE, write(ends[0], "x", 1));
    CHECK_EQ(2, write(ends[1], "ok", 2));
}

CASE(both)
{
    int kinds[] = {SOCK_STREAM, SOCK_SEQPACKET};
    signal(SIGPIPE, SIG_IGN);
    for (int at = 0; at < 2; at++) {
        int ends[2];
        char data[8];
        pair(kinds[at], ends);
        CHECK_EQ(0, shutdown(ends[0], SHUT_RDWR));
        CHECK_EQ(POLLIN | POLLRDHUP | POLLHUP | POLLOUT, events(ends[0]));
        CHECK_EQ(POLLIN | POLLRDHUP | POLLHUP | POLLOUT, events(ends[1]));
        CHECK_EQ(0, read(ends[1], data, 8));
        CHECK_ERRNO(EPIPE, write(ends[1], "x", 1));
        CHECK_ERRNO(EPIPE, write(ends[0], "x", 1));
    }
}

CASE(datagrams)
{
    int ends[2];
    char data[8];
    pair(SOCK_DGRAM, ends);
    CHECK_EQ(0, shutdown(ends[0], SHUT_RD)); /* the peer is not told, but cannot send */
    CHECK_EQ(POLLOUT, events(ends[1]));
    CHECK_ERRNO(EPIPE, write(ends[1], "x", 1));
    CHECK_EQ(0, read(ends[0], data, 8));
    CHECK_ERRNO(EAGAIN, recv(ends[0], data, 8, MSG_DONTWAIT));
    CHECK_EQ(1, write(ends[0], "x", 1));
    CHECK_EQ(0, shutdown(ends[0], SHUT_WR));
    CHECK_ERRNO(EPIPE, write(ends[0], "x", 1));
}

CASE(wakes_a_reader)
{
    int ends[2], status;
    char byte;
    pair(SOCK_STREAM, ends);
    if (fork() == 0) {
        CHECK_EQ(0, read(ends[1], &byte, 1));
        _exit(0);
    }
    sleep_ms(30);
    CHECK_EQ(0, shutdown(ends[0], SHUT_WR));
    wait(&status);
    CHECK_EQ(0, status);
}

CASE(unconnected)
{
    char byte;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, shutdown(fd, SHUT_RD));
    CHECK_ERRNO(EINVAL, read(fd, &byte, 1));
    CHECK_EQ(POLLIN | POLLRDHUP | POLLHUP | POLLOUT, events(fd));
}

CASE(errors)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_ERRNO(EBADF, shutdown(99, SHUT_RD));
    CHECK_ERRNO(ENOTSOCK, shutdown(open("f", O_CREAT | O_RDWR, 0600), SHUT_RD));
    CHECK_ERRNO(EINVAL, shutdown(fd, 3));
    CHECK_ERRNO(EINVAL, shutdown(fd, -1));
}
