#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include <stdint.h>

struct limit {
    uint64_t soft, hard;
};

static long get_(unsigned resource, void *at)
{
    return syscall(SYS_getrlimit, resource, at);
}

CASE(what_was_set)
{
    struct limit limit, want = {100, 200};
    for (unsigned resource = 0; resource < 16; resource++) {
        CHECK_EQ(0, get_(resource, &limit));
        CHECK(limit.soft <= limit.hard);
    }
    CHECK_EQ(0, syscall(SYS_setrlimit, RLIMIT_CORE, &want));
    CHECK_EQ(0, get_(RLIMIT_CORE, &limit));
    CHECK(limit.soft == 100 && limit.hard == 200);
    pid_t pid = forked();
    if (pid == 0)
        _exit(get_(RLIMIT_CORE, &limit) != 0 || limit.soft != 100);
    CHECK_EQ(0, status_of(pid));
}

CASE(errors)
{
    struct limit limit;
    CHECK_ERRNO(EINVAL, get_(16, &limit));
    CHECK_ERRNO(EINVAL, get_((unsigned)-1, BAD));
    CHECK_ERRNO(EFAULT, get_(RLIMIT_CORE, BAD));
    CHECK_ERRNO(EFAULT, get_(RLIMIT_CORE, NULL));
    CHECK_ERRNO(EFAULT, get_(RLIMIT_CORE, at_edge(8)));
}
