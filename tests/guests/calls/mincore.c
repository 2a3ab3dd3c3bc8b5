#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "maps.h"

static long mincore_(void *at, size_t size, void *resident)
{
    return syscall(SYS_mincore, at, size, resident);
}

CASE(touched_or_not)
{
    unsigned char resident[5];
    char *at = pages(4);
    at[PAGE] = 1;
    at[3 * PAGE] = 1;
    memset(resident, 0xfe, sizeof resident);
    CHECK_EQ(0, mincore_(at, 3 * PAGE + 1, resident)); /* whole pages */
    CHECK(resident[0] == 0 && resident[1] == 1 && resident[2] == 0 && resident[3] == 1);
    CHECK_EQ(0xfe, resident[4]);
}

CASE(a_file_that_was_just_written)
{
    unsigned char resident[2] = {0, 0};
    int fd = file_of_pages("file", 2, O_RDWR);
    char *at = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_EQ('a', *(volatile char *)at);
    CHECK_EQ(0, mincore_(at, 2 * PAGE, resident));
    CHECK(resident[0] & 1 && resident[1] & 1); /* in the cache, though not touched here */
}

CASE(errors)
{
    unsigned char resident[4] = {77, 77, 77, 77};
    char *at = pages(3);
    CHECK_ERRNO(EINVAL, mincore_(at + 1, PAGE, resident));
    CHECK_ERRNO(ENOMEM, mincore_(at, ~0ul, resident));
    CHECK_ERRNO(ENOMEM, mincore_(BAD, PAGE, resident));
    CHECK_ERRNO(ENOMEM, mincore_((void *)(1ul << 62), PAGE, BAD));
    CHECK_ERRNO(EFAULT, mincore_(at, PAGE, BAD));
    CHECK_ERRNO(EFAULT, mincore_(at, PAGE, readonly_page()));
    CHECK_ERRNO(ENOMEM, mincore_(unmapped_page(), PAGE, resident));
    CHECK_ERRNO(EFAULT, mincore_(unmapped_page(), PAGE, BAD));
    CHECK_EQ(0, munmap(at + PAGE, PAGE));
    CHECK_ERRNO(ENOMEM, mincore_(at, 3 * PAGE, resident));
    CHECK_ERRNO(EFAULT, mincore_(at, 0, BAD));
    CHECK_EQ(0, mincore_(at, 0, NULL));
    CHECK_EQ(0, mincore_(unmapped_page(), 0, NULL));
}
