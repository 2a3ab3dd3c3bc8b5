/* Process life in the ABI linux: what riscv64 Linux and every other Linux do alike. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

static volatile int shared_int = 1;
static char big[65536];

static void pause_ms(long ms)
{
    struct timespec length = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&length, NULL);
}

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

static pid_t child_that_waits(void)
{
    pid_t pid = forked();
    if (pid == 0)
        for (;;)
            pause();
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

CASE(exit_status_is_eight_bits)
{
    static const int codes[] = {0, 1, 255, 256, 257, -1, -2};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        CHECK_EQ((codes[i] & 255) << 8, status_of(child_that_exits(codes[i])));
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

CASE(wait_blocks_until_the_child_ends)
{
    pid_t pid = forked();
    if (pid == 0) {
        pause_ms(30);
        _exit(3);
    }
    int status;
    CHECK_EQ(0, waitpid(pid, &status, WNOHANG));
    CHECK_EQ(pid, waitpid(-1, &status, 0));
    CHECK_EQ(3, WEXITSTATUS(status));
}

CASE(wait4_bad_arguments)
{
    CHECK_ERRNO(ECHILD, waitpid(-1, NULL, 0));
    CHECK_ERRNO(EINVAL, waitpid(-1, NULL, 0x7000));
    CHECK_ERRNO(ECHILD, waitpid(getpid(), NULL, 0));
    CHECK_ERRNO(ESRCH, waitpid((pid_t)0x80000000, NULL, 0));
    pid_t pid = child_that_exits(0);
    CHECK_ERRNO(ECHILD, waitpid(pid + 1000, NULL, 0));
    CHECK_EQ(0, status_of(pid));
}

CASE(wait_leaves_the_zombie_with_wnowait)
{
    siginfo_t info;
    pid_t pid = child_that_exits(4);
    CHECK_EQ(0, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK(info.si_pid == pid && info.si_status == 4 && info.si_code == CLD_EXITED && info.si_signo == SIGCHLD);
    CHECK_EQ(0, kill(pid, 0));
    CHECK_EQ(4 << 8, status_of(pid));
    CHECK_ERRNO(ESRCH, kill(pid, 0));
    CHECK_ERRNO(ESRCH, kill(pid, 65)); /* whom comes before what */
    CHECK_ERRNO(EINVAL, kill(getpid(), 65));
}

CASE(killed_children)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGUSR1};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        pid_t pid = child_that_waits();
        CHECK_EQ(0, kill(pid, signals[i]));
        int status = status_of(pid);
        CHECK(WIFSIGNALED(status));
        CHECK_EQ(signals[i], WTERMSIG(status));
    }
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

static volatile sig_atomic_t caught, code;
static void *volatile fault_address;

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    caught = number;
    code = info->si_code;
    fault_address = info->si_addr;
    mprotect((void *)((uintptr_t)info->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE);
}

CASE(a_fault_can_be_handled_and_the_store_done_again)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    CHECK_EQ(0, sigaction(SIGSEGV, &action, NULL));
    volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[100] = 5;
    CHECK(caught == SIGSEGV && code == SEGV_ACCERR && fault_address == page + 100);
    CHECK_EQ(5, page[100]);
}

CASE(orphans_get_another_parent)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    pid_t pid = forked();
    if (pid == 0) {
        pid_t me = getpid();
        if (forked() == 0) {
            while (getppid() == me)
                pause_ms(1);
            _exit(write(ends[1], "o", 1) != 1);
        }
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    char byte;
    CHECK_EQ(1, read(ends[0], &byte, 1));
}

CASE(identity)
{
    pid_t me = getpid();
    CHECK_EQ(me, syscall(SYS_gettid));
    CHECK(getppid() >= 0 && getppid() != me);
    CHECK_EQ(getpgrp(), getpgid(0));
    CHECK_EQ(getuid(), geteuid());
    CHECK_EQ(getgid(), getegid());
    CHECK_ERRNO(ESRCH, getpgid(999999999));
    pid_t pid = forked();
    if (pid == 0)
        _exit(getppid() == me && getpid() != me && getpgrp() == getpgid(me) ? 0 : 1);
    CHECK_EQ(0, status_of(pid));
}

CASE(brk_moves)
{
    uintptr_t at = (uintptr_t)syscall(SYS_brk, 0);
    CHECK_EQ(at + 100000, syscall(SYS_brk, at + 100000));
    volatile char *heap = (char *)at;
    heap[5000] = 1, heap[99999] = 2;
    CHECK_EQ(at + 100000, syscall(SYS_brk, 0));
    CHECK_EQ(at, syscall(SYS_brk, at));
    CHECK_EQ(at + 100000, syscall(SYS_brk, at + 100000));
    CHECK_EQ(0, heap[5000] | heap[99999]);
    CHECK_EQ(at + 100000, syscall(SYS_brk, 1));
    CHECK_EQ(at + 100000, syscall(SYS_brk, ~0ul));
    CHECK_EQ(at, syscall(SYS_brk, at));
}

CASE(mmap_gives_zeroes)
{
    unsigned char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    for (size_t i = 0; i < 1 << 20; i += 4096) {
        CHECK_EQ(0, at[i]);
        at[i] = 1;
    }
    CHECK_EQ(0, munmap(at + 4096, 8192));
    CHECK_EQ(at + 4096, mmap(at + 4096, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_EQ(0, at[4096]);
    CHECK_EQ(1, at[0]);
    CHECK_EQ(0, munmap(at, 1 << 20));
}

CASE(mmap_bad_arguments)
{
    CHECK_ERRNO(EINVAL, mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 1));
    CHECK_ERRNO(EINVAL, mmap(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0));
    CHECK_ERRNO(EBADF, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0));
    CHECK_ERRNO(ENOMEM, syscall(SYS_mmap, 0, 1ul << 62, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_munmap, 1, 4096));
    CHECK_ERRNO(EINVAL, syscall(SYS_munmap, 4096, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_munmap, 4096, ~0ul));
    CHECK_EQ(0, syscall(SYS_munmap, 1ul << 30, 4096));
}

CASE(shared_memory_is_shared_across_fork)
{
    volatile int *at = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    volatile int *own = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    at[0] = own[0] = 1;
    pid_t pid = forked();
    if (pid == 0) {
        if (at[0] != 1 || own[0] != 1)
            _exit(1);
        at[0] = own[0] = 2;
        at[3000] = 3; /* a page that the parent has not touched */
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(2, at[0]);
    CHECK_EQ(3, at[3000]);
    CHECK_EQ(1, own[0]);
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

CASE(mprotect_over_copied_pages)
{
    volatile char *at = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    at[0] = at[4096] = at[8192] = 1;
    pid_t pid = forked();
    if (pid == 0) {
        /* Taking write permission away and giving it back must not lose the copy to come. */
        mprotect((void *)at, 3 * 4096, PROT_READ);
        mprotect((void *)at, 3 * 4096, PROT_READ | PROT_WRITE);
        at[0] = 2;
        mprotect((void *)(at + 4096), 4096, PROT_NONE);
        mprotect((void *)(at + 4096), 4096, PROT_READ | PROT_WRITE);
        at[4096] = 3;
        _exit(at[0] == 2 && at[4096] == 3 && at[8192] == 1 ? 0 : 1);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK(at[0] == 1 && at[4096] == 1 && at[8192] == 1);
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

CASE(clocks)
{
    struct timespec before, after, length = {0, 20000000}, bad = {0, 1000000000};
    CHECK_EQ(0, clock_gettime(CLOCK_MONOTONIC, &before));
    CHECK_EQ(0, nanosleep(&length, NULL));
    CHECK_EQ(0, clock_gettime(CLOCK_MONOTONIC, &after));
    long ns = (after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec - before.tv_nsec;
    CHECK(ns >= 20000000);
    CHECK_EQ(0, clock_gettime(CLOCK_REALTIME, &before));
    CHECK(before.tv_sec > 0);
    CHECK_EQ(0, clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before));
    CHECK_EQ(0, clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before));
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_gettime, 77, &before));
    CHECK_ERRNO(EINVAL, nanosleep(&bad, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_nanosleep, 8, 0));
    CHECK_ERRNO(EFAULT, syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 8));
}

static void note(int number) { caught = number; }

static void on_signal(int number, int flags)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = flags};
    CHECK_EQ(0, sigaction(number, &action, NULL));
}

static void alarm_soon(void)
{
    struct itimerval soon = {{0, 0}, {0, 20000}};
    CHECK_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
}

CASE(a_handler_interrupts_a_sleep)
{
    struct timespec length = {100, 0}, left = {0, 0};
    on_signal(SIGALRM, SA_RESTART);
    alarm_soon();
    CHECK_ERRNO(EINTR, nanosleep(&length, &left));
    CHECK_EQ(SIGALRM, caught);
    CHECK_EQ(99, left.tv_sec);
}

CASE(a_bad_place_for_the_time_left_matters_only_then)
{
    struct timespec length = {0, 1000}, longer = {100, 0};
    CHECK_EQ(0, syscall(SYS_nanosleep, &length, 8));
    CHECK_EQ(0, syscall(SYS_nanosleep, &length, 0));
    on_signal(SIGALRM, 0);
    alarm_soon();
    CHECK_ERRNO(EFAULT, syscall(SYS_nanosleep, &longer, 8));
    CHECK_EQ(0, syscall(SYS_nanosleep, &length, 0));
}

CASE(wait_is_interrupted)
{
    pid_t pid = child_that_waits();
    on_signal(SIGALRM, 0);
    alarm_soon();
    CHECK_ERRNO(EINTR, waitpid(pid, NULL, 0));
    CHECK_EQ(0, kill(pid, SIGKILL));
    CHECK_EQ(SIGKILL, status_of(pid));
}

CASE(masks_and_pending)
{
    sigset_t set, old, none;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    on_signal(SIGUSR1, 0);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, &set, &old));
    CHECK_EQ(0, kill(getpid(), SIGUSR1));
    CHECK_EQ(0, caught);
    CHECK_EQ(0, sigpending(&old));
    CHECK_EQ(1, sigismember(&old, SIGUSR1));
    CHECK_ERRNO(EINTR, sigsuspend(&none));
    CHECK_EQ(SIGUSR1, caught);
    CHECK_EQ(0, sigprocmask(SIG_SETMASK, NULL, &old));
    CHECK_EQ(1, sigismember(&old, SIGUSR1));
}

CASE(sigtimedwait_takes_without_a_handler)
{
    sigset_t set;
    struct timespec no_time = {0, 0}, time = {0, 50000000};
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_ERRNO(EAGAIN, sigtimedwait(&set, &info, &no_time));
    CHECK_ERRNO(EAGAIN, sigtimedwait(&set, &info, &time));
    pid_t me = getpid();
    pid_t pid = forked();
    if (pid == 0) {
        pause_ms(20);
        _exit(kill(me, SIGUSR1) != 0);
    }
    CHECK_EQ(SIGUSR1, sigwaitinfo(&set, &info));
    CHECK(info.si_pid == pid && info.si_code == SI_USER);
    CHECK_EQ(0, status_of(pid));
}

CASE(sigchld_is_told)
{
    on_signal(SIGCHLD, SA_RESTART);
    CHECK_EQ(0, status_of(child_that_exits(0)));
    CHECK_EQ(SIGCHLD, caught);
}

CASE(ignored_sigchld_leaves_no_zombie)
{
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = child_that_exits(0);
    CHECK_ERRNO(ECHILD, waitpid(pid, NULL, 0));
    CHECK_ERRNO(ECHILD, waitpid(-1, NULL, 0));
}

CASE(stopped_and_continued)
{
    int status;
    pid_t pid = child_that_waits();
    CHECK_EQ(0, kill(pid, SIGSTOP));
    CHECK_EQ(pid, waitpid(pid, &status, WUNTRACED));
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK_EQ(0, waitpid(pid, &status, WUNTRACED | WNOHANG));
    CHECK_EQ(0, kill(pid, SIGCONT));
    CHECK_EQ(pid, waitpid(pid, &status, WCONTINUED));
    CHECK(WIFCONTINUED(status));
    CHECK_EQ(0, kill(pid, SIGSTOP));
    CHECK_EQ(pid, waitpid(pid, &status, WUNTRACED));
    CHECK_EQ(0, kill(pid, SIGKILL));
    CHECK_EQ(SIGKILL, status_of(pid));
}

static char child_stack[65536] __attribute__((aligned(16)));

static int vfork_child(void *dies)
{
    shared_int = 55;
    pause_ms(10);
    if (dies)
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    _exit(6);
}

CASE(vfork_waits_for_the_child)
{
    for (long dies = 0; dies < 2; dies++) {
        shared_int = 1;
        pid_t pid = clone(vfork_child, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)dies);
        CHECK_EQ(55, shared_int); /* it has run, in this memory */
        CHECK(pid > 0);
        CHECK_EQ(dies ? SIGKILL : 6 << 8, status_of(pid));
    }
}

CASE(clone_bad_flags)
{
    CHECK_ERRNO(EINVAL, syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0));
}

static int status_of_exec(char *name)
{
    pid_t pid = forked();
    if (pid == 0) {
        char *args[] = {"life", name, NULL};
        execve("/proc/self/exe", args, (char *[]){"KEPT=1", NULL});
        _exit(99);
    }
    return status_of(pid);
}

CASE(helper_exits_33) { _exit(33); }
CASE(exec_replaces_the_program) { CHECK_EQ(33 << 8, status_of_exec("helper_exits_33")); }

CASE(helper_looks_at_what_exec_left)
{
    struct sigaction usr1, usr2;
    sigset_t blocked;
    sigaction(SIGUSR1, NULL, &usr1);
    sigaction(SIGUSR2, NULL, &usr2);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    if (usr1.sa_handler != SIG_DFL || usr2.sa_handler != SIG_IGN || !sigismember(&blocked, SIGHUP))
        _exit(1);
    _exit(fcntl(50, F_GETFD) == -1 && fcntl(51, F_GETFD) == 0 && getenv("KEPT") && !getenv("PATH") ? 44 : 2);
}

CASE(what_exec_keeps)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    signal(SIGUSR1, note);
    signal(SIGUSR2, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CHECK_EQ(50, dup3(1, 50, O_CLOEXEC));
    CHECK_EQ(51, dup3(1, 51, 0));
    CHECK_EQ(44 << 8, status_of_exec("helper_looks_at_what_exec_left"));
}

CASE(exec_that_fails_changes_nothing)
{
    char path[64], *args[] = {"x", NULL}, *env[] = {NULL}, *bad[] = {(char *)8, NULL};
    snprintf(path, sizeof path, "/tmp/rvsim-check-%d", (int)getpid());
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0755);
    CHECK(fd >= 0);
    CHECK_EQ(7, write(fd, "garbage", 7));
    close(fd);
    int garbage = execve(path, args, env), why = errno;
    CHECK_EQ(0, unlink(path));
    CHECK(garbage == -1 && why == ENOEXEC);
    CHECK_ERRNO(ENOENT, execve("/nowhere", args, env));
    CHECK_ERRNO(EACCES, execve("/tmp", args, env));
    CHECK_ERRNO(EFAULT, execve((char *)8, args, env));
    CHECK_ERRNO(EFAULT, execve("/proc/self/exe", (char **)8, env));
    CHECK_ERRNO(EFAULT, execve("/proc/self/exe", args, (char **)-8l));
    CHECK_ERRNO(EFAULT, execve("/proc/self/exe", bad, env));
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
