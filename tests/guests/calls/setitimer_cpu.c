#define _GNU_SOURCE
/* setitimer with ITIMER_VIRTUAL and ITIMER_PROF. */
#include "check.h"
#include "timers.h"
#include <sys/time.h>

CASE(virtual_time_sends_sigvtalrm)
{
    struct itimerval soon = {{0, 0}, {0, 20000}}, left;
    catch_signal(SIGVTALRM);
    CHECK_EQ(0, setitimer(ITIMER_VIRTUAL, &soon, NULL));
    long long before = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    sleep_ms(40);
    CHECK_EQ(0, times_caught); /* sleeping uses no CPU time */
    while (!times_caught)
        for (volatile int turn = 0; turn < 1000; turn++)
            ;
    CHECK_EQ(SIGVTALRM, caught);
    CHECK_EQ(SI_KERNEL, last_info.si_code);
#ifdef __riscv
    CHECK(now_ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 15 * MS);
#else /* a kernel that samples counts whole ticks, of up to 10 ms, for any part of one: on a busy host far less ran */
    CHECK(now_ns(CLOCK_PROCESS_CPUTIME_ID) > before);
#endif
    CHECK_EQ(0, getitimer(ITIMER_VIRTUAL, &left));
    CHECK_EQ(0, left.it_value.tv_sec + left.it_value.tv_usec);
}

CASE(prof_sends_sigprof_again_and_again)
{
    struct itimerval period = {{0, 10000}, {0, 10000}};
    catch_signal(SIGPROF);
    CHECK_EQ(0, setitimer(ITIMER_PROF, &period, NULL));
    while (times_caught < 3)
        for (volatile int turn = 0; turn < 1000; turn++)
            ;
    CHECK_EQ(SIGPROF, caught);
    struct itimerval none = {{0, 0}, {0, 0}}, old;
    CHECK_EQ(0, setitimer(ITIMER_PROF, &none, &old));
    CHECK_EQ(10000, old.it_interval.tv_usec);
    CHECK(old.it_value.tv_usec > 0);
}

CASE(default_action_ends_the_process)
{
    pid_t child = fork();
    if (child == 0) {
        struct itimerval soon = {{0, 0}, {0, 1000}};
        setitimer(ITIMER_VIRTUAL, &soon, NULL);
        for (;;)
            ;
    }
    int status = 0;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGVTALRM, WTERMSIG(status));
}

CASE(a_child_inherits_none)
{
    struct itimerval late = {{5, 0}, {100, 0}}, left;
    CHECK_EQ(0, setitimer(ITIMER_VIRTUAL, &late, NULL));
    CHECK_EQ(0, getitimer(ITIMER_VIRTUAL, &left));
    CHECK_EQ(5, left.it_interval.tv_sec);
    CHECK(left.it_value.tv_sec >= 99 && left.it_value.tv_sec <= 100);
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(0, getitimer(ITIMER_VIRTUAL, &left));
        CHECK_EQ(0, left.it_value.tv_sec + left.it_interval.tv_sec);
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

CASE(errors)
{
    struct itimerval bad = {{0, 0}, {0, 1000000}}, good = {{0, 0}, {9, 0}};
    CHECK_ERRNO(EINVAL, syscall(SYS_setitimer, ITIMER_VIRTUAL, &bad, NULL));
    bad = (struct itimerval){{-1, 0}, {0, 0}};
    CHECK_ERRNO(EINVAL, syscall(SYS_setitimer, ITIMER_PROF, &bad, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_setitimer, 3, BAD, NULL)); /* read before `which` is looked at */
    CHECK_ERRNO(EINVAL, syscall(SYS_setitimer, 3, &good, NULL));
    CHECK_ERRNO(EINVAL, syscall(SYS_getitimer, 3, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_getitimer, ITIMER_PROF, BAD));
}
