/* Processes and their pidfds. */
#ifndef PIDFDS_H
#define PIDFDS_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#define BAD ((void *)-4096l)

static inline int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* A child that waits for a signal. */
static inline pid_t child_that_waits(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static inline pid_t child_that_exits(int code)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(code);
    return pid;
}

static inline void end(pid_t pid)
{
    CHECK_EQ(0, kill(pid, SIGKILL));
    CHECK_EQ(pid, waitpid(pid, NULL, 0));
}

/* Until it is a zombie, which stays one. */
static inline void await_zombie(pid_t pid)
{
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
}

static inline int events_of(int fd, int timeout_ms)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    CHECK(poll(&one, 1, timeout_ms) >= 0);
    return one.revents;
}

#endif
