/* Children for the cases of a call. */
#ifndef CHILD_H
#define CHILD_H

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* fork that did not fail: kill(-1) on the host would be no test. */
static inline pid_t forked(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    return pid;
}

static inline int status_of(pid_t pid)
{
    int status = -1;
    CHECK_EQ(pid, waitpid(pid, &status, 0));
    return status;
}

static inline pid_t child_that_exits(int code)
{
    pid_t pid = forked();
    if (pid == 0)
        _exit(code);
    return pid;
}

/* A child that waits until it is killed, at the latest when its parent is gone. */
static inline pid_t child_that_waits(void)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    pid_t pid = forked();
    if (pid == 0) {
        char byte;
        close(ends[1]);
        while (read(ends[0], &byte, 1) != 0)
            ;
        _exit(0);
    }
    close(ends[0]);
    return pid;
}

static inline void kill_and_reap(pid_t pid)
{
    CHECK_EQ(0, kill(pid, SIGKILL));
    CHECK_EQ(SIGKILL, status_of(pid));
}

static inline void pause_ms(long ms)
{
    struct timespec length = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&length, NULL);
}

/* Memory that children see, zeroed. */
static inline void *shared_memory(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    return at;
}

/* In a child that is about to die of a signal: leave no core file. */
static inline void no_core(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

/* A number that no process, thread or group has: past the largest that Linux gives out. */
#define NOBODY_HAS_IT 0x7ffffff0

#endif
