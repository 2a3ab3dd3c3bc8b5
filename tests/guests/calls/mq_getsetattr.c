#define _GNU_SOURCE
#include "posix_queue.h"

static long both(mqd_t queue, const void *new, void *old)
{
    return syscall(SYS_mq_getsetattr, queue, new, old);
}

CASE(flags)
{
    struct mq_attr new = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 99}, old;
    mqd_t queue = queue_of(3, 0);
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    CHECK_EQ(0, both(queue, &new, &old));
    CHECK_EQ(0, old.mq_flags);
    CHECK_EQ(3, old.mq_maxmsg);
    CHECK_EQ(16, old.mq_msgsize);
    CHECK_EQ(1, old.mq_curmsgs);
    CHECK_EQ(0, both(queue, NULL, &old));
    CHECK_EQ(O_NONBLOCK, old.mq_flags);
    CHECK_EQ(3, old.mq_maxmsg); /* nothing else can be set */
    CHECK(fcntl(queue, F_GETFL) & O_NONBLOCK);
    new.mq_flags = 0;
    CHECK_EQ(0, both(queue, &new, NULL));
    CHECK_EQ(0, fcntl(queue, F_GETFL) & O_NONBLOCK);
    CHECK_EQ(0, both(queue, NULL, NULL));
}

CASE(errors)
{
    struct mq_attr new = {.mq_flags = O_APPEND}, old;
    mqd_t queue = queue_of(3, 0);
    CHECK_ERRNO(EINVAL, both(queue, &new, &old));
    CHECK_ERRNO(EINVAL, both(99, &new, &old));
    CHECK_ERRNO(EBADF, both(99, NULL, &old));
    CHECK_ERRNO(EBADF, both(open("f", O_CREAT | O_RDWR, 0600), NULL, &old));
    CHECK_ERRNO(EFAULT, both(queue, (void *)-4096, &old));
    CHECK_ERRNO(EFAULT, both(queue, NULL, (void *)-4096));
    new.mq_flags = O_NONBLOCK;
    CHECK_ERRNO(EFAULT, both(queue, &new, (void *)-4096));
    CHECK(fcntl(queue, F_GETFL) & O_NONBLOCK); /* set before that */
}
