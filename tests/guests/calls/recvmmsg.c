#define _GNU_SOURCE
#include "scm.h"
#include <sys/syscall.h>

static char data[8][8];
static struct iovec parts[8];

static void prepare(struct mmsghdr *messages)
{
    memset(messages, 0, 8 * sizeof *messages);
    for (int at = 0; at < 8; at++) {
        parts[at] = (struct iovec){data[at], 8};
        messages[at].msg_hdr.msg_iov = &parts[at];
        messages[at].msg_hdr.msg_iovlen = 1;
        messages[at].msg_len = 77;
    }
}

static long receive_many(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *time)
{
    return syscall(SYS_recvmmsg, fd, messages, count, flags, time);
}

CASE(several)
{
    int ends[2];
    struct mmsghdr messages[8];
    pair(SOCK_DGRAM, ends);
    prepare(messages);
    CHECK_EQ(1, write(ends[0], "a", 1));
    CHECK_EQ(2, write(ends[0], "bc", 2));
    CHECK_EQ(2, receive_many(ends[1], messages, 8, MSG_DONTWAIT, NULL));
    CHECK_EQ(1, messages[0].msg_len);
    CHECK_EQ(2, messages[1].msg_len);
    CHECK_EQ(77, messages[2].msg_len);
    CHECK_EQ(0, memcmp("bc", data[1], 2));
    CHECK_ERRNO(EAGAIN, receive_many(ends[1], messages, 8, MSG_DONTWAIT, NULL));
    CHECK_EQ(0, receive_many(ends[1], messages, 0, 0, NULL));
}

CASE(waits_for_one)
{
    int ends[2], status;
    struct mmsghdr messages[8];
    pair(SOCK_DGRAM, ends);
    prepare(messages);
    if (fork() == 0) {
        sleep_ms(30);
        CHECK_EQ(1, write(ends[0], "a", 1));
        _exit(0);
    }
    CHECK_EQ(1, receive_many(ends[1], messages, 8, MSG_WAITFORONE, NULL));
    wait(&status);
}

CASE(waits_for_all)
{
    int ends[2], status;
    struct mmsghdr messages[8];
    pair(SOCK_SEQPACKET, ends);
    prepare(messages);
    if (fork() == 0) {
        for (int at = 0; at < 8; at++) {
            sleep_ms(10);
            CHECK_EQ(1, write(ends[0], &"abcdefgh"[at], 1));
        }
        _exit(0);
    }
    CHECK_EQ(8, receive_many(ends[1], messages, 8, 0, NULL));
    CHECK_EQ('h', data[7][0]);
    wait(&status);
    CHECK_EQ(0, status);
}

CASE(interrupted_after_some)
{
    int ends[2];
    struct mmsghdr messages[8];
    pair(SOCK_DGRAM, ends);
    prepare(messages);
    CHECK_EQ(1, write(ends[0], "a", 1));
    catch_signal(SIGALRM, SA_RESTART);
    alarm(1);
    CHECK_EQ(1, receive_many(ends[1], messages, 8, 0, NULL));
    CHECK_EQ(1, messages[0].msg_len);
}

CASE(time)
{
    int ends[2];
    struct mmsghdr messages[8];
    struct timespec none = {0, 0}, some = {5, 0};
    pair(SOCK_DGRAM, ends);
    prepare(messages);
    CHECK_EQ(1, write(ends[0], "a", 1));
    CHECK_EQ(1, write(ends[0], "b", 1));
    CHECK_EQ(1, receive_many(ends[1], messages, 8, 0, &none)); /* it is looked at after a message */
    if (fork() == 0) {
        sleep_ms(20);
        CHECK_EQ(1, write(ends[0], "c", 1));
        _exit(0);
    }
    CHECK_EQ(2, receive_many(ends[1], messages, 2, 0, &some));
    CHECK_EQ(4, some.tv_sec); /* what is left */
}

CASE(errors)
{
    int ends[2];
    struct mmsghdr messages[8];
    struct timespec bad = {0, 1000000000};
    pair(SOCK_DGRAM, ends);
    prepare(messages);
    CHECK_EQ(1, write(ends[0], "a", 1));
    CHECK_ERRNO(EBADF, receive_many(99, messages, 1, 0, NULL));
    CHECK_ERRNO(ENOTSOCK, receive_many(open("f", O_CREAT | O_RDWR, 0600), messages, 1, 0, NULL));
    CHECK_ERRNO(EFAULT, receive_many(ends[1], (void *)-4096, 1, 0, NULL));
    CHECK_ERRNO(EINVAL, receive_many(ends[1], messages, 1, (int)0x80000000, NULL));
    CHECK_ERRNO(EINVAL, receive_many(ends[1], messages, 1, 0, &bad));
    CHECK_ERRNO(EFAULT, receive_many(ends[1], messages, 1, 0, (void *)-4096));
    CHECK_EQ(1, receive_many(ends[1], messages, 1, 0, NULL));
}
