#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"

static long wait4_(int pid, int *status, unsigned options, struct rusage *usage)
{
    return syscall(SYS_wait4, pid, status, options, usage);
}

CASE(status_of_an_exit)
{
    static const int codes[] = {0, 1, 255, 256, 257, -1, -2};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        int status = -1;
        pid_t pid = child_that_exits(codes[i]);
        CHECK_EQ(pid, wait4_(pid, &status, 0, NULL));
        CHECK_EQ((codes[i] & 255) << 8, status);
    }
    CHECK_ERRNO(ECHILD, wait4_(-1, NULL, 0, NULL));
}

CASE(status_of_a_signal)
{
    const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGUSR1, SIGRTMAX};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int status;
        pid_t pid = child_that_waits();
        CHECK_EQ(0, kill(pid, signals[i]));
        CHECK_EQ(pid, wait4_(pid, &status, 0, NULL));
        CHECK_EQ(signals[i], status);
    }
}

CASE(which_child)
{
    pid_t first = child_that_waits(), second = child_that_exits(2), third = forked();
    int status;
    if (third == 0) {
        setpgid(0, 0);
        _exit(3);
    }
    setpgid(third, third);
    CHECK_EQ(0, wait4_(first, NULL, WNOHANG, NULL));
    CHECK_EQ(third, wait4_(-third, &status, 0, NULL));
    CHECK_EQ(3 << 8, status);
    CHECK_ERRNO(ECHILD, wait4_(-third, &status, 0, NULL));
    CHECK_EQ(second, wait4_(0, &status, 0, NULL)); /* of the own group */
    CHECK_EQ(2 << 8, status);
    CHECK_EQ(0, wait4_(-1, NULL, WNOHANG, NULL));
    CHECK_EQ(0, kill(first, SIGTERM));
    CHECK_EQ(first, wait4_(-1, &status, 0, NULL));
}

CASE(stopped_and_continued)
{
    int status;
    pid_t pid = child_that_waits();
    CHECK_EQ(0, kill(pid, SIGSTOP));
    CHECK_EQ(pid, wait4_(pid, &status, WUNTRACED, NULL));
    CHECK_EQ(SIGSTOP << 8 | 0x7f, status);
    CHECK_EQ(0, wait4_(pid, &status, WUNTRACED | WNOHANG, NULL)); /* told once */
    CHECK_EQ(0, kill(pid, SIGCONT));
    CHECK_EQ(pid, wait4_(pid, &status, WCONTINUED, NULL));
    CHECK_EQ(0xffff, status);
    CHECK_EQ(0, wait4_(pid, &status, WCONTINUED | WNOHANG, NULL));
    CHECK_EQ(0, kill(pid, SIGSTOP));
    CHECK_EQ(pid, wait4_(pid, &status, WUNTRACED, NULL));
    kill_and_reap(pid);
}

CASE(it_waits)
{
    int status;
    pid_t pid = forked();
    if (pid == 0) {
        pause_ms(20);
        _exit(3);
    }
    CHECK_EQ(0, wait4_(pid, &status, WNOHANG, NULL));
    CHECK_EQ(pid, wait4_(-1, &status, 0, NULL));
    CHECK_EQ(3 << 8, status);
}

CASE(a_handler_interrupts)
{
    pid_t pid = child_that_waits();
    catch_signal(SIGALRM, 0);
    alarm_in_ms(10);
    CHECK_ERRNO(EINTR, wait4_(pid, NULL, 0, NULL));
    kill_and_reap(pid);
    pid = forked();
    if (pid == 0) {
        pause_ms(30);
        _exit(0);
    }
    caught = 0;
    catch_signal(SIGALRM, SA_RESTART);
    alarm_in_ms(10);
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(SIGALRM, caught);
}

CASE(no_zombies_when_sigchld_is_ignored)
{
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = child_that_exits(0);
    CHECK_ERRNO(ECHILD, wait4_(pid, NULL, 0, NULL));
    CHECK_ERRNO(ECHILD, wait4_(-1, NULL, 0, NULL));
    CHECK_ERRNO(ESRCH, kill(pid, 0));
}

CASE(usage_of_the_child)
{
    struct rusage usage;
    memset(&usage, 0xff, sizeof usage);
    pid_t pid = forked();
    if (pid == 0) {
        volatile char *at = shared_memory(64 * 4096);
        for (int i = 0; i < 64; i++)
            at[i * 4096] = 1;
        _exit(0);
    }
    CHECK_EQ(pid, wait4_(pid, NULL, 0, &usage));
    CHECK(usage.ru_minflt >= 64 && usage.ru_maxrss >= 64 * 4 && usage.ru_utime.tv_sec == 0 && usage.ru_nsignals == 0);
}

CASE(errors)
{
    int status = 77;
    CHECK_ERRNO(EINVAL, wait4_(-1, NULL, 0x7000, NULL)); /* before the search for a child */
    CHECK_ERRNO(EINVAL, wait4_(-1, NULL, WNOWAIT, NULL));
    CHECK_ERRNO(EINVAL, wait4_(-1, NULL, WEXITED, NULL));
    CHECK_ERRNO(ESRCH, wait4_((int)0x80000000, NULL, 0, NULL));
    CHECK_ERRNO(ECHILD, wait4_(getpid(), &status, 0, NULL));
    CHECK_ERRNO(ECHILD, wait4_(1, BAD, 0, BAD)); /* no child of ours */
    pid_t pid = child_that_exits(1);
    CHECK_ERRNO(ECHILD, wait4_(NOBODY_HAS_IT, &status, 0, NULL));
    CHECK_EQ(77, status);
    CHECK_ERRNO(EFAULT, wait4_(pid, BAD, 0, NULL));
    CHECK_ERRNO(ECHILD, wait4_(pid, NULL, 0, NULL)); /* it was waited for all the same */
    pid = child_that_exits(1);
    CHECK_ERRNO(EFAULT, wait4_(pid, &status, 0, (struct rusage *)readonly_page()));
}
