#define _GNU_SOURCE
/* waitid(P_PIDFD). */
#include "check.h"
#include "pidfds.h"

#define P_PIDFD_ 3

static long wait_for(int fd, siginfo_t *info, int options)
{
    return syscall(SYS_waitid, P_PIDFD_, fd, info, options, NULL);
}

CASE(an_exit)
{
    siginfo_t info = {0};
    pid_t child = child_that_exits(7);
    int fd = pidfd_of(child);
    CHECK_EQ(0, wait_for(fd, &info, WEXITED | WNOWAIT));
    CHECK_EQ(0, wait_for(fd, &info, WEXITED));
    CHECK_EQ(child, info.si_pid);
    CHECK_EQ(CLD_EXITED, info.si_code);
    CHECK_EQ(7, info.si_status);
    CHECK_ERRNO(ECHILD, wait_for(fd, &info, WEXITED));
}

CASE(only_that_child)
{
    siginfo_t info = {0};
    pid_t stays = child_that_waits(), goes = child_that_exits(1);
    int fd = pidfd_of(stays);
    await_zombie(goes);
    CHECK_EQ(0, wait_for(fd, &info, WEXITED | WNOHANG));
    CHECK_EQ(0, info.si_pid);
    CHECK_EQ(goes, waitpid(goes, NULL, 0));
    CHECK_EQ(0, kill(stays, SIGKILL));
    CHECK_EQ(0, wait_for(fd, &info, WEXITED));
    CHECK_EQ(stays, info.si_pid);
    CHECK_EQ(CLD_KILLED, info.si_code);
}

CASE(a_pidfd_that_does_not_block)
{
    siginfo_t info = {0};
    pid_t child = child_that_waits();
    int fd = (int)syscall(SYS_pidfd_open, child, O_NONBLOCK);
    CHECK_ERRNO(EAGAIN, wait_for(fd, &info, WEXITED));
    CHECK_EQ(0, wait_for(fd, &info, WEXITED | WNOHANG));
    CHECK_EQ(0, kill(child, SIGKILL));
    await_zombie(child);
    CHECK_EQ(0, wait_for(fd, &info, WEXITED));
    CHECK_EQ(child, info.si_pid);
}

CASE(errors)
{
    siginfo_t info;
    int fd = pidfd_of(getpid());
    CHECK_ERRNO(EINVAL, wait_for(-1, &info, WEXITED));
    CHECK_ERRNO(EINVAL, wait_for(fd, &info, 0));
    CHECK_ERRNO(EBADF, wait_for(99, &info, WEXITED));
    CHECK_ERRNO(EBADF, wait_for(0, &info, WEXITED)); /* not a pidfd */
    CHECK_ERRNO(ECHILD, wait_for(fd, &info, WEXITED)); /* not a child */
}
