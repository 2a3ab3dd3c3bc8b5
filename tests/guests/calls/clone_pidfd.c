#define _GNU_SOURCE
/* CLONE_PIDFD in clone and clone3. */
#include "check.h"
#include "pidfds.h"
#include <sys/resource.h>

enum { PIDFD = 0x1000, VM = 0x100, DETACHED = 0x400000, PARENT_SETTID = 0x100000 };

struct arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

static long clone_by(long flags, void *parent_tid)
{
    return syscall(SYS_clone, flags, NULL, parent_tid, NULL, NULL);
}

static long clone3_by(struct arguments *arguments)
{
    return syscall(435, arguments, sizeof *arguments);
}

static void is_pidfd_of(int fd, pid_t child)
{
    siginfo_t info = {0};
    CHECK(fd >= 3);
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(POLLIN, events_of(fd, 5000));
    CHECK_EQ(0, syscall(SYS_waitid, 3, fd, &info, WEXITED, NULL));
    CHECK_EQ(child, info.si_pid);
}

CASE(clone_stores_it_in_place_of_the_tid)
{
    int fd = -1;
    long child = clone_by(PIDFD | SIGCHLD, &fd);
    if (child == 0)
        _exit(fcntl(3, F_GETFD) == -1 ? 0 : 1); /* the child has it not */
    CHECK(child > 0);
    is_pidfd_of(fd, (pid_t)child);
}

CASE(clone3_has_a_field)
{
    int fd = -1, tid = -1;
    struct arguments arguments = {.flags = PIDFD | PARENT_SETTID, .pidfd = (uintptr_t)&fd,
                                  .parent_tid = (uintptr_t)&tid, .exit_signal = SIGCHLD};
    long child = clone3_by(&arguments);
    if (child == 0)
        _exit(0);
    CHECK(child > 0);
    CHECK_EQ(child, tid);
    is_pidfd_of(fd, (pid_t)child);
}

CASE(errors_make_no_child)
{
    struct rlimit limit = {3, 3};
    int fd = -1;
    struct arguments both = {.flags = PIDFD | PARENT_SETTID, .pidfd = (uintptr_t)&fd, .parent_tid = (uintptr_t)&fd,
                             .exit_signal = SIGCHLD};
    CHECK_ERRNO(EINVAL, clone_by(PIDFD | PARENT_SETTID | SIGCHLD, &fd));
    CHECK_ERRNO(EINVAL, clone_by(PIDFD | DETACHED | SIGCHLD, &fd));
    CHECK_ERRNO(EINVAL, clone3_by(&both));
    CHECK_ERRNO(EFAULT, clone_by(PIDFD | SIGCHLD, BAD));
    CHECK_EQ(3, dup(0));
    close(3);
    CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
    CHECK_ERRNO(EMFILE, clone_by(PIDFD | SIGCHLD, &fd));
    CHECK_ERRNO(ECHILD, waitpid(-1, NULL, 0));
    CHECK_EQ(-1, fd);
}
