/* What the tests of AF_UNIX sockets share. */
#ifndef UNIX_SOCKET_H
#define UNIX_SOCKET_H

#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define HEAD offsetof(struct sockaddr_un, sun_path)
#define MAYBE static __attribute__((unused))

MAYBE struct sockaddr_un at_path(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    return address;
}

/* An abstract name that no other process uses; its length goes to *length. */
MAYBE struct sockaddr_un abstract(const char *name, socklen_t *length)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *length = HEAD + 1 + sprintf(address.sun_path + 1, "rvsim-test-%d-%s", getpid(), name);
    return address;
}

MAYBE int bind_path(int fd, const char *path)
{
    struct sockaddr_un address = at_path(path);
    return bind(fd, (void *)&address, sizeof address);
}

MAYBE int connect_path(int fd, const char *path)
{
    struct sockaddr_un address = at_path(path);
    return connect(fd, (void *)&address, sizeof address);
}

MAYBE int listener(int kind, const char *path, int backlog)
{
    int fd = socket(AF_UNIX, kind, 0);
    CHECK(fd >= 0);
    CHECK_EQ(0, bind_path(fd, path));
    CHECK_EQ(0, listen(fd, backlog));
    return fd;
}

MAYBE int connected(int kind, const char *path)
{
    int fd = socket(AF_UNIX, kind, 0);
    CHECK(fd >= 0);
    CHECK_EQ(0, connect_path(fd, path));
    return fd;
}

MAYBE int events(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI};
    CHECK(poll(&one, 1, 0) >= 0);
    return one.revents;
}

MAYBE void pair(int kind, int fds[2])
{
    CHECK_EQ(0, socketpair(AF_UNIX, kind, 0, fds));
}

MAYBE void sleep_ms(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

MAYBE void timeout_ms(int fd, int option, int ms)
{
    struct timeval time = {ms / 1000, ms % 1000 * 1000};
    CHECK_EQ(0, setsockopt(fd, SOL_SOCKET, option, &time, sizeof time));
}

/* Write until there is no room; returns how many bytes went. */
MAYBE long fill(int fd, size_t piece)
{
    static char data[65536];
    long total = 0, count;
    while ((count = send(fd, data, piece, MSG_DONTWAIT)) > 0)
        total += count;
    CHECK_EQ(EAGAIN, errno);
    return total;
}

MAYBE volatile int caught;

MAYBE void note_signal(int signo)
{
    caught = signo;
}

MAYBE void catch_signal(int signo, int flags)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = flags};
    caught = 0;
    sigaction(signo, &action, NULL);
}

#endif
