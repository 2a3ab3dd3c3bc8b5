#define _GNU_SOURCE
/* F_SETOWN, F_SETSIG, their relatives, and O_ASYNC. */
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define BAD ((void *)-4096l)

struct owner {
    int type, pid;
};

static int taken(int number, siginfo_t *info, long ms)
{
    struct timespec limit = {ms / 1000, ms % 1000 * 1000000};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return sigtimedwait(&set, info, &limit);
}

static void block(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
}

CASE(who_owns)
{
    int ends[2];
    struct owner owner = {9, 9};
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, syscall(SYS_fcntl, ends[0], F_GETOWN));
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, getpid()));
    CHECK_EQ(getpid(), syscall(SYS_fcntl, ends[0], F_GETOWN));
    CHECK_EQ(0, syscall(SYS_fcntl, ends[1], F_GETOWN));
    CHECK_EQ(0, setpgid(0, 0));
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, -getpid()));
    CHECK_EQ(0, syscall(SYS_fcntl, ends[0], F_GETOWN_EX, &owner));
    CHECK_EQ(F_OWNER_PGRP, owner.type);
    CHECK_EQ(getpid(), owner.pid);
    owner = (struct owner){F_OWNER_TID, (int)syscall(SYS_gettid)};
    CHECK_EQ(0, syscall(SYS_fcntl, ends[0], F_SETOWN_EX, &owner));
    CHECK_EQ(owner.pid, syscall(SYS_fcntl, ends[0], F_GETOWN));
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, 0));
    CHECK_EQ(0, syscall(SYS_fcntl, ends[0], F_GETOWN));
}

CASE(one_that_has_gone_is_nobody)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, child));
    CHECK_EQ(child, syscall(SYS_fcntl, ends[0], F_GETOWN));
    kill(child, SIGKILL);
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK_EQ(0, syscall(SYS_fcntl, ends[0], F_GETOWN));
}

CASE(a_pipe_with_input)
{
    int ends[2];
    siginfo_t info;
    block(SIGIO);
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, getpid()));
    CHECK_EQ(1, write(ends[1], "a", 1));
    CHECK_ERRNO(EAGAIN, taken(SIGIO, &info, 5)); /* not asked for yet */
    CHECK_EQ(0, fcntl(ends[0], F_SETFL, O_ASYNC));
    CHECK_EQ(O_ASYNC, fcntl(ends[0], F_GETFL) & O_ASYNC);
    CHECK_EQ(1, write(ends[1], "b", 1));
    CHECK_EQ(SIGIO, taken(SIGIO, &info, 1000));
    CHECK_EQ(SI_KERNEL, info.si_code);
    CHECK_EQ(0, fcntl(ends[0], F_SETFL, 0));
    CHECK_EQ(1, write(ends[1], "c", 1));
    CHECK_ERRNO(EAGAIN, taken(SIGIO, &info, 5));
}

CASE(a_signal_that_tells_more)
{
    int ends[2], number = SIGRTMIN + 3;
    siginfo_t info;
    block(number);
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, fcntl(ends[0], F_GETSIG));
    CHECK_EQ(0, fcntl(ends[0], F_SETSIG, number));
    CHECK_EQ(number, fcntl(ends[0], F_GETSIG));
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, getpid()));
    CHECK_EQ(0, fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK));
    CHECK_EQ(1, write(ends[1], "b", 1));
    CHECK_EQ(number, taken(number, &info, 1000));
    CHECK_EQ(POLL_IN, info.si_code);
    CHECK_EQ(ends[0], info.si_fd);
    CHECK_EQ(POLLIN | POLLRDNORM, info.si_band);
    close(ends[1]); /* an end of file is news too */
    CHECK_EQ(number, taken(number, &info, 1000));
}

CASE(a_pipe_with_room)
{
    char block_of[4096] = "";
    int ends[2], number = SIGRTMIN + 3;
    siginfo_t info;
    block(number);
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, fcntl(ends[1], F_SETFL, O_NONBLOCK));
    while (write(ends[1], block_of, sizeof block_of) > 0)
        ;
    CHECK_EQ(0, fcntl(ends[1], F_SETSIG, number));
    CHECK_EQ(0, fcntl(ends[1], F_SETOWN, getpid()));
    CHECK_EQ(0, fcntl(ends[1], F_SETFL, O_ASYNC | O_NONBLOCK));
    CHECK_EQ(4096, read(ends[0], block_of, 4096));
    CHECK_EQ(number, taken(number, &info, 1000));
    CHECK_EQ(POLL_OUT, info.si_code);
    CHECK_EQ(ends[1], info.si_fd);
}

CASE(a_group_is_signalled)
{
    int ends[2], status = 0;
    CHECK_EQ(0, pipe(ends));
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    CHECK_EQ(0, setpgid(child, child));
    CHECK_EQ(0, fcntl(ends[0], F_SETOWN, -child));
    int on = 1;
    CHECK_EQ(0, ioctl(ends[0], FIOASYNC, &on));
    CHECK_EQ(1, write(ends[1], "b", 1));
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGIO, WTERMSIG(status)); /* what it does by default */
}

CASE(a_terminal)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), number = SIGRTMIN + 3;
    siginfo_t info;
    char name[64];
    block(number);
    if (master < 0)
        return; /* a container without pseudoterminals */
    unsigned which = 0;
    int zero = 0;
    CHECK_EQ(0, ioctl(master, TIOCGPTN, &which));
    CHECK_EQ(0, ioctl(master, TIOCSPTLCK, &zero));
    snprintf(name, sizeof name, "/dev/pts/%u", which);
    int terminal = open(name, O_RDWR | O_NOCTTY);
    if (terminal < 0)
        return;
    CHECK_EQ(0, fcntl(terminal, F_SETFL, O_ASYNC));
    CHECK_EQ(getpid(), syscall(SYS_fcntl, terminal, F_GETOWN)); /* of itself */
    CHECK_EQ(0, fcntl(terminal, F_SETSIG, number));
    CHECK_EQ(5, write(master, "line\n", 5));
    CHECK_EQ(number, taken(number, &info, 1000));
    CHECK_EQ(POLL_IN, info.si_code);
}

CASE(files_without_signals)
{
    int on = 1, file = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(0, fcntl(file, F_SETFL, O_ASYNC));
    CHECK_EQ(0, fcntl(file, F_GETFL) & O_ASYNC);
    CHECK_ERRNO(ENOTTY, ioctl(file, FIOASYNC, &on));
    CHECK_EQ(0, fcntl(file, F_SETOWN, getpid())); /* kept all the same */
    CHECK_EQ(getpid(), syscall(SYS_fcntl, file, F_GETOWN));
}

CASE(errors)
{
    int ends[2];
    struct owner owner = {7, 0};
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(ESRCH, fcntl(ends[0], F_SETOWN, 0x3fffffff));
    CHECK_ERRNO(ESRCH, fcntl(ends[0], F_SETOWN, -0x3fffffff));
    CHECK_ERRNO(EINVAL, fcntl(ends[0], F_SETOWN, -0x7fffffff - 1));
    CHECK_ERRNO(EINVAL, fcntl(ends[0], F_SETSIG, 65));
    CHECK_ERRNO(EINVAL, fcntl(ends[0], F_SETSIG, -1));
    CHECK_ERRNO(EFAULT, syscall(SYS_fcntl, ends[0], F_SETOWN_EX, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_fcntl, ends[0], F_GETOWN_EX, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_fcntl, ends[0], F_SETOWN_EX, &owner));
    owner = (struct owner){F_OWNER_PID, 0x3fffffff};
    CHECK_ERRNO(ESRCH, syscall(SYS_fcntl, ends[0], F_SETOWN_EX, &owner));
    int path = open("/", O_PATH);
    CHECK_ERRNO(EBADF, fcntl(path, F_SETOWN, getpid()));
}
