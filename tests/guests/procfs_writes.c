/* Files of procfs that can be written: opening with O_TRUNC and truncating change nothing, and are no error. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <sys/prctl.h>

static const char *name(void)
{
    static char text[16];
    prctl(PR_GET_NAME, text);
    return text;
}

CASE(opened_as_the_shell_does)
{
    int file = open("/proc/self/comm", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    CHECK(file >= 0);
    CHECK(*name() != 0);
    CHECK_EQ(3, write(file, "abc", 3));
    CHECK(strcmp(name(), "abc") == 0);
    CHECK_EQ(4, write(file, "defg", 4)); /* each write is a whole one */
    CHECK(strcmp(name(), "defg") == 0);
}

CASE(truncated)
{
    char text[64];
    CHECK_EQ(0, truncate("/proc/self/comm", 0));
    CHECK_EQ(0, truncate("/proc/self/comm", 100));
    int file = open("/proc/self/comm", O_RDWR);
    CHECK_EQ(0, ftruncate(file, 0));
    CHECK_EQ(0, ftruncate(file, 5000));
    CHECK(read(file, text, sizeof text) > 1);
    file = open("/proc/self/comm", O_RDONLY);
    CHECK_ERRNO(EINVAL, ftruncate(file, 0));
}
