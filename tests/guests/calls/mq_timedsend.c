#define _GNU_SOURCE
#include "posix_queue.h"

CASE(by_priority)
{
    char data[16];
    unsigned priority;
    mqd_t queue = queue_of(5, 0);
    CHECK_EQ(0, mq_send(queue, "low", 3, 1));
    CHECK_EQ(0, mq_send(queue, "high", 4, 32767));
    CHECK_EQ(0, mq_send(queue, "low2", 4, 1));
    CHECK_EQ(0, mq_send(queue, "", 0, 7));
    CHECK_EQ(4, mq_receive(queue, data, 16, &priority));
    CHECK_EQ(32767, priority);
    CHECK_EQ(0, mq_receive(queue, data, 16, &priority));
    CHECK_EQ(7, priority);
    CHECK_EQ(3, mq_receive(queue, data, 16, &priority));
    CHECK_EQ(4, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(0, waiting(queue));
}

CASE(full)
{
    char data[16];
    mqd_t queue = queue_of(1, O_NONBLOCK);
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_ERRNO(EAGAIN, mq_send(queue, "y", 1, 0));
    fcntl(queue, F_SETFL, 0);
    struct timespec time = in_ms(50), past = {1, 0};
    CHECK_ERRNO(ETIMEDOUT, mq_timedsend(queue, "y", 1, 0, &time));
    CHECK_ERRNO(ETIMEDOUT, mq_timedsend(queue, "y", 1, 0, &past));
    if (fork() == 0) {
        CHECK_EQ(0, mq_send(queue, "waited", 6, 3));
        _exit(0);
    }
    sleep_ms(50);
    CHECK_EQ(1, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(1, waiting(queue)); /* it came in at once */
    CHECK_EQ(6, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(0, ended());
    CHECK_EQ(0, mq_timedsend(queue, "y", 1, 0, &past)); /* a time that is not needed */
}

CASE(interrupted)
{
    char data[16];
    mqd_t queue = queue_of(1, 0);
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    catch_signal(SIGALRM, 0);
    alarm(1);
    CHECK_ERRNO(EINTR, mq_send(queue, "y", 1, 0));
    CHECK_EQ(1, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(0, waiting(queue));
}

CASE(errors)
{
    struct timespec bad = {0, 1000000000}, negative = {-1, 0};
    mqd_t queue = queue_of(1, 0);
    CHECK_ERRNO(EMSGSIZE, mq_send(queue, "0123456789abcdefg", 17, 0));
    CHECK_ERRNO(EINVAL, mq_send(queue, "x", 1, 32768));
    CHECK_ERRNO(EINVAL, mq_send(99, "x", 1, 32768));
    CHECK_ERRNO(EBADF, mq_send(99, "x", 1, 0));
    CHECK_ERRNO(EBADF, mq_send(open("f", O_CREAT | O_RDWR, 0600), "x", 1, 0));
    CHECK_ERRNO(EINVAL, mq_timedsend(queue, "x", 1, 0, &bad));
    CHECK_ERRNO(EINVAL, mq_timedsend(99, "x", 1, 0, &negative));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_timedsend, queue, "x", 1, 0, -4096L));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_timedsend, queue, -4096L, 1, 0, NULL));
    CHECK_EQ(0, waiting(queue));
    mqd_t reader = mq_open(own_name("r"), O_CREAT | O_RDONLY, 0600, NULL);
    CHECK_ERRNO(EBADF, mq_send(reader, "x", 1, 0));
    CHECK_EQ(0, mq_unlink(own_name("r")));
}
