#define _GNU_SOURCE
#include "check.h"
#include "timers.h"
#include <fcntl.h>

CASE(each_clock)
{
    static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, 11 /* CLOCK_TAI */,
                                 CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (unsigned at = 0; at < sizeof clocks / sizeof *clocks; at++) {
        int timer = timer_with(clocks[at], SIGEV_NONE, 0);
        CHECK(timer >= 0);
        arm_ms(timer, 60000, 0);
        struct setting left;
        CHECK_EQ(0, gettime(timer, &left));
        CHECK(left.value.tv_sec >= 58 && left.value.tv_sec <= 60);
    }
}

CASE(the_signal_tells_timer_and_value)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 1, 0);
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 5000, &info));
    CHECK_EQ(SI_TIMER, info.si_code);
    CHECK_EQ(timer, info.si_timerid);
    CHECK_EQ(0, info.si_overrun);
    CHECK_EQ(4711, info.si_value.sival_int);
    CHECK_EQ(0, info.si_errno);
}

CASE(no_event_is_sigalrm_with_the_timers_number)
{
    siginfo_t info;
    int timer = -1;
    block_signal(SIGALRM);
    timer_with(CLOCK_MONOTONIC, SIGEV_NONE, 0);
    CHECK_EQ(0, create(CLOCK_REALTIME, NULL, &timer));
    arm_ms(timer, 1, 0);
    CHECK_EQ(SIGALRM, take_signal(SIGALRM, 5000, &info));
    CHECK_EQ(SI_TIMER, info.si_code);
    CHECK_EQ(timer, info.si_value.sival_int);
}

CASE(none_sends_no_signal)
{
    siginfo_t info;
    struct setting left;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_NONE, SIGUSR1);
    arm_ms(timer, 1, 0);
    CHECK_ERRNO(EAGAIN, take_signal(SIGUSR1, 20, &info));
    CHECK_EQ(0, gettime(timer, &left));
    CHECK_EQ(0, nanoseconds(left.value));
}

CASE(two_timers_with_one_signal_send_two)
{
    siginfo_t first, second, third;
    block_signal(SIGUSR1);
    int one = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    int two = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(one, 1, 0);
    arm_ms(two, 2, 0);
    sleep_ms(20);
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 1000, &first));
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 1000, &second));
    CHECK_EQ(one, first.si_timerid);
    CHECK_EQ(two, second.si_timerid);
    CHECK_ERRNO(EAGAIN, take_signal(SIGUSR1, 1, &third));
}

CASE(thread_id)
{
    siginfo_t info;
    int timer = -1;
    struct event event = {.signo = SIGRTMIN + 1, .notify = 4 /* SIGEV_THREAD_ID */, .tid = syscall(SYS_gettid)};
    block_signal(SIGRTMIN + 1);
    CHECK_EQ(0, create(CLOCK_MONOTONIC, &event, &timer));
    arm_ms(timer, 1, 0);
    CHECK_EQ(SIGRTMIN + 1, take_signal(SIGRTMIN + 1, 5000, &info));
    CHECK_EQ(SI_TIMER, info.si_code);
    event.tid = 0;
    CHECK_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, &timer));
    event.tid = getppid(); /* no thread of ours */
    CHECK_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, &timer));
}

CASE(on_the_cpu_time_of_the_process)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 20, 0);
    long long before = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    CHECK_ERRNO(EAGAIN, take_signal(SIGUSR1, 60, &info)); /* waiting uses none */
    while (take_signal(SIGUSR1, 0, &info) < 0)
        for (volatile int turn = 0; turn < 10000; turn++)
            ;
    CHECK_EQ(SI_TIMER, info.si_code);
    CHECK(now_ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 19 * MS);
}

CASE(on_the_cpu_time_of_the_thread)
{
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 20, 20);
    burn_ms(100);
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 1000, &info));
    CHECK(info.si_overrun >= 1);
}

CASE(on_the_cpu_time_of_another_process)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            ;
    siginfo_t info;
    block_signal(SIGUSR1);
    int timer = timer_with((~(unsigned)child << 3) | 2, SIGEV_SIGNAL, SIGUSR1);
    arm_ms(timer, 30, 0);
    CHECK_EQ(SIGUSR1, take_signal(SIGUSR1, 20000, &info));
    CHECK_EQ(timer, info.si_timerid);
    kill(child, SIGKILL);
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

CASE(a_child_inherits_none)
{
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_NONE, 0);
    pid_t child = fork();
    if (child == 0) {
        struct setting left;
        CHECK_ERRNO(EINVAL, gettime(timer, &left));
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

CASE(exec_takes_them_away)
{
    if (check_argc > 1 && check_argv[0][0] == '+') {
        struct setting left;
        siginfo_t info;
        CHECK_ERRNO(EINVAL, gettime(0, &left));
        CHECK_ERRNO(EINVAL, gettime(1, &left));
        CHECK_ERRNO(EAGAIN, take_signal(SIGUSR1, 20, &info)); /* nor does what was on its way come */
        return;
    }
    char *again[] = {"+", "exec_takes_them_away", NULL};
    block_signal(SIGUSR1);
    arm_ms(timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1), 1, 0);
    arm_ms(timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1), 15, 0);
    sleep_ms(5);
    close(1); /* one "passed" is enough */
    execv("/proc/self/exe", again);
    CHECK_FAIL("exec: %d", errno);
}

CASE(shown_in_proc)
{
    char text[512], wanted[256];
    int timer = timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2), file = open("/proc/self/timers", O_RDONLY);
    if (file < 0)
        return; /* a kernel without CONFIG_CHECKPOINT_RESTORE */
    text[read(file, text, sizeof text - 1)] = 0;
    snprintf(wanted, sizeof wanted, "ID: %d\nsignal: 12/%016lx\nnotify: signal/pid.%d\nClockID: 1\n", timer, 4711l,
             getpid());
    CHECK(strcmp(wanted, text) == 0);
}

CASE(left_armed_at_exit)
{
    arm_ms(timer_with(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 5), 3600000, 1);
    arm_ms(timer_with(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1), 3600000, 1000);
    arm_ms(timer_with(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1), 3600000, 1000);
    arm_ms(timer_with(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1), 3600000, 1000);
}

CASE(errors)
{
    int timer = -1;
    struct event event = {.signo = SIGUSR1, .notify = SIGEV_SIGNAL};
    CHECK_ERRNO(EFAULT, create(77, BAD, &timer)); /* the event is read before the clock is looked at */
    CHECK_ERRNO(EINVAL, create(77, &event, &timer));
    CHECK_ERRNO(EINVAL, create(10, &event, &timer)); /* a number that no clock has */
    CHECK_ERRNO(EOPNOTSUPP, create(CLOCK_MONOTONIC_RAW, &event, &timer));
    CHECK_ERRNO(EOPNOTSUPP, create(CLOCK_REALTIME_COARSE, &event, &timer));
    CHECK_ERRNO(EOPNOTSUPP, create(CLOCK_MONOTONIC_COARSE, &event, &timer));
    event.signo = 0;
    CHECK_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, BAD));
    event.signo = 65;
    CHECK_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, &timer));
    event.signo = SIGUSR1;
    event.notify = 3;
    CHECK_ERRNO(EINVAL, create(CLOCK_MONOTONIC, &event, &timer));
    event.notify = SIGEV_SIGNAL;
    CHECK_ERRNO(EFAULT, create(CLOCK_MONOTONIC, &event, BAD));
    CHECK_ERRNO(EINVAL, create((~0x3ffffffu << 3) | 2, &event, &timer)); /* nobody's CPU time */
}
