#ifndef POSIX_QUEUE_H
#define POSIX_QUEUE_H

#include "sysv.h"
#include <mqueue.h>
#include <sys/stat.h>

MAYBE const char *own_name(const char *name)
{
    static char text[64];
    sprintf(text, "/rvsim-%d-%s", getpid(), name);
    return text;
}

/* A queue of `most` messages of 16 bytes, open for both. */
MAYBE mqd_t queue_of(int most, int flags)
{
    struct mq_attr attr = {.mq_maxmsg = most, .mq_msgsize = 16};
    own_namespace();
    mqd_t queue = mq_open(own_name("q"), O_CREAT | O_EXCL | O_RDWR | flags, 0600, &attr);
    CHECK(queue >= 0);
    CHECK_EQ(0, mq_unlink(own_name("q"))); /* it goes with the case */
    return queue;
}

MAYBE struct timespec in_ms(int ms)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_nsec += ms * 1000000L;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

MAYBE long waiting(mqd_t queue)
{
    struct mq_attr attr;
    CHECK_EQ(0, mq_getattr(queue, &attr));
    return attr.mq_curmsgs;
}

#endif
