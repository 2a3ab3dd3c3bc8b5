/* Scheduling attributes by the kernel's own calls. */
#ifndef SCHEDULING_H
#define SCHEDULING_H

#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define BAD ((void *)-4096l)
enum { RESET_ON_FORK = 1, KEEP_POLICY = 8, KEEP_PARAMS = 16 };

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max;
};

static inline long set_attributes(pid_t pid, void *at, unsigned flags)
{
    return syscall(SYS_sched_setattr, pid, at, flags);
}

static inline long get_attributes(pid_t pid, void *at, unsigned size, unsigned flags)
{
    return syscall(SYS_sched_getattr, pid, at, size, flags);
}

/* The superuser of a container may lack CAP_SYS_NICE. */
static inline int may_raise(void)
{
    if (geteuid() != 0)
        return 0;
    pid_t child = fork();
    if (child == 0)
        _exit(setpriority(PRIO_PROCESS, 0, -1) == 0 ? 0 : 1);
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    return status == 0;
}

#endif
