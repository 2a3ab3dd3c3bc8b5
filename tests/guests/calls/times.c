#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include <sys/times.h>

static void work_ms(long ms)
{
    struct timespec begun, now;
    volatile unsigned sum = 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begun);
    do {
        for (unsigned i = 0; i < 10000; i++)
            sum += i;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while ((now.tv_sec - begun.tv_sec) * 1000000000l + now.tv_nsec - begun.tv_nsec < ms * 1000000);
}

CASE(ticks_of_a_hundredth)
{
    struct tms before, after;
    CHECK_EQ(100, sysconf(_SC_CLK_TCK));
    long begun = syscall(SYS_times, &before);
    work_ms(30);
    long ended = syscall(SYS_times, &after);
    CHECK(ended - begun >= 2);
    long used = after.tms_utime + after.tms_stime - before.tms_utime - before.tms_stime;
    CHECK(used >= 2 && used <= ended - begun + 1);
    CHECK(after.tms_cutime == 0 && after.tms_cstime == 0);
}

CASE(children_count_when_they_were_waited_for)
{
    struct tms now;
    siginfo_t info;
    pid_t pid = forked();
    if (pid == 0) {
        work_ms(30);
        _exit(0);
    }
    CHECK_EQ(0, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    syscall(SYS_times, &now);
    CHECK_EQ(0, now.tms_cutime + now.tms_cstime);
    CHECK_EQ(0, status_of(pid));
    syscall(SYS_times, &now);
    CHECK(now.tms_cutime + now.tms_cstime >= 2);
}

CASE(places)
{
    long begun = syscall(SYS_times, NULL);
    pause_ms(20);
    CHECK(syscall(SYS_times, NULL) >= begun + 1);
    CHECK_ERRNO(EFAULT, syscall(SYS_times, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_times, at_edge(16)));
    CHECK_ERRNO(EFAULT, syscall(SYS_times, readonly_page()));
}
