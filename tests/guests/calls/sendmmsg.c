#define _GNU_SOURCE
#include "scm.h"
#include <sys/syscall.h>

static struct iovec parts[3] = {{"a", 1}, {"bc", 2}, {"def", 3}};

static void prepare(struct mmsghdr *messages, int count)
{
    memset(messages, 0, count * sizeof *messages);
    for (int at = 0; at < count; at++) {
        messages[at].msg_hdr.msg_iov = &parts[at % 3];
        messages[at].msg_hdr.msg_iovlen = 1;
        messages[at].msg_len = 77;
    }
}

static long send_many(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    return syscall(SYS_sendmmsg, fd, messages, count, flags);
}

CASE(several)
{
    int ends[2];
    char data[8];
    struct mmsghdr messages[3];
    pair(SOCK_DGRAM, ends);
    prepare(messages, 3);
    CHECK_EQ(3, send_many(ends[0], messages, 3, 0));
    for (int at = 0; at < 3; at++) {
        CHECK_EQ(at + 1, messages[at].msg_len);
        CHECK_EQ(at + 1, read(ends[1], data, 8));
    }
    CHECK_EQ(0, send_many(ends[0], messages, 0, 0));
}

CASE(stops_where_one_fails)
{
    int ends[2];
    struct mmsghdr messages[3];
    struct iovec bad = {NULL, 1};
    pair(SOCK_DGRAM, ends);
    prepare(messages, 3);
    messages[1].msg_hdr.msg_iov = &bad;
    CHECK_EQ(1, send_many(ends[0], messages, 3, 0));
    CHECK_EQ(77, messages[1].msg_len);
    CHECK_ERRNO(EFAULT, send_many(ends[0], messages + 1, 2, 0));
}

CASE(stops_where_there_is_no_room)
{
    int ends[2];
    static struct mmsghdr messages[1000];
    pair(SOCK_DGRAM, ends);
    prepare(messages, 1000);
    long sent = send_many(ends[0], messages, 1000, MSG_DONTWAIT);
    CHECK(sent >= 2 && sent < 1000);
    CHECK_ERRNO(EAGAIN, send_many(ends[0], messages, 1, MSG_DONTWAIT));
    timeout_ms(ends[0], SO_SNDTIMEO, 20);
    CHECK_ERRNO(EAGAIN, send_many(ends[0], messages, 1, 0));
}

CASE(waits)
{
    int ends[2], status;
    char data[8];
    static struct mmsghdr messages[1000];
    pair(SOCK_SEQPACKET, ends);
    prepare(messages, 1000);
    if (fork() == 0) {
        for (int at = 0; at < 1000; at++)
            CHECK_EQ(at % 3 + 1, read(ends[1], data, 8));
        _exit(0);
    }
    CHECK_EQ(1000, send_many(ends[0], messages, 1000, 0));
    wait(&status);
    CHECK_EQ(0, status);
}

CASE(interrupted_in_a_message)
{
    int ends[2];
    static char data[1 << 20];
    struct mmsghdr messages[2];
    struct iovec part = {data, sizeof data};
    pair(SOCK_STREAM, ends);
    prepare(messages, 2);
    messages[0].msg_hdr.msg_iov = &part;
    catch_signal(SIGALRM, 0);
    alarm(1);
    CHECK_EQ(1, send_many(ends[0], messages, 2, 0)); /* part of a message is one */
    CHECK(messages[0].msg_len > 100000 && messages[0].msg_len < 1 << 20);
    CHECK_EQ(77, messages[1].msg_len);
}

CASE(errors)
{
    int ends[2];
    struct mmsghdr messages[1];
    pair(SOCK_DGRAM, ends);
    prepare(messages, 1);
    CHECK_ERRNO(EBADF, send_many(99, messages, 1, 0));
    CHECK_ERRNO(ENOTSOCK, send_many(open("f", O_CREAT | O_RDWR, 0600), messages, 1, 0));
    CHECK_ERRNO(EFAULT, send_many(ends[0], (void *)-4096, 1, 0));
    CHECK_ERRNO(EINVAL, send_many(ends[0], messages, 1, (int)0x80000000));
}
