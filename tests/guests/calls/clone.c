#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include "handlers.h"
#include <fcntl.h>
#include <sys/stat.h>

/* The kernel's own order of arguments is not the same everywhere. kernel/fork.c, CLONE_BACKWARDS */
static long raw_clone(unsigned long flags, void *stack, int *parent_tid, int *child_tid, void *tls)
{
#ifdef __x86_64__
    return syscall(SYS_clone, flags, stack, parent_tid, child_tid, tls);
#else
    return syscall(SYS_clone, flags, stack, parent_tid, tls, child_tid);
#endif
}

static volatile int number = 1;
static char stack[65536] __attribute__((aligned(16)));
static int word = 77;

/* A child with a stack of its own; the parent waits until it is gone, so both may use one memory. */
static int run_child(int (*body)(void *), int flags, void *argument)
{
    pid_t pid = clone(body, stack + sizeof stack, flags | SIGCHLD, argument, NULL, NULL, NULL);
    CHECK(pid > 0);
    return status_of(pid);
}

static int sets_number(void *value)
{
    number = (int)(long)value;
    return 5;
}

CASE(memory_is_copied_or_shared)
{
    CHECK_EQ(5 << 8, run_child(sets_number, 0, (void *)2));
    CHECK_EQ(1, number);
    CHECK_EQ(5 << 8, run_child(sets_number, CLONE_VM, (void *)3));
    CHECK_EQ(3, number);
}

static int opens_50(void *unused)
{
    (void)unused;
    return dup2(1, 50) != 50;
}

CASE(descriptors_are_copied_or_shared)
{
    CHECK_EQ(0, run_child(opens_50, 0, NULL));
    CHECK_ERRNO(EBADF, fcntl(50, F_GETFD));
    CHECK_EQ(0, run_child(opens_50, CLONE_FILES, NULL));
    CHECK_EQ(0, fcntl(50, F_GETFD));
}

static int goes_elsewhere(void *unused)
{
    (void)unused;
    umask(077);
    return chdir("/") != 0;
}

CASE(the_folder_and_umask_are_copied_or_shared)
{
    char here[256], now[256];
    umask(022);
    CHECK(getcwd(here, sizeof here));
    CHECK_EQ(0, run_child(goes_elsewhere, 0, NULL));
    CHECK(getcwd(now, sizeof now) && strcmp(here, now) == 0);
    CHECK_EQ(022, umask(022));
    CHECK_EQ(0, run_child(goes_elsewhere, CLONE_FS, NULL));
    CHECK(getcwd(now, sizeof now) && strcmp("/", now) == 0);
    CHECK_EQ(077, umask(022));
}

static int ignores_usr1(void *unused)
{
    (void)unused;
    signal(SIGUSR1, SIG_IGN);
    return 0;
}

CASE(handlers_are_copied_or_shared)
{
    struct sigaction now;
    CHECK_EQ(0, run_child(ignores_usr1, CLONE_VM, NULL));
    CHECK_EQ(0, sigaction(SIGUSR1, NULL, &now));
    CHECK(now.sa_handler == SIG_DFL);
    CHECK_EQ(0, run_child(ignores_usr1, CLONE_VM | CLONE_SIGHAND, NULL));
    CHECK_EQ(0, sigaction(SIGUSR1, NULL, &now));
    CHECK(now.sa_handler == SIG_IGN);
}

CASE(tids_are_stored)
{
    int *words = shared_memory(4096);
    pid_t pid = (pid_t)raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, &word, &words[1], NULL);
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(words[1] != syscall(SYS_gettid));
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(pid, word);
    CHECK_EQ(pid, words[1]);
    /* In a copy of the memory only the child sees CHILD_SETTID. */
    word = 1;
    pid = (pid_t)raw_clone(CLONE_CHILD_SETTID | SIGCHLD, NULL, NULL, &word, NULL);
    if (pid == 0)
        _exit(word != syscall(SYS_gettid));
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(1, word);
}

static int sleeps(void *unused)
{
    (void)unused;
    pause_ms(30);
    _exit(0);
}

CASE(the_tid_is_cleared_at_the_end)
{
    int *words = shared_memory(4096);
    for (int shared = 0; shared < 2; shared++) {
        words[shared] = 5;
        pid_t pid = (pid_t)raw_clone(CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, &words[shared], NULL);
        if (pid == 0) {
            if (shared)
                clone(sleeps, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
            _exit(0);
        }
        CHECK_EQ(0, status_of(pid));
    }
    CHECK_EQ(5, words[0]); /* nobody is left in that memory */
    CHECK_EQ(0, words[1]);
}

CASE(bad_places_for_tids_are_no_error)
{
    pid_t pid = (pid_t)raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, BAD, BAD,
                                 NULL);
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(0);
    CHECK_EQ(0, status_of(pid));
}

CASE(another_signal_at_the_end)
{
    int status;
    block_signal(SIGUSR1);
    block_signal(SIGCHLD);
    pid_t pid = (pid_t)raw_clone(SIGUSR1, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(6);
    CHECK_ERRNO(ECHILD, waitpid(pid, &status, 0));
    CHECK_EQ(pid, waitpid(pid, &status, __WCLONE));
    CHECK_EQ(6 << 8, status);
    CHECK_EQ(1, is_pending(SIGUSR1));
    CHECK_EQ(0, is_pending(SIGCHLD));
    pid = (pid_t)raw_clone(0, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(7);
    CHECK_EQ(pid, waitpid(pid, &status, __WALL));
    CHECK_EQ(7 << 8, status);
    CHECK_EQ(0, is_pending(SIGCHLD));
}

CASE(a_sibling)
{
    pid_t *seen = shared_memory(4096), own_parent = getppid(), pid = forked();
    if (pid == 0) {
        pid_t sibling = (pid_t)raw_clone(CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
        if (sibling == 0) {
            seen[0] = getppid();
            _exit(3);
        }
        seen[1] = sibling;
        _exit(waitpid(sibling, NULL, 0) != -1);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK(own_parent != getpid());
    CHECK_EQ(3 << 8, status_of(seen[1]));
    CHECK_EQ(getpid(), seen[0]);
}

static int sleeps_then_sets(void *unused)
{
    (void)unused;
    pause_ms(10);
    number = 9;
    _exit(0);
}

CASE(vfork_waits)
{
    pid_t pid = clone(sleeps_then_sets, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    CHECK_EQ(9, number);
    CHECK_EQ(0, status_of(pid));
}

CASE(what_a_child_begins_with)
{
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack}, got;
    struct itimerval left;
    sigset_t mask;
    block_signal(SIGUSR1);
    CHECK_EQ(0, raise(SIGUSR1));
    CHECK_EQ(0, sigaltstack(&alternate, NULL));
    struct itimerval soon = {{0, 0}, {100, 0}};
    CHECK_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
    pid_t pid = forked();
    if (pid == 0) {
        getitimer(ITIMER_REAL, &left);
        sigaltstack(NULL, &got);
        sigprocmask(SIG_BLOCK, NULL, &mask);
        _exit(left.it_value.tv_sec != 0 || is_pending(SIGUSR1) || !sigismember(&mask, SIGUSR1) || got.ss_sp != stack);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(1, is_pending(SIGUSR1));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, raw_clone(CLONE_THREAD | SIGCHLD, NULL, NULL, NULL, NULL));
    CHECK_ERRNO(EINVAL, raw_clone(CLONE_THREAD | CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL));
    CHECK_ERRNO(EINVAL, raw_clone(CLONE_SIGHAND | SIGCHLD, NULL, NULL, NULL, NULL));
    CHECK_ERRNO(EINVAL, raw_clone(CLONE_NEWNS | CLONE_FS | SIGCHLD, NULL, NULL, NULL, NULL));
    CHECK_ERRNO(ECHILD, waitpid(-1, NULL, __WALL));
}

CASE(a_limit_on_processes)
{
    struct rlimit none = {0, 0};
    become_user();
    CHECK_EQ(0, setrlimit(RLIMIT_NPROC, &none));
    CHECK_ERRNO(EAGAIN, raw_clone(SIGCHLD, NULL, NULL, NULL, NULL));
}
