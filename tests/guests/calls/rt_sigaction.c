#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include <stdint.h>

/* What the kernel takes; riscv has no restorer. include/linux/signal_types.h:sigaction */
struct action {
    void (*handler)(int);
    unsigned long flags;
#ifdef __x86_64__
    void *restorer;
#endif
    uint64_t mask;
};

static long action_(int number, const void *new, void *old, size_t size)
{
    return syscall(SYS_rt_sigaction, number, new, old, size);
}

CASE(what_was_set_is_given_back)
{
    struct action ignore = {.handler = SIG_IGN, .flags = SA_NODEFER | SA_RESTART, .mask = ~0ull}, old = {.flags = 77};
    CHECK_EQ(0, action_(SIGUSR1, NULL, &old, 8));
    CHECK(old.handler == SIG_DFL && old.flags == 0 && old.mask == 0);
    CHECK_EQ(0, action_(SIGUSR1, &ignore, &old, 8));
    CHECK(old.handler == SIG_DFL);
    CHECK_EQ(0, action_(SIGUSR1, NULL, &old, 8));
    CHECK(old.handler == SIG_IGN && old.flags == (SA_NODEFER | SA_RESTART));
    CHECK_EQ(~(1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1)), old.mask); /* which cannot be blocked */
    ignore.flags = SA_RESTART | 0x400; /* SA_UNSUPPORTED: how a program asks which flags are known */
    CHECK_EQ(0, action_(SIGUSR1, &ignore, NULL, 8));
    CHECK_EQ(0, action_(SIGUSR1, NULL, &old, 8));
    CHECK_EQ(SA_RESTART, old.flags);
}

CASE(a_handler_and_its_info)
{
    catch_signal(SIGUSR1, 0);
    CHECK_EQ(0, raise(SIGUSR1));
    CHECK_EQ(0, raise(SIGUSR1));
    CHECK(caught == SIGUSR1 && times_caught == 2 && last_info.si_signo == SIGUSR1 && last_info.si_pid == getpid());
}

CASE(sa_resethand)
{
    struct sigaction now;
    catch_signal(SIGUSR1, (int)SA_RESETHAND);
    CHECK_EQ(0, raise(SIGUSR1));
    CHECK_EQ(0, sigaction(SIGUSR1, NULL, &now));
    CHECK(caught == SIGUSR1 && now.sa_handler == SIG_DFL);
}

static volatile int depth, deepest, runs, usr2_blocked;

static void again(int number)
{
    sigset_t mask;
    if (++depth > deepest)
        deepest = depth;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    usr2_blocked = sigismember(&mask, SIGUSR2);
    if (++runs % 3 != 0)
        raise(number);
    depth--;
}

CASE(sa_nodefer_and_the_mask)
{
    struct sigaction action = {.sa_handler = again, .sa_flags = SA_NODEFER};
    sigset_t mask;
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK_EQ(3, deepest);
    CHECK_EQ(0, usr2_blocked);
    CHECK_EQ(3, runs);
    deepest = 0;
    action.sa_flags = 0;
    action.sa_mask = set_of(SIGUSR2);
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1); /* which is held back in its handler, and comes after it */
    CHECK_EQ(1, usr2_blocked);
    CHECK_EQ(1, deepest);
    CHECK_EQ(6, runs);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGUSR2));
}

CASE(sa_restart)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    catch_signal(SIGALRM, 0);
    alarm_in_ms(5);
    CHECK_ERRNO(EINTR, read(ends[0], &byte, 1));
    pid_t pid = forked();
    if (pid == 0) {
        pause_ms(30);
        _exit(write(ends[1], "r", 1) != 1);
    }
    catch_signal(SIGALRM, SA_RESTART);
    alarm_in_ms(5);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK_EQ(2, times_caught);
    CHECK_EQ(0, status_of(pid));
}

static char alternate[65536] __attribute__((aligned(16)));
static volatile int on_alternate;

static void looks_where_it_is(int number)
{
    char here = (char)number;
    on_alternate = (uintptr_t)&here - (uintptr_t)alternate < sizeof alternate;
}

CASE(sa_onstack)
{
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    struct sigaction action = {.sa_handler = looks_where_it_is};
    CHECK_EQ(0, sigaltstack(&stack, NULL));
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK_EQ(0, on_alternate);
    action.sa_flags = SA_ONSTACK;
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK_EQ(1, on_alternate);
}

CASE(children_and_sigchld)
{
    catch_signal(SIGCHLD, SA_RESTART);
    pid_t pid = child_that_exits(5);
    CHECK_EQ(5 << 8, status_of(pid));
    CHECK(caught == SIGCHLD && last_info.si_pid == pid && last_info.si_code == CLD_EXITED && last_info.si_status == 5);
    catch_signal(SIGCHLD, SA_NOCLDSTOP | SA_RESTART);
    pid = child_that_waits();
    times_caught = 0;
    CHECK_EQ(0, kill(pid, SIGSTOP));
    CHECK_EQ(pid, waitpid(pid, NULL, WUNTRACED));
    CHECK_EQ(0, times_caught);
    kill_and_reap(pid);
    CHECK_EQ(1, times_caught);
    catch_signal(SIGCHLD, SA_NOCLDWAIT | SA_RESTART); /* no zombies, but told */
    times_caught = 0;
    pid = child_that_exits(0);
    CHECK_ERRNO(ECHILD, waitpid(pid, NULL, 0));
    CHECK_EQ(1, times_caught);
}

CASE(ignoring_drops_what_waits)
{
    block_signal(SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQ(1, is_pending(SIGUSR1));
    signal(SIGUSR1, SIG_IGN);
    CHECK_EQ(0, is_pending(SIGUSR1));
    block_signal(SIGCHLD);
    raise(SIGCHLD);
    CHECK_EQ(1, is_pending(SIGCHLD));
    signal(SIGCHLD, SIG_DFL); /* whose default is to ignore it */
    CHECK_EQ(0, is_pending(SIGCHLD));
}

CASE(errors)
{
    struct action ignore = {.handler = SIG_IGN}, old;
    CHECK_ERRNO(EINVAL, action_(SIGUSR1, BAD, BAD, 16));
    CHECK_ERRNO(EINVAL, action_(SIGUSR1, NULL, NULL, 0));
    CHECK_ERRNO(EFAULT, action_(65, BAD, NULL, 8));
    CHECK_ERRNO(EINVAL, action_(65, NULL, NULL, 8));
    CHECK_ERRNO(EINVAL, action_(0, NULL, NULL, 8));
    CHECK_ERRNO(EINVAL, action_(-1, &ignore, NULL, 8));
    CHECK_ERRNO(EINVAL, action_(SIGKILL, &ignore, NULL, 8));
    CHECK_ERRNO(EINVAL, action_(SIGSTOP, &ignore, BAD, 8));
    CHECK_EQ(0, action_(SIGKILL, NULL, &old, 8));
    CHECK_ERRNO(EFAULT, action_(SIGUSR1, &ignore, BAD, 8));
    CHECK_EQ(0, action_(SIGUSR1, NULL, &old, 8));
    CHECK(old.handler == SIG_IGN); /* it was set all the same */
}
