#define _GNU_SOURCE
#include "unix_socket.h"

CASE(states)
{
    int on = -1;
    socklen_t size = sizeof on;
    int fd = listener(SOCK_STREAM, "s", 1);
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size));
    CHECK_EQ(1, on);
    CHECK_EQ(0, listen(fd, 7)); /* again, with another backlog */
    CHECK_EQ(0, events(fd));
    int client = connected(SOCK_STREAM, "s");
    CHECK_EQ(POLLIN, events(fd));
    CHECK_ERRNO(EINVAL, listen(client, 1));
    CHECK_ERRNO(EINVAL, read(fd, &on, 1));
    CHECK_ERRNO(ENOTCONN, write(fd, &on, 1));
    CHECK_ERRNO(EINVAL, connect_path(fd, "s"));
}

CASE(backlog_is_one_more)
{
    int fd = listener(SOCK_STREAM, "s", 1);
    int first = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int second = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int third = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_EQ(0, connect_path(first, "s"));
    CHECK_EQ(0, connect_path(second, "s"));
    CHECK_ERRNO(EAGAIN, connect_path(third, "s"));
    CHECK_EQ(0, listen(fd, 2));
    CHECK_EQ(0, connect_path(third, "s"));
}

CASE(negative_backlog_is_the_largest)
{
    int fd = listener(SOCK_STREAM, "s", -1);
    for (int at = 0; at < 20; at++)
        connected(SOCK_STREAM, "s");
    CHECK_EQ(POLLIN, events(fd));
}

CASE(seqpacket)
{
    int fd = listener(SOCK_SEQPACKET, "s", 0);
    CHECK_EQ(0, events(fd));
    connected(SOCK_SEQPACKET, "s");
    CHECK_EQ(POLLIN, events(fd));
}

CASE(errors)
{
    int ends[2], file = open("f", O_CREAT | O_RDWR, 0600);
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(EBADF, listen(99, 1));
    CHECK_ERRNO(ENOTSOCK, listen(file, 1));
    CHECK_ERRNO(EINVAL, listen(socket(AF_UNIX, SOCK_STREAM, 0), 1)); /* no address */
    CHECK_ERRNO(EOPNOTSUPP, listen(socket(AF_UNIX, SOCK_DGRAM, 0), 1));
    CHECK_EQ(0, bind_path(ends[0], "s"));
    CHECK_ERRNO(EINVAL, listen(ends[0], 1));
}

CASE(credentials_are_those_of_now)
{
    struct ucred who;
    socklen_t size = sizeof who;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), status;
    CHECK_EQ(0, bind_path(fd, "s"));
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(0, listen(fd, 1));
        _exit(0);
    }
    wait(&status);
    CHECK_EQ(0, status);
    int client = connected(SOCK_STREAM, "s");
    CHECK_EQ(0, getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &size));
    CHECK_EQ(geteuid(), who.uid);
    CHECK(who.pid != getpid());
}
