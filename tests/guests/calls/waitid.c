#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"

static siginfo_t info;

static long waitid_(int kind, int which, siginfo_t *at, int options, struct rusage *usage)
{
    return syscall(SYS_waitid, kind, which, at, options, usage);
}

static int told(pid_t pid, int code, int status)
{
    return info.si_signo == SIGCHLD && info.si_errno == 0 && info.si_pid == pid && info.si_uid == getuid()
           && info.si_code == code && info.si_status == status;
}

CASE(an_exit)
{
    pid_t pid = child_that_exits(259);
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WEXITED | WNOWAIT, NULL)); /* leaves the zombie */
    CHECK(told(pid, CLD_EXITED, 3));
    CHECK_EQ(0, kill(pid, 0));
    CHECK_EQ(0, waitid_(P_ALL, 0, &info, WEXITED, NULL));
    CHECK(told(pid, CLD_EXITED, 3));
    CHECK_ERRNO(ESRCH, kill(pid, 0));
}

CASE(a_signal)
{
    pid_t pid = child_that_waits();
    kill(pid, SIGTERM);
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WEXITED, NULL));
    CHECK(told(pid, CLD_KILLED, SIGTERM));
}

CASE(stops_and_continues)
{
    pid_t pid = child_that_waits();
    kill(pid, SIGSTOP);
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WSTOPPED | WNOWAIT, NULL));
    CHECK(told(pid, CLD_STOPPED, SIGSTOP));
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WSTOPPED, NULL));
    kill(pid, SIGCONT);
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WCONTINUED, NULL));
    CHECK(told(pid, CLD_CONTINUED, SIGCONT));
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WSTOPPED | WCONTINUED | WNOHANG, NULL));
    kill_and_reap(pid);
}

CASE(nothing_yet)
{
    struct rusage usage;
    pid_t pid = child_that_waits();
    memset(&info, 0xff, sizeof info);
    memset(&usage, 0xff, sizeof usage);
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WEXITED | WNOHANG, &usage));
    CHECK(info.si_signo == 0 && info.si_pid == 0 && info.si_code == 0 && info.si_status == 0 && info.si_uid == 0);
    CHECK_EQ(-1, usage.ru_minflt); /* nothing was stored */
    kill_and_reap(pid);
}

CASE(groups)
{
    pid_t pid = child_that_exits(1);
    CHECK_EQ(0, waitid_(P_PGID, getpgrp(), &info, WEXITED | WNOWAIT, NULL));
    CHECK_EQ(0, waitid_(P_PGID, 0, &info, WEXITED, NULL));
    CHECK(told(pid, CLD_EXITED, 1));
    pid = child_that_exits(1);
    CHECK_ERRNO(ECHILD, waitid_(P_PGID, NOBODY_HAS_IT, &info, WEXITED, NULL));
}

CASE(a_zombie_neither_stops_nor_continues)
{
    pid_t pid = child_that_exits(1);
    CHECK_EQ(0, waitid_(P_PID, pid, &info, WEXITED | WNOWAIT, NULL));
    CHECK_ERRNO(ECHILD, waitid_(P_PID, pid, &info, WSTOPPED | WCONTINUED, NULL));
    CHECK_ERRNO(ECHILD, waitid_(P_PID, pid, &info, WSTOPPED | WCONTINUED | WNOHANG, NULL));
}

CASE(errors)
{
    struct rusage usage;
    CHECK_ERRNO(EINVAL, waitid_(P_ALL, 0, &info, 0, NULL));
    CHECK_ERRNO(EINVAL, waitid_(P_ALL, 0, &info, WNOHANG, NULL));
    CHECK_ERRNO(EINVAL, waitid_(P_ALL, 0, &info, WEXITED | 0x10, NULL));
    CHECK_ERRNO(EINVAL, waitid_(P_PID, 0, &info, WEXITED, NULL));
    CHECK_ERRNO(EINVAL, waitid_(P_PID, -1, &info, WEXITED, NULL));
    CHECK_ERRNO(EINVAL, waitid_(P_PGID, -1, &info, WEXITED, NULL));
    CHECK_ERRNO(EINVAL, waitid_(9, 1, &info, WEXITED, NULL));
    CHECK_ERRNO(ECHILD, waitid_(P_ALL, 0, &info, WEXITED, &usage));
    CHECK_ERRNO(ECHILD, waitid_(P_PID, getpid(), NULL, WEXITED, NULL));
}

CASE(the_info_is_stored_whatever_came)
{
    memset(&info, 0xff, sizeof info);
    CHECK_ERRNO(ECHILD, waitid_(P_ALL, 0, &info, WEXITED, NULL));
    CHECK(info.si_signo == 0 && info.si_pid == 0 && info.si_status == 0);
    CHECK_ERRNO(EFAULT, waitid_(P_ALL, 0, BAD, WEXITED, NULL));
    CHECK_ERRNO(EFAULT, waitid_(P_ALL, 0, (siginfo_t *)readonly_page(), 0, NULL));
}

CASE(bad_places)
{
    pid_t pid = child_that_exits(1);
    memset(&info, 0xff, sizeof info);
    CHECK_ERRNO(EFAULT, waitid_(P_PID, pid, &info, WEXITED, BAD));
    CHECK_EQ(-1, info.si_signo);
    CHECK_ERRNO(ECHILD, waitid_(P_PID, pid, &info, WEXITED, NULL)); /* gone all the same */
    pid = child_that_exits(1);
    CHECK_ERRNO(EFAULT, waitid_(P_PID, pid, BAD, WEXITED, NULL));
    CHECK_ERRNO(ECHILD, waitid_(P_ALL, 0, NULL, WEXITED, NULL));
}
