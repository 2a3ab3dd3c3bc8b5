#define _GNU_SOURCE
#include "unix_socket.h"
#include <grp.h>
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

static int get(int fd, int option)
{
    int value = -77;
    socklen_t size = sizeof value;
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, option, &value, &size));
    return value;
}

CASE(facts)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CHECK_EQ(SOCK_SEQPACKET, get(fd, SO_TYPE));
    CHECK_EQ(AF_UNIX, get(fd, SO_DOMAIN));
    CHECK_EQ(0, get(fd, SO_PROTOCOL));
    CHECK_EQ(0, get(fd, SO_ERROR));
    CHECK_EQ(0, get(fd, SO_ACCEPTCONN));
    CHECK_EQ(212992, get(fd, SO_SNDBUF));
    CHECK_EQ(212992, get(fd, SO_RCVBUF));
}

CASE(nobody)
{
    struct ucred who = {1, 1, 1};
    socklen_t size = sizeof who;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size));
    CHECK_EQ(0, who.pid);
    CHECK_EQ(-1, (int)who.uid);
    CHECK_EQ(-1, (int)who.gid);
    gid_t groups[4];
    size = sizeof groups;
    CHECK_ERRNO(ENODATA, getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size));
}

CASE(error_is_told_once)
{
    int fd = listener(SOCK_STREAM, "s", 1), client = connected(SOCK_STREAM, "s");
    close(fd);
    CHECK_EQ(ECONNRESET, get(client, SO_ERROR));
    CHECK_EQ(0, get(client, SO_ERROR));
}

CASE(cut_to_the_room)
{
    unsigned char value[4] = {9, 9, 9, 9};
    socklen_t size = 2;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_TYPE, value, &size));
    CHECK_EQ(2, size);
    CHECK_EQ(1, value[0]);
    CHECK_EQ(9, value[2]);
    char large[64];
    size = sizeof large;
    CHECK_EQ(0, getsockopt(fd, SOL_SOCKET, SO_TYPE, large, &size));
    CHECK_EQ(4, size);
}

CASE(who_connected)
{
    struct ucred who;
    socklen_t size = sizeof who;
    int fd = listener(SOCK_STREAM, "s", 1), status;
    pid_t child = fork();
    if (child == 0) {
        char byte;
        int client = connected(SOCK_STREAM, "s");
        CHECK_EQ(0, getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &size));
        CHECK_EQ(getppid(), who.pid);
        CHECK_EQ(1, read(client, &byte, 1));
        _exit(0);
    }
    int accepted = accept(fd, NULL, NULL);
    CHECK_EQ(0, getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, &who, &size));
    CHECK_EQ(child, who.pid);
    CHECK_EQ(1, write(accepted, "x", 1));
    wait(&status);
    CHECK_EQ(0, status);
}

CASE(groups)
{
    int ends[2];
    gid_t set[3] = {11, 22, 33}, got[8];
    socklen_t size = 4;
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, setgroups(3, set));
    pair(SOCK_STREAM, ends);
    CHECK_ERRNO(ERANGE, getsockopt(ends[0], SOL_SOCKET, SO_PEERGROUPS, got, &size));
    CHECK_EQ(12, size);
    size = sizeof got;
    CHECK_EQ(0, getsockopt(ends[0], SOL_SOCKET, SO_PEERGROUPS, got, &size));
    CHECK_EQ(12, size);
    CHECK_EQ(0, memcmp(set, got, 12));
}

CASE(errors)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), value;
    socklen_t size = sizeof value, negative = -1;
    CHECK_ERRNO(EBADF, getsockopt(99, SOL_SOCKET, SO_TYPE, &value, &size));
    CHECK_ERRNO(ENOTSOCK, getsockopt(open("f", O_CREAT | O_RDWR, 0600), SOL_SOCKET, SO_TYPE, &value, &size));
    CHECK_ERRNO(EFAULT, getsockopt(fd, SOL_SOCKET, SO_TYPE, NULL, &size));
    CHECK_ERRNO(EFAULT, getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, NULL));
    CHECK_ERRNO(EINVAL, getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &negative));
    CHECK_ERRNO(EOPNOTSUPP, getsockopt(fd, 6, 1, &value, &size));
    CHECK_ERRNO(ENOPROTOOPT, getsockopt(fd, SOL_SOCKET, 9999, &value, &size));
}
