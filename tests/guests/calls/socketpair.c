#define _GNU_SOURCE
#include "unix_socket.h"

CASE(both_ways)
{
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int at = 0; at < 3; at++) {
        int ends[2];
        char data[8];
        pair(kinds[at], ends);
        for (int from = 0; from < 2; from++) {
            CHECK_EQ(3, write(ends[from], "abc", 3));
            CHECK_EQ(3, read(ends[!from], data, sizeof data));
            CHECK_EQ(0, memcmp(data, "abc", 3));
        }
        close(ends[0]), close(ends[1]);
    }
}

CASE(has_no_address)
{
    int ends[2];
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    pair(SOCK_STREAM, ends);
    CHECK_EQ(0, getsockname(ends[0], (void *)&address, &length));
    CHECK_EQ(2, length);
    CHECK_EQ(AF_UNIX, address.sun_family);
    length = sizeof address;
    CHECK_EQ(0, getpeername(ends[0], (void *)&address, &length));
    CHECK_EQ(2, length);
}

CASE(knows_who_made_it)
{
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int at = 0; at < 3; at++) {
        int ends[2];
        struct ucred who;
        socklen_t length = sizeof who;
        pair(kinds[at], ends);
        CHECK_EQ(0, getsockopt(ends[1], SOL_SOCKET, SO_PEERCRED, &who, &length));
        CHECK_EQ(getpid(), who.pid);
        CHECK_EQ(geteuid(), who.uid);
        CHECK_EQ(getegid(), who.gid);
    }
}

CASE(flags)
{
    int ends[2];
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
    CHECK_EQ(FD_CLOEXEC, fcntl(ends[0], F_GETFD));
    CHECK_EQ(FD_CLOEXEC, fcntl(ends[1], F_GETFD));
    CHECK_EQ(O_RDWR | O_NONBLOCK, fcntl(ends[1], F_GETFL));
    CHECK_ERRNO(EAGAIN, read(ends[0], ends, 1));
}

CASE(errors_leave_nothing_open)
{
    int ends[2], lowest = dup(1);
    close(lowest);
    CHECK_ERRNO(EFAULT, socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)-4096));
    CHECK_ERRNO(EINVAL, socketpair(AF_UNIX, SOCK_STREAM | 0x10, 0, ends));
    CHECK_ERRNO(EAFNOSUPPORT, socketpair(AF_UNSPEC, SOCK_STREAM, 0, ends));
    CHECK_ERRNO(EPROTONOSUPPORT, socketpair(AF_UNIX, SOCK_STREAM, 5, ends));
    CHECK_ERRNO(ESOCKTNOSUPPORT, socketpair(AF_UNIX, SOCK_RDM, 0, ends));
    while (dup(1) >= 0)
        ;
    CHECK_ERRNO(EMFILE, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    close(lowest);
    CHECK_ERRNO(EMFILE, socketpair(AF_UNIX, SOCK_STREAM, 0, ends)); /* one free number is not enough */
    CHECK_EQ(lowest, dup(1));
}

CASE(survives_fork)
{
    int ends[2], status;
    char byte;
    pair(SOCK_STREAM, ends);
    if (fork() == 0) {
        close(ends[0]);
        CHECK_EQ(1, write(ends[1], "x", 1));
        CHECK_EQ(1, read(ends[1], &byte, 1));
        _exit(byte);
    }
    close(ends[1]);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK_EQ(1, write(ends[0], "\7", 1));
    CHECK_EQ(0, read(ends[0], &byte, 1)); /* the child has gone */
    wait(&status);
    CHECK_EQ(7, WEXITSTATUS(status));
}
