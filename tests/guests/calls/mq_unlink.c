#define _GNU_SOURCE
#include "posix_queue.h"

CASE(open_queues_stay)
{
    char data[16];
    struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
    own_namespace();
    const char *name = own_name("a");
    mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
    CHECK_EQ(0, mq_unlink(name));
    CHECK_ERRNO(ENOENT, mq_unlink(name));
    CHECK_ERRNO(ENOENT, mq_open(name, O_RDWR));
    CHECK_EQ(0, mq_send(queue, "x", 1, 0));
    mqd_t other = mq_open(name, O_CREAT | O_RDWR, 0600, &attr); /* another of the same name */
    CHECK_EQ(0, waiting(other));
    CHECK_EQ(1, mq_receive(queue, data, 16, NULL));
    CHECK_EQ(0, mq_unlink(name));
}

CASE(errors)
{
    char longest[300];
    own_namespace();
    memset(longest, 'n', sizeof longest);
    longest[256] = 0;
    CHECK_ERRNO(ENAMETOOLONG, syscall(SYS_mq_unlink, longest));
    CHECK_ERRNO(EACCES, syscall(SYS_mq_unlink, "a/b"));
    CHECK_ERRNO(EACCES, syscall(SYS_mq_unlink, "."));
    CHECK_ERRNO(ENOENT, syscall(SYS_mq_unlink, ""));
    CHECK_ERRNO(EFAULT, syscall(SYS_mq_unlink, NULL));
}
