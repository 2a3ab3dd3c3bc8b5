#define _GNU_SOURCE
#include "check.h"
#include "policies.h"
#include <stdint.h>

static cpu_set_t allowed, now;

static long set_(int pid, size_t size, const void *mask)
{
    return syscall(SYS_sched_setaffinity, pid, size, mask);
}

static unsigned first_allowed(void)
{
    CPU_ZERO(&allowed);
    CHECK(syscall(SYS_sched_getaffinity, 0, sizeof allowed, &allowed) > 0);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed))
            return cpu;
    CHECK_FAIL("no processor");
}

CASE(it_is_kept_and_handed_on)
{
    cpu_set_t one;
    unsigned cpu = first_allowed(), here;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    CHECK_EQ(0, set_(0, sizeof one, &one));
    CHECK(syscall(SYS_sched_getaffinity, 0, sizeof now, &now) > 0);
    CHECK_EQ(1, CPU_COUNT(&now));
    CHECK_EQ(0, syscall(SYS_getcpu, &here, NULL, NULL));
    CHECK_EQ(cpu, here);
    pid_t pid = forked();
    if (pid == 0)
        _exit(syscall(SYS_sched_getaffinity, 0, sizeof now, &now) <= 0 || !CPU_EQUAL(&now, &one));
    CHECK_EQ(0, status_of(pid));
}

CASE(what_is_not_there_is_left_out)
{
    cpu_set_t all;
    first_allowed();
    memset(&all, 0xff, sizeof all);
    CHECK_EQ(0, set_(getpid(), sizeof all, &all));
    CPU_ZERO(&now);
    CHECK(syscall(SYS_sched_getaffinity, 0, sizeof now, &now) > 0);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        CHECK(!CPU_ISSET(cpu, &allowed) || CPU_ISSET(cpu, &now));
    CHECK_EQ(0, set_(0, sizeof all, &all));
}

CASE(who_may)
{
    pid_t pid = child_that_waits();
    first_allowed();
    if (!may_change_ids())
        return;
    become_user();
    CHECK_ERRNO(EPERM, set_(pid, sizeof allowed, &allowed));
    memset(&allowed, 0, sizeof allowed);
    CHECK_ERRNO(EPERM, set_(pid, sizeof allowed, &allowed)); /* before the look at the set */
}

CASE(errors)
{
    uint64_t none = 0, far = 1ull << 63;
    CHECK_ERRNO(EFAULT, set_(NOBODY_HAS_IT, 8, BAD));
    CHECK_ERRNO(EFAULT, set_(0, 8, at_edge(4)));
    CHECK_ERRNO(ESRCH, set_(NOBODY_HAS_IT, 8, &none));
    CHECK_ERRNO(ESRCH, set_(-1, 8, &none));
    CHECK_ERRNO(EINVAL, set_(0, 8, &none));
    CHECK_ERRNO(EINVAL, set_(0, 0, &far)); /* nothing is nobody */
    if (sysconf(_SC_NPROCESSORS_CONF) < 64)
        CHECK_ERRNO(EINVAL, set_(0, 8, &far));
}
