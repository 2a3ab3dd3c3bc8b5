/* Control messages for the tests of sockets. */
#ifndef SCM_H
#define SCM_H

#include "unix_socket.h"
#include <sys/stat.h>

union control {
    char bytes[2048];
    struct cmsghdr align;
};

/* A message of one byte with `count` descriptors; what sendmsg gave. */
MAYBE long send_fds(int to, const int *fds, int count)
{
    union control control;
    struct iovec part = {"f", 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    memset(&control, 0, sizeof control);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    return sendmsg(to, &message, 0);
}

struct got {
    long size;
    int flags;
    size_t control_length;
    int count, fds[256];
    int has_who;
    struct ucred who;
    char data[64];
};

/* Receive with `room` bytes for control messages. */
MAYBE struct got receive_room(int from, int flags, size_t room, size_t bytes)
{
    union control control;
    struct got got;
    memset(&got, 0, sizeof got);
    struct iovec part = {got.data, bytes};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room ? &control : NULL,
                             .msg_controllen = room, .msg_flags = 0x1234};
    got.size = recvmsg(from, &message, flags);
    if (got.size < 0)
        return got;
    got.flags = message.msg_flags;
    got.control_length = message.msg_controllen;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        CHECK_EQ(SOL_SOCKET, head->cmsg_level);
        if (head->cmsg_type == SCM_RIGHTS) {
            got.count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(got.fds, CMSG_DATA(head), got.count * sizeof(int));
        } else if (head->cmsg_type == SCM_CREDENTIALS && head->cmsg_len == CMSG_LEN(sizeof got.who)) {
            got.has_who = 1;
            memcpy(&got.who, CMSG_DATA(head), sizeof got.who);
        }
    }
    return got;
}

MAYBE struct got receive(int from)
{
    return receive_room(from, 0, sizeof(union control), 64);
}

MAYBE int lowest_free(void)
{
    int fd = dup(1);
    close(fd);
    return fd;
}

MAYBE void want_credentials(int fd)
{
    int on = 1;
    CHECK_EQ(0, setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
}

#endif
