#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"

enum { NONBLOCK = 1, RANDOM = 2, INSECURE = 4 };

static unsigned char bytes[1 << 20], others[1 << 20];

static long random_(void *at, size_t size, unsigned flags)
{
    return syscall(SYS_getrandom, at, size, flags);
}

CASE(all_of_them_and_no_more)
{
    static const size_t sizes[] = {0, 1, 7, 256, 257, 4096, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(bytes, 0x55, sizeof bytes);
        CHECK_EQ(sizes[i], random_(bytes, sizes[i], 0));
        CHECK_EQ(0x55, bytes[sizes[i]]);
        CHECK_EQ(0x55, bytes[sizes[i] + 100]);
    }
    CHECK_EQ(16, random_(bytes, 16, NONBLOCK));
    CHECK_EQ(16, random_(bytes, 16, RANDOM));
    CHECK_EQ(16, random_(bytes, 16, INSECURE | NONBLOCK));
}

CASE(they_differ)
{
    int counts[256] = {0};
    CHECK_EQ(sizeof bytes, random_(bytes, sizeof bytes, 0));
    CHECK_EQ(sizeof others, random_(others, sizeof others, 0));
    CHECK(memcmp(bytes, others, sizeof bytes) != 0);
    for (size_t i = 0; i < sizeof bytes; i++)
        counts[bytes[i]]++;
    for (int i = 0; i < 256; i++)
        CHECK(counts[i] > 3500 && counts[i] < 4700); /* 4,096 each, and nine times the deviation */
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, random_(BAD, 16, 8));
    CHECK_ERRNO(EINVAL, random_(BAD, 16, RANDOM | INSECURE));
    CHECK_ERRNO(EFAULT, random_(BAD, 16, 0));
    CHECK_ERRNO(EFAULT, random_(readonly_page(), 16, 0));
    CHECK_ERRNO(EFAULT, random_(unmapped_page(), 16, 0));
    CHECK_EQ(0, random_(NULL, 0, 0));
}
