#define _GNU_SOURCE
/* clock_nanosleep by CPU time. */
#include "check.h"
#include "timers.h"

static long sleep_by(int clock, int flags, const struct timespec *time, struct timespec *left)
{
    return syscall(SYS_clock_nanosleep, clock, flags, time, left);
}

static pid_t busy_child(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            ;
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

CASE(until_another_process_has_worked)
{
    pid_t child = busy_child();
    int clock = (int)((~(unsigned)child << 3) | 2);
    struct timespec length = {0, 30 * MS};
    long long before = now_ns(clock);
    CHECK_EQ(0, sleep_by(clock, 0, &length, NULL));
    CHECK(now_ns(clock) - before >= 30 * MS);
    long long until = now_ns(clock) + 20 * MS;
    length = (struct timespec){until / 1000000000, until % 1000000000};
    CHECK_EQ(0, sleep_by(clock, TIMER_ABSTIME, &length, NULL));
    CHECK(now_ns(clock) >= until);
    end(child);
}

CASE(a_handler_ends_it)
{
    struct timespec length = {100, 0}, left = {0, 0};
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        sleep_ms(30);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    catch_signal(SIGUSR1);
    CHECK_ERRNO(EINTR, sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, &length, &left)); /* nobody works */
    CHECK(left.tv_sec >= 98 && left.tv_sec <= 100);
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

CASE(a_time_that_has_come)
{
    struct timespec past = {0, 1};
    burn_ms(2);
    CHECK_EQ(0, sleep_by(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &past, NULL));
}

CASE(errors)
{
    struct timespec length = {0, 1}, bad = {0, 1000000000};
    CHECK_ERRNO(EOPNOTSUPP, sleep_by(CLOCK_THREAD_CPUTIME_ID, 0, BAD, NULL));
    CHECK_ERRNO(EOPNOTSUPP, sleep_by(CLOCK_MONOTONIC_RAW, 0, &length, NULL));
    CHECK_ERRNO(EOPNOTSUPP, sleep_by(CLOCK_MONOTONIC_COARSE, 0, &length, NULL));
    CHECK_ERRNO(EINVAL, sleep_by(77, 0, BAD, NULL));
    CHECK_ERRNO(EFAULT, sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, BAD, NULL));
    CHECK_ERRNO(EINVAL, sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, &bad, NULL));
    CHECK_ERRNO(EINVAL, sleep_by((int)((~0u << 3) | 6), 0, &length, NULL)); /* the own thread's */
    CHECK_ERRNO(EINVAL, sleep_by((int)((~0x3ffffffu << 3) | 2), 0, &length, NULL)); /* nobody's */
}
