/* A child with memory to look at. */
#ifndef OTHERS_MEMORY_H
#define OTHERS_MEMORY_H

#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define BAD ((void *)-4096l)

static char shown[64] = "0123456789abcdefghijklmnopqrstuvwxyz";

static inline pid_t child_that_waits(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static inline void end(pid_t pid)
{
    CHECK_EQ(0, kill(pid, SIGKILL));
    CHECK_EQ(pid, waitpid(pid, NULL, 0));
}

static inline char *pages(int count)
{
    return mmap(NULL, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

#endif
