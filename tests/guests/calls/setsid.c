#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include <fcntl.h>

CASE(a_new_session_and_group)
{
    CHECK_EQ(getpid(), syscall(SYS_setsid));
    CHECK_EQ(getpid(), getsid(0));
    CHECK_EQ(getpid(), getpgrp());
    CHECK_ERRNO(EPERM, syscall(SYS_setsid));
    CHECK_ERRNO(ENXIO, open("/dev/tty", O_RDWR)); /* without a terminal */
    pid_t me = getpid(), pid = forked();
    if (pid == 0)
        _exit(getsid(0) != me || getpgrp() != me);
    CHECK_EQ(0, status_of(pid));
}

CASE(a_group_leader_cannot)
{
    CHECK_EQ(0, setpgid(0, 0));
    CHECK_ERRNO(EPERM, syscall(SYS_setsid));
    CHECK_EQ(getpid(), getpgrp());
    CHECK(getsid(0) != getpid());
}

CASE(nor_can_whoever_a_group_is_named_after)
{
    pid_t before = getpgrp();
    CHECK_EQ(0, setpgid(0, 0));
    pid_t pid = child_that_waits();
    CHECK_EQ(0, setpgid(0, before));
    CHECK_EQ(getpid(), getpgid(pid)); /* the child stayed */
    CHECK_ERRNO(EPERM, syscall(SYS_setsid));
    kill_and_reap(pid);
    CHECK_EQ(getpid(), syscall(SYS_setsid));
}
