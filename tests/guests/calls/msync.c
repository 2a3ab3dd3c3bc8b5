#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "maps.h"

static long msync_(void *at, size_t size, int flags)
{
    return syscall(SYS_msync, at, size, flags);
}

CASE(what_was_written_is_in_the_file)
{
    char byte;
    int fd = file_of_pages("file", 2, O_RDWR);
    char *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    at[PAGE + 1] = 'x';
    CHECK_EQ(0, msync_(at, 2 * PAGE, MS_SYNC));
    int again = open("file", O_RDONLY);
    CHECK_EQ(1, pread(again, &byte, 1, PAGE + 1));
    CHECK_EQ('x', byte);
    CHECK_EQ(0, msync_(at, 2 * PAGE, MS_ASYNC));
    CHECK_EQ(0, msync_(at, 2 * PAGE, MS_INVALIDATE | MS_SYNC));
    CHECK_EQ(0, msync_(at, 2 * PAGE, 0));
    CHECK_EQ('x', at[PAGE + 1]);
}

CASE(private_memory_has_nothing_to_store)
{
    char *at = pages(2);
    at[0] = 'x';
    CHECK_EQ(0, msync_(at, 2 * PAGE, MS_SYNC));
    CHECK_EQ('x', at[0]);
}

CASE(errors)
{
    char *at = pages(3);
    CHECK_ERRNO(EINVAL, msync_(at, PAGE, 8));
    CHECK_ERRNO(EINVAL, msync_(at, PAGE, MS_ASYNC | MS_SYNC));
    CHECK_ERRNO(EINVAL, msync_(at + 1, 0, MS_SYNC));
    CHECK_ERRNO(ENOMEM, msync_(unmapped_page(), PAGE, MS_SYNC));
    CHECK_ERRNO(ENOMEM, msync_(at, ~PAGE, MS_SYNC));
    CHECK_ERRNO(ENOMEM, msync_((void *)(1ul << 62), PAGE, MS_SYNC));
    CHECK_EQ(0, msync_(at, 0, MS_SYNC));
    CHECK_EQ(0, msync_(unmapped_page(), 0, MS_SYNC));
    CHECK_EQ(0, munmap(at + PAGE, PAGE));
    CHECK_ERRNO(ENOMEM, msync_(at, 3 * PAGE, MS_SYNC));
    if (mlock(at, PAGE) != 0)
        return;
    CHECK_ERRNO(EBUSY, msync_(at, PAGE, MS_INVALIDATE));
    CHECK_EQ(0, msync_(at, PAGE, MS_SYNC));
}
