#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include <stdint.h>

struct limit {
    uint64_t soft, hard;
};

static long prlimit_(int pid, unsigned resource, const void *new, void *old)
{
    return syscall(SYS_prlimit64, pid, resource, new, old);
}

CASE(ones_own)
{
    struct limit first = {50, 100}, second = {60, 100}, old = {7, 7};
    CHECK_EQ(0, prlimit_(0, RLIMIT_CORE, &first, NULL));
    CHECK_EQ(0, prlimit_(getpid(), RLIMIT_CORE, &second, &old));
    CHECK(old.soft == 50 && old.hard == 100);
    CHECK_EQ(0, prlimit_(0, RLIMIT_CORE, NULL, &old));
    CHECK(old.soft == 60 && old.hard == 100);
    CHECK_EQ(0, prlimit_(0, RLIMIT_CORE, NULL, NULL));
    CHECK_EQ(0, prlimit_(0, RLIMIT_CORE, &first, &first)); /* one place for both */
    CHECK_EQ(60, first.soft);
}

CASE(of_a_child)
{
    struct limit few = {5, 5}, old;
    int *seen = shared_memory(4096);
    pid_t pid = forked();
    if (pid == 0) {
        while (!seen[0])
            pause_ms(1);
        struct rlimit limit;
        getrlimit(RLIMIT_CORE, &limit);
        _exit((int)limit.rlim_cur);
    }
    CHECK_EQ(0, prlimit_(pid, RLIMIT_CORE, &few, &old));
    CHECK_EQ(0, prlimit_(pid, RLIMIT_CORE, NULL, &old));
    CHECK(old.soft == 5 && old.hard == 5);
    seen[0] = 1;
    CHECK_EQ(5 << 8, status_of(pid));
    CHECK_ERRNO(ESRCH, prlimit_(pid, RLIMIT_CORE, NULL, &old));
}

CASE(of_somebody_else)
{
    struct limit limit = {0, 0};
    if (!may_change_ids())
        return;
    pid_t pid = child_that_waits();
    become_user();
    CHECK_ERRNO(EPERM, prlimit_(pid, RLIMIT_CORE, NULL, &limit));
    CHECK_ERRNO(EPERM, prlimit_(pid, 99, &limit, NULL)); /* before the resource */
    pid = child_that_waits();
    CHECK_EQ(0, prlimit_(pid, RLIMIT_CORE, &limit, NULL));
}

CASE(errors)
{
    struct limit limit = {2, 1}, good = {1, 1};
    CHECK_ERRNO(EFAULT, prlimit_(NOBODY_HAS_IT, 99, BAD, BAD));
    CHECK_ERRNO(ESRCH, prlimit_(NOBODY_HAS_IT, 99, &limit, BAD));
    CHECK_ERRNO(ESRCH, prlimit_(-1, RLIMIT_CORE, NULL, NULL));
    CHECK_ERRNO(EINVAL, prlimit_(0, 16, NULL, NULL));
    CHECK_ERRNO(EINVAL, prlimit_(0, RLIMIT_CORE, &limit, BAD));
    CHECK_ERRNO(EFAULT, prlimit_(0, RLIMIT_CORE, &good, BAD));
    CHECK_EQ(0, prlimit_(0, RLIMIT_CORE, NULL, &limit));
    CHECK_EQ(1, limit.soft); /* it was set all the same */
}
