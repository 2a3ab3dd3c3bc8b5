#define _GNU_SOURCE
#include "check.h"
#include <sys/resource.h>
#include <sys/syscall.h>

enum { PROCESS = 1, GROUP = 2, USER = 3 };

static long get(int which, int who)
{
    return syscall(SYS_ioprio_get, which, who);
}

CASE(nothing_set)
{
    CHECK_EQ(0, get(PROCESS, 0));
    CHECK_EQ(0, setpgid(0, 0));
    CHECK_EQ(2 << 13 | 4, get(GROUP, 0)); /* as the nice value says */
    CHECK_EQ(0, setpriority(PRIO_PROCESS, 0, 10));
    CHECK_EQ(2 << 13 | 6, get(GROUP, 0));
    CHECK_EQ(0, get(PROCESS, 0));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, get(0, 0));
    CHECK_ERRNO(EINVAL, get(4, 0));
    CHECK_ERRNO(ESRCH, get(PROCESS, 0x3fffffff));
    CHECK_ERRNO(ESRCH, get(GROUP, 0x3fffffff));
    CHECK_ERRNO(ESRCH, get(USER, 0x3fffffff));
}
