#define _GNU_SOURCE
#include "posix_queue.h"

CASE(waits)
{
    char data[16];
    unsigned priority = 0;
    mqd_t queue = queue_of(2, 0);
    if (fork() == 0) {
        sleep_ms(30);
        CHECK_EQ(0, mq_send(queue, "here", 4, 9));
        CHECK_EQ(0, waiting(queue)); /* given to who waited, never in the queue */
        _exit(0);
    }
    CHECK_EQ(4, mq_receive(queue, data, 16, &priority));
    CHECK_EQ(9, priority);
    CHECK_EQ(0, memcmp("here", data, 4));
    CHECK_EQ(0, ended());
}

CASE(empty)
{
    char data[16];
    struct timespec time = in_ms(50), past = {1, 0}, before, after;
    mqd_t queue = queue_of(1, O_NONBLOCK);
    CHECK_ERRNO(EAGAIN, mq_receive(queue, data, 16, NULL));
    fcntl(queue, F_SETFL, 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    time = in_ms(50);
    CHECK_ERRNO(ETIMEDOUT, mq_timedreceive(queue, data, 16, NULL, &time));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 49);
    CHECK_ERRNO(ETIMEDOUT, mq_timedreceive(queue, data, 16, NULL, &past));
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(1, mq_timedreceive(queue, data, 16, NULL, &past));
}

CASE(interrupted)
{
    char data[16];
    mqd_t queue = queue_of(1, 0);
    catch_signal(SIGALRM, 0);
    alarm(1);
    CHECK_ERRNO(EINTR, mq_receive(queue, data, 16, NULL));
    catch_signal(SIGALRM, SA_RESTART);
    if (fork() == 0) {
        sleep_ms(1200);
        CHECK_EQ(0, mq_send(queue, "late", 4, 0));
        _exit(0);
    }
    alarm(1);
    CHECK_EQ(4, mq_receive(queue, data, 16, NULL)); /* begun again */
    CHECK_EQ(SIGALRM, caught);
    CHECK_EQ(0, ended());
}

CASE(errors)
{
    char data[16];
    struct timespec bad = {0, -1};
    mqd_t queue = queue_of(2, 0);
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_ERRNO(EMSGSIZE, mq_receive(queue, data, 15, NULL));
    CHECK_ERRNO(EBADF, mq_receive(99, data, 16, NULL));
    CHECK_ERRNO(EBADF, mq_receive(open("f", O_CREAT | O_RDWR, 0600), data, 16, NULL));
    CHECK_ERRNO(EINVAL, mq_timedreceive(queue, data, 16, NULL, &bad));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_timedreceive, queue, data, 16, NULL, -4096L));
    CHECK_EQ(1, waiting(queue));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_timedreceive, queue, -4096L, 16, NULL, NULL));
    CHECK_EQ(0, waiting(queue)); /* lost */
    mqd_t writer = mq_open(own_name("w"), O_CREAT | O_WRONLY, 0600, NULL);
    CHECK_ERRNO(EBADF, mq_receive(writer, data, 16, NULL));
    CHECK_EQ(0, mq_unlink(own_name("w")));
}
