/* What several calls do together: memory that processes share or copy, faults, stops. Each call alone: calls/. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"

static volatile int shared_int = 1;
static char big[65536];

/* fork that did not fail: kill(-1) on the host would be no test. */
static pid_t forked(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    return pid;
}

static pid_t child_that_exits(int code)
{
    pid_t pid = forked();
    if (pid == 0)
        _exit(code);
    return pid;
}

static int status_of(pid_t pid)
{
    int status = -1;
    CHECK_EQ(pid, waitpid(pid, &status, 0));
    return status;
}

static void no_core(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

CASE(fork_and_wait)
{
    int status = status_of(child_that_exits(7));
    CHECK(WIFEXITED(status));
    CHECK_EQ(7, WEXITSTATUS(status));
    CHECK_ERRNO(ECHILD, wait(&status));
}

CASE(memory_is_copied)
{
    volatile int local = 5;
    big[40000] = 'a';
    pid_t pid = forked();
    if (pid == 0) {
        if (big[40000] != 'a' || local != 5)
            _exit(1);
        big[40000] = 'b', big[0] = 'c', local = 6, shared_int = 9;
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK(big[40000] == 'a' && big[0] == 0 && local == 5 && shared_int == 1);
}

static void fault(int which)
{
    volatile char *read_only = (volatile char *)(uintptr_t) "constant";
    switch (which) {
    case 0: *(volatile char *)8 = 1; break;
    case 1: (void)*(volatile char *)16; break;
    case 2: *read_only = 1; break;
    case 3: ((void (*)(void))32)(); break;
    case 4: (void)*(volatile char *)(1ul << 63); break;
    }
}

CASE(faults_are_sigsegv)
{
    for (int which = 0; which < 5; which++) {
        pid_t pid = forked();
        if (pid == 0) {
            no_core();
            fault(which);
            _exit(0);
        }
        CHECK_EQ(SIGSEGV, WTERMSIG(status_of(pid)));
    }
}

CASE(shared_memory_written_by_the_kernel)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = forked();
    if (pid == 0)
        _exit(write(ends[1], "hello", 5) == 5 && read(ends[0], at + 4094, 5) == 5 ? 0 : 1);
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(0, memcmp(at + 4094, "hello", 5));
}

CASE(prot_none_is_closed_to_the_kernel_too)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    char *at = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(at, 'x', 3 * 4096);
    CHECK_EQ(0, mprotect(at + 4096, 4096, PROT_NONE));
    CHECK_ERRNO(EFAULT, write(ends[1], at + 4096, 1));
    CHECK_EQ(1, write(ends[1], at, 1));
    CHECK_ERRNO(EFAULT, read(ends[0], at + 4096, 1));
    CHECK_ERRNO(EFAULT, open(at + 4096, O_RDONLY));
    CHECK_ERRNO(EFAULT, open(at + 4095, O_RDONLY));
    CHECK_EQ(0, mprotect(at + 4096, 4096, PROT_READ));
    CHECK_EQ('x', at[4096]);
    CHECK_ERRNO(EFAULT, pipe((int *)(at + 4096)));
}

CASE(unmapped_code_and_stack)
{
    for (int which = 0; which < 2; which++) {
        pid_t pid = forked();
        if (pid == 0) {
            no_core();
            uintptr_t at = which ? (uintptr_t)&pid : (uintptr_t)&child_that_exits;
            syscall(SYS_munmap, (at & ~4095ul) - 4096 * 2, 4096 * 3);
            child_that_exits((int)at);
            _exit(0);
        }
        int status = status_of(pid);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    }
}

static int runaway(volatile int *depth)
{
    volatile char frame[1024];
    frame[0] = (char)*depth;
    ++*depth;
    return runaway(depth) + frame[0];
}

CASE(the_stack_ends_somewhere)
{
    volatile int *depth = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = forked();
    if (pid == 0) {
        struct rlimit limit = {1 << 20, 1 << 20};
        no_core();
        setrlimit(RLIMIT_STACK, &limit);
        _exit(runaway(depth));
    }
    CHECK_EQ(SIGSEGV, WTERMSIG(status_of(pid)));
    CHECK(*depth > 100);
}

CASE(a_stop_from_the_keyboard_passes_an_orphaned_group_by)
{
    int status = 0;
    pid_t pid = forked();
    if (pid == 0) { /* its parent is in its session but not in its group */
        setpgid(0, 0);
        raise(SIGTSTP);
        _exit(3);
    }
    CHECK_EQ(pid, waitpid(pid, &status, WUNTRACED));
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(SIGTSTP, WSTOPSIG(status));
    CHECK_EQ(0, kill(pid, SIGCONT));
    CHECK_EQ(3 << 8, status_of(pid));
    pid = forked();
    if (pid == 0) { /* its parent is in another session */
        setsid();
        raise(SIGTSTP);
        _exit(4);
    }
    CHECK_EQ(pid, waitpid(pid, &status, WUNTRACED));
    CHECK_EQ(4 << 8, status);
}
