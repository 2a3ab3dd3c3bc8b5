/* Scheduling policies for the cases of a call, by the kernel's calls: musl has none. */
#ifndef POLICIES_H
#define POLICIES_H

#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include "threads.h"

enum { OTHER, FIFO, RR, BATCH, IDLE = 5, DEADLINE = 6, RESET_ON_FORK = 0x40000000 };

static inline long set_policy(int pid, int policy, int priority)
{
    return syscall(SYS_sched_setscheduler, pid, policy, &priority);
}

static inline long policy_of(int pid)
{
    return syscall(SYS_sched_getscheduler, pid);
}

static inline int priority_of(int pid)
{
    int priority = -1;
    CHECK_EQ(0, syscall(SYS_sched_getparam, pid, &priority));
    return priority;
}

/* Whether this process may run in real time: the superuser of a container may not, or has no time for it. */
static inline int may_run_in_real_time(void)
{
    if (!has_capability(CAP_SYS_NICE_) || set_policy(0, RR, 1) != 0)
        return 0;
    CHECK_EQ(0, set_policy(0, OTHER, 0));
    return 1;
}

#endif
