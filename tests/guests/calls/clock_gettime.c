#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"

static long time_ns(int clock)
{
    struct timespec now = {-1, -1};
    CHECK_EQ(0, syscall(SYS_clock_gettime, clock, &now));
    CHECK(now.tv_sec >= 0 && now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
    return now.tv_sec * 1000000000l + now.tv_nsec;
}

static void work_ms(long ms)
{
    volatile unsigned sum = 0;
    for (long begun = time_ns(CLOCK_PROCESS_CPUTIME_ID); time_ns(CLOCK_PROCESS_CPUTIME_ID) - begun < ms * 1000000;)
        for (unsigned i = 0; i < 10000; i++)
            sum += i;
}

CASE(they_go_on)
{
    static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI};
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        long before = time_ns(clocks[i]);
        pause_ms(1);
        CHECK(time_ns(clocks[i]) - before >= 990000); /* RAW may run a little slower */
    }
    long coarse = time_ns(CLOCK_MONOTONIC_COARSE), fine = time_ns(CLOCK_MONOTONIC);
    CHECK(coarse <= fine && fine - coarse < 200000000);
    coarse = time_ns(CLOCK_REALTIME_COARSE), fine = time_ns(CLOCK_REALTIME);
    CHECK(coarse <= fine && fine - coarse < 200000000);
    CHECK(time_ns(CLOCK_BOOTTIME) >= time_ns(CLOCK_MONOTONIC) - 1000000000);
    CHECK(time_ns(CLOCK_REALTIME) > 946684800l * 1000000000); /* the year 2000 */
}

CASE(cpu_time_stands_still_in_a_sleep)
{
    long process = time_ns(CLOCK_PROCESS_CPUTIME_ID), thread = time_ns(CLOCK_THREAD_CPUTIME_ID);
    pause_ms(30);
    CHECK(time_ns(CLOCK_PROCESS_CPUTIME_ID) - process < 20000000);
    work_ms(10);
    CHECK(time_ns(CLOCK_PROCESS_CPUTIME_ID) - process >= 10000000);
    CHECK(time_ns(CLOCK_THREAD_CPUTIME_ID) - thread >= 10000000);
}

/* The CPU clock of a process or thread: include/linux/posix-timers.h */
#define CPU_CLOCK(pid, of_thread) ((int)(~(unsigned)(pid) << 3) | ((of_thread) ? 4 : 0) | 2)

CASE(cpu_time_of_others)
{
    int *ready = shared_memory(4096);
    pid_t pid = forked();
    if (pid == 0) {
        work_ms(10);
        *ready = 1;
        pause_ms(1000);
        _exit(0);
    }
    while (!*ready)
        pause_ms(1);
    CHECK(time_ns(CPU_CLOCK(pid, 0)) >= 10000000);
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_gettime, CPU_CLOCK(pid, 1), &(struct timespec){0, 0})); /* not ours */
    CHECK(time_ns(CPU_CLOCK(0, 0)) <= time_ns(CLOCK_PROCESS_CPUTIME_ID));
    CHECK(time_ns(CPU_CLOCK(getpid(), 1)) <= time_ns(CLOCK_THREAD_CPUTIME_ID));
    kill_and_reap(pid);
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_gettime, CPU_CLOCK(pid, 0), &(struct timespec){0, 0}));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_gettime, 77, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_gettime, 10, BAD)); /* a number without a clock */
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_gettime, CPU_CLOCK(NOBODY_HAS_IT, 0), BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_clock_gettime, CPU_CLOCK(0, 0) | 3, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_clock_gettime, CLOCK_MONOTONIC, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_clock_gettime, CLOCK_MONOTONIC, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_clock_gettime, CLOCK_REALTIME, at_edge(8)));
    CHECK_ERRNO(EFAULT, syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, readonly_page()));
}
