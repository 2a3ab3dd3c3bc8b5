#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include "epoll.h"
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

static struct signalfd_siginfo info[3];
static sigset_t mask;

static int blocked(int signo, int also)
{
    sigemptyset(&mask), sigaddset(&mask, signo), sigaddset(&mask, also);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    return signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

CASE(reads_signals)
{
    int fd = blocked(SIGUSR1, SIGRTMIN);
    union sigval value = {.sival_int = 42};
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(O_RDWR | O_NONBLOCK, fcntl(fd, F_GETFL));
    CHECK_ERRNO(EAGAIN, read(fd, info, sizeof info));
    CHECK_EQ(0, sigqueue(getpid(), SIGRTMIN, value) | kill(getpid(), SIGUSR1));
    struct pollfd ready = {fd, POLLIN, 0};
    CHECK_EQ(1, poll(&ready, 1, 0));
    CHECK_ERRNO(EINVAL, read(fd, info, 127));
    CHECK_EQ(256, read(fd, info, sizeof info));
    CHECK_EQ(SIGUSR1, info[0].ssi_signo);
    CHECK_EQ(SI_USER, info[0].ssi_code);
    CHECK_EQ(getpid(), info[0].ssi_pid);
    CHECK_EQ(getuid(), info[0].ssi_uid);
    CHECK_EQ(SIGRTMIN, info[1].ssi_signo);
    CHECK_EQ(SI_QUEUE, info[1].ssi_code);
    CHECK_EQ(42, info[1].ssi_int);
    CHECK_EQ(0, poll(&ready, 1, 0));
    sigset_t pending;
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGUSR1)); /* what was read is not delivered */
}

CASE(a_child_that_ends)
{
    int fd = blocked(SIGCHLD, SIGCHLD);
    CHECK_EQ(0, fcntl(fd, F_SETFL, 0));
    pid_t child = fork();
    if (child == 0)
        _exit(3);
    CHECK_EQ(128, read(fd, info, 128)); /* waits for it */
    CHECK_EQ(SIGCHLD, info[0].ssi_signo);
    CHECK_EQ(child, info[0].ssi_pid);
    CHECK_EQ(CLD_EXITED, info[0].ssi_code);
    CHECK_EQ(3, info[0].ssi_status);
}

CASE(another_mask)
{
    int fd = blocked(SIGUSR1, SIGUSR2);
    raise(SIGUSR1), raise(SIGUSR2);
    sigdelset(&mask, SIGUSR1);
    CHECK_EQ(fd, signalfd(fd, &mask, 0));
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD)); /* the flags were for the first time */
    CHECK_EQ(128, read(fd, info, sizeof info));
    CHECK_EQ(SIGUSR2, info[0].ssi_signo);
    CHECK_ERRNO(EAGAIN, read(fd, info, sizeof info));
}

CASE(with_epoll)
{
    int fd = blocked(SIGUSR1, SIGUSR1), ep = epoll_create1(0);
    struct epoll_event got;
    CHECK_EQ(0, add(ep, fd, EPOLLIN));
    CHECK_EQ(0, epoll_wait(ep, &got, 1, 0));
    raise(SIGUSR1);
    CHECK_EQ(1, epoll_wait(ep, &got, 1, -1));
    CHECK_EQ(128, read(fd, info, 128));
    CHECK_EQ(0, epoll_wait(ep, &got, 1, 0));
}

CASE(bad_memory_takes_nothing)
{
    int fd = blocked(SIGUSR1, SIGUSR1);
    raise(SIGUSR1);
    CHECK_ERRNO(EFAULT, read(fd, unmapped_page(), 128));
    CHECK_ERRNO(EINVAL, write(fd, info, 128));
}

CASE(errors)
{
    CHECK(blocked(SIGUSR1, SIGUSR1) >= 0);
    CHECK_ERRNO(EINVAL, signalfd(dup(1), &mask, 0));
    CHECK_ERRNO(EBADF, signalfd(99, &mask, 0));
    CHECK_ERRNO(EBADF, signalfd(-2, &mask, 0));
    CHECK_ERRNO(EINVAL, signalfd(-1, &mask, 1));
    CHECK_ERRNO(EINVAL, syscall(SYS_signalfd4, 99, BAD, 4, 1)); /* the size, the mask, the flags, the number */
    CHECK_ERRNO(EFAULT, syscall(SYS_signalfd4, 99, BAD, 8, 1));
    CHECK_ERRNO(EINVAL, syscall(SYS_signalfd4, 99, &mask, 8, 1));
    sigaddset(&mask, SIGKILL), sigaddset(&mask, SIGSTOP);
    CHECK(signalfd(-1, &mask, 0) >= 0); /* which never come here */
    no_more_descriptors();
    CHECK_ERRNO(EMFILE, signalfd(-1, &mask, 0));
}
