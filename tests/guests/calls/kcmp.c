#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { FILES_OF = 0, VM, FILES, FS, SIGHAND, IO, SYSVSEM, EPOLL_TFD };

static long compare(pid_t one, pid_t other, int kind, unsigned long first, unsigned long second)
{
    return syscall(SYS_kcmp, one, other, kind, first, second);
}

/* A kernel may be built without it. */
static int missing(void)
{
    return compare(getpid(), getpid(), VM, 0, 0) == -1 && errno == ENOSYS;
}

static pid_t child_with(int flags)
{
    pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static void end(pid_t pid)
{
    CHECK_EQ(0, kill(pid, SIGKILL));
    CHECK_EQ(pid, waitpid(pid, NULL, 0));
}

CASE(open_files)
{
    if (missing())
        return;
    int file = open("f", O_CREAT | O_RDWR, 0600), copy = dup(file), again = open("f", O_RDWR);
    CHECK_EQ(0, compare(getpid(), getpid(), FILES_OF, file, copy));
    CHECK(compare(getpid(), getpid(), FILES_OF, file, again) > 0);
    pid_t child = child_with(0);
    CHECK_EQ(0, compare(getpid(), child, FILES_OF, file, copy));
    CHECK(compare(getpid(), child, FILES_OF, again, file) > 0);
    end(child);
}

CASE(what_clone_shares)
{
    if (missing())
        return;
    pid_t own = getpid(), apart = child_with(0), sharing = child_with(CLONE_FILES | CLONE_FS);
    CHECK_EQ(0, compare(own, own, VM, 0, 0));
    CHECK(compare(own, apart, VM, 0, 0) > 0);
    CHECK(compare(own, apart, FILES, 0, 0) > 0);
    CHECK(compare(own, apart, FS, 0, 0) > 0);
    CHECK(compare(own, apart, SIGHAND, 0, 0) > 0);
    CHECK_EQ(0, compare(own, apart, IO, 0, 0));
    CHECK_EQ(0, compare(own, sharing, FILES, 0, 0));
    CHECK_EQ(0, compare(sharing, own, FS, 0, 0));
    CHECK(compare(apart, sharing, FILES, 0, 0) > 0);
    end(apart);
    end(sharing);
}

CASE(what_an_epoll_watches)
{
    struct {
        uint32_t epoll, fd, which;
    } slot;
    if (missing())
        return;
    int ends[2], epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
    slot.epoll = epoll;
    slot.fd = ends[0];
    slot.which = 0;
    CHECK_EQ(0, compare(getpid(), getpid(), EPOLL_TFD, ends[0], (unsigned long)&slot));
    CHECK(compare(getpid(), getpid(), EPOLL_TFD, ends[1], (unsigned long)&slot) > 0);
    CHECK_ERRNO(EFAULT, compare(getpid(), getpid(), EPOLL_TFD, ends[1], (unsigned long)-4096));
    slot.which = 1;
    CHECK_ERRNO(ENOENT, compare(getpid(), getpid(), EPOLL_TFD, ends[0], (unsigned long)&slot));
    slot.epoll = ends[1];
    CHECK_ERRNO(EINVAL, compare(getpid(), getpid(), EPOLL_TFD, ends[0], (unsigned long)&slot));
    slot.epoll = 99;
    CHECK_ERRNO(EBADF, compare(getpid(), getpid(), EPOLL_TFD, ends[0], (unsigned long)&slot));
}

CASE(errors)
{
    if (missing())
        return;
    CHECK_ERRNO(ESRCH, compare(getpid(), 0x3fffffff, 99, 0, 0));
    CHECK_ERRNO(ESRCH, compare(0, getpid(), VM, 0, 0)); /* 0 is nobody here */
    CHECK_ERRNO(EINVAL, compare(getpid(), getpid(), 99, 0, 0));
    CHECK_ERRNO(EINVAL, compare(getpid(), getpid(), -1, 0, 0));
    CHECK_ERRNO(EBADF, compare(getpid(), getpid(), FILES_OF, 0, 99));
    CHECK_ERRNO(EBADF, compare(getpid(), getpid(), FILES_OF, 99, 0));
}

CASE(another_user_may_not)
{
    if (missing() || geteuid() != 0)
        return;
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        CHECK_EQ(0, setgid(12345));
        CHECK_EQ(0, setuid(12345));
        CHECK_ERRNO(EPERM, compare(getpid(), parent, VM, 0, 0));
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

#ifdef __riscv
/* There are no semaphores of System V; Linux without them says the same. kernel/kcmp.c */
CASE(no_semaphores)
{
    CHECK_ERRNO(EOPNOTSUPP, compare(getpid(), getpid(), SYSVSEM, 0, 0));
}
#endif
