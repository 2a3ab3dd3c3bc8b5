#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include <stdint.h>

struct arguments { /* include/uapi/linux/sched.h:clone_args, of 88 bytes, and what a later kernel may add */
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup, later;
};

#define SIZE 88
#define CLEAR_SIGHAND 0x100000000ull
#define INTO_CGROUP 0x200000000ull

/* A sandbox may hide the call from programs: then there is nothing to ask. */
static int is_hidden(void)
{
#ifdef __riscv
    return 0;
#else
    return syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS;
#endif
}

static long clone3(const struct arguments *arguments, size_t size)
{
    return syscall(SYS_clone3, arguments, size);
}

CASE(as_fork)
{
    if (is_hidden())
        return;
    int word = 0;
    int *shared = shared_memory(4096);
    struct arguments arguments = {.flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, .exit_signal = SIGCHLD,
                                  .parent_tid = (uintptr_t)&word, .child_tid = (uintptr_t)shared};
    pid_t pid = (pid_t)clone3(&arguments, 64);
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(*shared == getpid() ? 4 : 5);
    CHECK_EQ(4 << 8, status_of(pid));
    CHECK_EQ(pid, word);
    CHECK_EQ(pid, *shared);
}

CASE(no_signal_at_the_end)
{
    int status;
    struct arguments arguments = {.flags = 0};
    if (is_hidden())
        return;
    block_signal(SIGCHLD);
    pid_t pid = (pid_t)clone3(&arguments, SIZE);
    if (pid == 0)
        _exit(0);
    CHECK_ERRNO(ECHILD, waitpid(pid, &status, 0));
    CHECK_EQ(pid, waitpid(pid, &status, __WCLONE));
    CHECK_EQ(0, is_pending(SIGCHLD));
}

CASE(handlers_are_cleared)
{
    struct arguments arguments = {.flags = CLEAR_SIGHAND, .exit_signal = SIGCHLD};
    struct sigaction usr1, usr2;
    if (is_hidden())
        return;
    catch_signal(SIGUSR1, SA_NODEFER);
    usr2 = (struct sigaction){.sa_handler = SIG_IGN, .sa_flags = SA_NODEFER};
    sigaddset(&usr2.sa_mask, SIGHUP);
    sigaction(SIGUSR2, &usr2, NULL);
    pid_t pid = (pid_t)clone3(&arguments, SIZE);
    CHECK(pid >= 0);
    if (pid == 0) {
        sigaction(SIGUSR1, NULL, &usr1);
        sigaction(SIGUSR2, NULL, &usr2);
        CHECK(usr1.sa_handler == SIG_DFL && usr2.sa_handler == SIG_IGN);
        CHECK_EQ(0, (usr1.sa_flags | usr2.sa_flags) & SA_NODEFER);
        CHECK_EQ(0, sigismember(&usr2.sa_mask, SIGHUP));
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    sigaction(SIGUSR1, NULL, &usr1);
    CHECK(usr1.sa_sigaction == note_signal && usr1.sa_flags & SA_NODEFER);
}

CASE(the_size)
{
    struct arguments arguments = {.exit_signal = SIGCHLD, .later = 1};
    if (is_hidden())
        return;
    CHECK_ERRNO(EINVAL, clone3(&arguments, 63));
    CHECK_ERRNO(EINVAL, clone3(BAD, 0));
    CHECK_ERRNO(E2BIG, clone3(&arguments, 4097));
    CHECK_ERRNO(E2BIG, clone3(&arguments, sizeof arguments));
    CHECK_ERRNO(EFAULT, clone3(BAD, 64));
    CHECK_ERRNO(EFAULT, clone3((void *)at_edge(80), SIZE));
    arguments.later = 0;
    pid_t pid = (pid_t)clone3(&arguments, sizeof arguments); /* unknown fields that are 0 */
    if (pid == 0)
        _exit(0);
    CHECK_EQ(0, status_of(pid));
}

CASE(bad_fields)
{
    if (is_hidden())
        return;
    const struct arguments bad[] = {
        {.exit_signal = 65},
        {.exit_signal = 256 + SIGCHLD},
        {.flags = SIGCHLD},
        {.flags = 0x400000, .exit_signal = SIGCHLD}, /* CLONE_DETACHED */
        {.flags = 1ull << 40, .exit_signal = SIGCHLD},
        {.flags = CLONE_VM | CLONE_SIGHAND | CLEAR_SIGHAND, .exit_signal = SIGCHLD},
        {.flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, .exit_signal = SIGCHLD},
        {.flags = CLONE_PARENT, .exit_signal = SIGCHLD},
        {.stack = 4096, .exit_signal = SIGCHLD},
        {.stack_size = 4096, .exit_signal = SIGCHLD},
        {.set_tid_size = 1, .exit_signal = SIGCHLD},
        {.set_tid = 4096, .exit_signal = SIGCHLD},
        {.set_tid = 4096, .set_tid_size = 33, .exit_signal = SIGCHLD},
        {.flags = CLONE_SIGHAND, .exit_signal = SIGCHLD},
        {.flags = INTO_CGROUP, .cgroup = 1ull << 31, .exit_signal = SIGCHLD},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        errno = 0;
        long result = clone3(&bad[i], SIZE);
        if (result != -1 || errno != EINVAL)
            CHECK_FAIL("fields %zu: %ld, errno %d", i, result, errno);
    }
    struct arguments group = {.flags = INTO_CGROUP, .cgroup = 9999, .exit_signal = SIGCHLD};
    CHECK_ERRNO(EINVAL, clone3(&group, 80)); /* the field is not there */
    CHECK_ERRNO(EBADF, clone3(&group, SIZE));
}
