#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"

static long cpu_(void *cpu, void *node)
{
    return syscall(SYS_getcpu, cpu, node, NULL);
}

CASE(one_that_may_run_it)
{
    unsigned cpu = 12345, node = 12345;
    cpu_set_t allowed;
    CHECK_EQ(0, sched_getaffinity(0, sizeof allowed, &allowed));
    CHECK_EQ(0, cpu_(&cpu, &node));
    CHECK(cpu < CPU_SETSIZE && CPU_ISSET(cpu, &allowed));
    CHECK(node < 1024);
}

CASE(either_may_be_left_out)
{
    unsigned cpu = 12345, node = 12345;
    CHECK_EQ(0, cpu_(NULL, NULL));
    CHECK_EQ(0, cpu_(&cpu, NULL));
    CHECK_EQ(0, cpu_(NULL, &node));
    CHECK(cpu != 12345 && node != 12345);
}

CASE(errors)
{
    unsigned cpu = 12345, node = 12345;
    CHECK_ERRNO(EFAULT, cpu_(BAD, &node));
    CHECK_ERRNO(EFAULT, cpu_(&cpu, BAD));
    CHECK(cpu != 12345 && node != 12345); /* the one that is good is stored */
    CHECK_ERRNO(EFAULT, cpu_(readonly_page(), NULL));
}
