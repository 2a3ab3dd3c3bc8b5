#define _GNU_SOURCE
#include "check.h"
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { PROCESS = 1, GROUP = 2, USER = 3 };
#define PRIORITY(class_, level_) ((class_) << 13 | (level_))

static long set(int which, int who, int priority)
{
    return syscall(SYS_ioprio_set, which, who, priority);
}

static long get(int which, int who)
{
    return syscall(SYS_ioprio_get, which, who);
}

CASE(kept_and_inherited)
{
    CHECK_EQ(0, set(PROCESS, 0, PRIORITY(2, 5)));
    CHECK_EQ(PRIORITY(2, 5), get(PROCESS, getpid()));
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(PRIORITY(2, 5), get(PROCESS, 0));
        CHECK_EQ(0, set(PROCESS, 0, PRIORITY(3, 0)));
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    CHECK_EQ(PRIORITY(2, 5), get(PROCESS, 0));
}

CASE(of_a_group)
{
    CHECK_EQ(0, setpgid(0, 0));
    CHECK_EQ(0, set(GROUP, 0, PRIORITY(2, 2)));
    CHECK_EQ(PRIORITY(2, 2), get(PROCESS, 0));
    CHECK_EQ(PRIORITY(2, 2), get(GROUP, getpid()));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, set(PROCESS, 0x3fffffff, PRIORITY(4, 0)));
    CHECK_ERRNO(EINVAL, set(PROCESS, 0x3fffffff, PRIORITY(0, 1)));
    CHECK_ERRNO(EINVAL, set(0, 0, PRIORITY(2, 0)));
    CHECK_ERRNO(EINVAL, set(4, 0, PRIORITY(2, 0)));
    CHECK_ERRNO(ESRCH, set(PROCESS, 0x3fffffff, PRIORITY(2, 0)));
    CHECK_ERRNO(ESRCH, set(GROUP, 0x3fffffff, PRIORITY(2, 0)));
    CHECK_ERRNO(ESRCH, set(USER, 0x3fffffff, PRIORITY(2, 0)));
}

CASE(an_ordinary_user)
{
    if (geteuid() == 0) {
        CHECK_EQ(0, setgid(12345));
        CHECK_EQ(0, setuid(12345));
    }
    CHECK_ERRNO(EPERM, set(PROCESS, 0, PRIORITY(1, 0))); /* real time */
    CHECK_ERRNO(EPERM, set(PROCESS, 1, PRIORITY(2, 0)));
    CHECK_EQ(0, set(PROCESS, 0, PRIORITY(3, 0)));
}
