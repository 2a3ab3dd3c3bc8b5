#define _GNU_SOURCE
#include "check.h"
#include <sys/syscall.h>
#include <sys/wait.h>

enum { QUERY = 0, GLOBAL = 1, GLOBAL_EXPEDITED = 2, REGISTER_GLOBAL = 4, PRIVATE = 8, REGISTER_PRIVATE = 16 };

static long barrier(int command, unsigned flags, int cpu)
{
    return syscall(SYS_membarrier, command, flags, cpu);
}

CASE(query_tells_what_there_is)
{
    long commands = barrier(QUERY, 0, 0);
    CHECK(commands > 0);
    CHECK_EQ(GLOBAL_EXPEDITED | REGISTER_GLOBAL | PRIVATE | REGISTER_PRIVATE,
             commands & (GLOBAL_EXPEDITED | REGISTER_GLOBAL | PRIVATE | REGISTER_PRIVATE));
}

CASE(private_needs_registration)
{
    CHECK_ERRNO(EPERM, barrier(PRIVATE, 0, 0));
    CHECK_EQ(0, barrier(REGISTER_PRIVATE, 0, 0));
    CHECK_EQ(0, barrier(PRIVATE, 0, 0));
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(0, barrier(PRIVATE, 0, 0)); /* the copy of the memory is registered too */
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

CASE(global)
{
    if (barrier(QUERY, 0, 0) & GLOBAL)
        CHECK_EQ(0, barrier(GLOBAL, 0, 0));
    CHECK_EQ(0, barrier(GLOBAL_EXPEDITED, 0, 0));
    CHECK_EQ(0, barrier(REGISTER_GLOBAL, 0, 0));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, barrier(QUERY, 1, 0));
    CHECK_ERRNO(EINVAL, barrier(PRIVATE, 1, 0));
    CHECK_ERRNO(EINVAL, barrier(-1, 0, 0));
    CHECK_ERRNO(EINVAL, barrier(3, 0, 0));
    CHECK_ERRNO(EINVAL, barrier(1 << 20, 0, 0));
}

#ifdef __riscv
/* Which of these there are depends on architecture and version. kernel/sched/membarrier.c */
CASE(the_others)
{
    CHECK_EQ(1023, barrier(QUERY, 0, 0));
    CHECK_ERRNO(EPERM, barrier(32, 0, 0));
    CHECK_EQ(0, barrier(64, 0, 0));
    CHECK_EQ(0, barrier(32, 0, 0));
    CHECK_ERRNO(EPERM, barrier(128, 1, 0));
    CHECK_EQ(0, barrier(256, 0, 0));
    CHECK_EQ(0, barrier(128, 1, 0));
    CHECK_ERRNO(EINVAL, barrier(128, 2, 0));
    CHECK_EQ(64 | 256, barrier(512, 0, 0));
}
#endif
