#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "credentials.h"

enum { CLOSE, OPEN, READ, READ_ALL, READ_CLEAR, CLEAR, CONSOLE_OFF, CONSOLE_ON, CONSOLE_LEVEL, SIZE_UNREAD, SIZE_BUFFER };

static char text[65536];

static long syslog_(int action, void *buffer, int size)
{
    return syscall(SYS_syslog, action, buffer, size);
}

/* Only what changes nothing for others: the log is the host's. */
CASE(asking)
{
    if (!has_capability(CAP_SYSLOG_))
        return;
    CHECK(syslog_(SIZE_BUFFER, NULL, 0) > 0);
    CHECK(syslog_(SIZE_UNREAD, NULL, 0) >= 0);
    long size = syslog_(READ_ALL, text, sizeof text);
    CHECK(size >= 0 && size <= (long)sizeof text);
    CHECK_EQ(0, syslog_(OPEN, NULL, 0));
    CHECK_EQ(0, syslog_(CLOSE, NULL, 0));
    CHECK_EQ(0, syslog_(READ_ALL, text, 0));
}

CASE(errors)
{
    if (!has_capability(CAP_SYSLOG_))
        return;
    CHECK_ERRNO(EINVAL, syslog_(-1, text, 10));
    CHECK_ERRNO(EINVAL, syslog_(11, text, 10));
    CHECK_ERRNO(EINVAL, syslog_(READ_ALL, NULL, 10));
    CHECK_ERRNO(EINVAL, syslog_(READ_ALL, text, -1));
    CHECK_ERRNO(EINVAL, syslog_(READ, NULL, 10));
    CHECK_ERRNO(EINVAL, syslog_(READ, text, -1));
    CHECK_EQ(0, syslog_(READ, text, 0));
    CHECK_ERRNO(EINVAL, syslog_(READ_CLEAR, NULL, 10));
    CHECK_ERRNO(EFAULT, syslog_(READ_ALL, BAD, 10));
    CHECK_ERRNO(EINVAL, syslog_(CONSOLE_LEVEL, NULL, 0));
    CHECK_ERRNO(EINVAL, syslog_(CONSOLE_LEVEL, NULL, 9));
}

CASE(without_privilege)
{
    become_user();
    drop_capabilities();
    for (int action = CLOSE; action <= SIZE_UNREAD + 2; action++)
        if (action != READ_ALL && action != SIZE_BUFFER)
            CHECK_ERRNO(EPERM, syslog_(action, NULL, -1)); /* before anything else */
}

#ifdef __riscv /* kernel/printk/printk.c: changes what the host must keep */
CASE(changing)
{
    CHECK_EQ(0, syslog_(CONSOLE_OFF, NULL, 0));
    CHECK_EQ(0, syslog_(CONSOLE_ON, NULL, 0));
    CHECK_EQ(0, syslog_(CONSOLE_LEVEL, NULL, 4));
    CHECK_EQ(0, syslog_(CLEAR, NULL, 0));
    CHECK_EQ(0, syslog_(READ_ALL, text, sizeof text)); /* what was cleared is not shown again */
}
#endif
