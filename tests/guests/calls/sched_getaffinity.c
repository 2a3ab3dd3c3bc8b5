#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

static unsigned char mask[4096];

static long get_(int pid, unsigned size, void *at)
{
    return syscall(SYS_sched_getaffinity, pid, size, at);
}

CASE(the_size_that_was_stored)
{
    memset(mask, 0x55, sizeof mask);
    long size = get_(0, sizeof mask, mask);
    CHECK(size >= 8 && size % 8 == 0 && size <= 4096);
    CHECK_EQ(0x55, mask[size < 4096 ? size : 0] == 0x55 ? 0x55 : 0);
    int count = 0;
    for (long i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++)
            count += mask[i] >> bit & 1;
    CHECK(count >= 1);
    pid_t pid = child_that_waits();
    unsigned char other[4096];
    CHECK_EQ(size, get_(pid, sizeof other, other));
    CHECK_EQ(0, memcmp(mask, other, (size_t)size));
    kill_and_reap(pid);
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, get_(NOBODY_HAS_IT, 0, BAD));
    CHECK_ERRNO(EINVAL, get_(0, 1028 + 1, mask));
    CHECK_ERRNO(EINVAL, get_(0, 1028, mask)); /* whole words only */
    CHECK_ERRNO(ESRCH, get_(NOBODY_HAS_IT, 1024, BAD));
    CHECK_ERRNO(ESRCH, get_(-1, 1024, BAD));
    CHECK_ERRNO(EFAULT, get_(0, 1024, BAD));
    CHECK_ERRNO(EFAULT, get_(0, 1024, readonly_page()));
}
