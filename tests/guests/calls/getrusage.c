#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "threads.h"

static long usage_(int who, void *at)
{
    return syscall(SYS_getrusage, who, at);
}

static long used_us(const struct rusage *usage)
{
    return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 + usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

static void work_ms(long ms)
{
    struct timespec begun, now;
    volatile unsigned sum = 0;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    do {
        for (unsigned i = 0; i < 10000; i++)
            sum += i;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    } while ((now.tv_sec - begun.tv_sec) * 1000000000l + now.tv_nsec - begun.tv_nsec < ms * 1000000);
}

CASE(time_and_memory)
{
    struct rusage before, after;
    CHECK_EQ(0, usage_(RUSAGE_SELF, &before));
    work_ms(20);
    volatile char *at = shared_memory(100 * 4096);
    for (int i = 0; i < 100; i++)
        at[i * 4096] = 1;
    CHECK_EQ(0, usage_(RUSAGE_SELF, &after));
    CHECK(used_us(&after) - used_us(&before) >= 15000);
    CHECK(after.ru_minflt - before.ru_minflt >= 100);
    CHECK(after.ru_maxrss >= 400 && after.ru_maxrss >= before.ru_maxrss);
}

CASE(waits_are_counted)
{
    struct rusage before, after;
    CHECK_EQ(0, usage_(RUSAGE_THREAD, &before));
    for (int i = 0; i < 5; i++)
        pause_ms(1);
    CHECK_EQ(0, usage_(RUSAGE_THREAD, &after));
    CHECK(after.ru_nvcsw - before.ru_nvcsw >= 5);
}

static void *naps(void *unused)
{
    for (int i = 0; i < 5; i++)
        pause_ms(1);
    return unused;
}

CASE(waits_of_those_that_ended_are_counted)
{
    struct rusage before, after;
    pthread_t thread;
    CHECK_EQ(0, usage_(RUSAGE_SELF, &before));
    CHECK_EQ(0, pthread_create(&thread, NULL, naps, NULL));
    CHECK_EQ(0, pthread_join(thread, NULL));
    CHECK_EQ(0, usage_(RUSAGE_SELF, &after));
    CHECK(after.ru_nvcsw - before.ru_nvcsw >= 5);
    pid_t pid = forked();
    if (pid == 0) {
        naps(NULL);
        _exit(0);
    }
    CHECK_EQ(pid, wait4(pid, NULL, 0, &after));
    CHECK(after.ru_nvcsw >= 5);
    CHECK_EQ(0, usage_(RUSAGE_CHILDREN, &after));
    CHECK(after.ru_nvcsw >= 5);
}

CASE(children)
{
    struct rusage usage;
    siginfo_t info;
    pid_t pid = forked();
    if (pid == 0) {
        pid_t grandchild = forked();
        if (grandchild == 0) {
            work_ms(20);
            _exit(0);
        }
        waitpid(grandchild, NULL, 0);
        _exit(0);
    }
    CHECK_EQ(0, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK_EQ(0, usage_(RUSAGE_CHILDREN, &usage));
    CHECK_EQ(0, used_us(&usage)); /* not before it is waited for */
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(0, usage_(RUSAGE_CHILDREN, &usage));
    CHECK(used_us(&usage) >= 15000 && usage.ru_maxrss > 0); /* with its own children's */
}

static volatile int done;

static void works(void *unused)
{
    (void)unused;
    work_ms(20);
    done = 1;
}

CASE(a_thread_and_its_process)
{
    struct rusage thread, process;
    start_thread(works, NULL);
    while (!done)
        pause_ms(1);
    CHECK_EQ(0, usage_(RUSAGE_THREAD, &thread));
    CHECK_EQ(0, usage_(RUSAGE_SELF, &process));
    CHECK(used_us(&process) >= 15000 && used_us(&process) - used_us(&thread) >= 15000);
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, usage_(2, BAD));
    CHECK_ERRNO(EINVAL, usage_(-2, BAD));
    CHECK_ERRNO(EFAULT, usage_(RUSAGE_SELF, BAD));
    CHECK_ERRNO(EFAULT, usage_(RUSAGE_CHILDREN, NULL));
    CHECK_ERRNO(EFAULT, usage_(RUSAGE_THREAD, at_edge(100)));
}
