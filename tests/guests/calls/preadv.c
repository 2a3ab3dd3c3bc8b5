#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/uio.h>

static char first[4], second[8];
static struct iovec both[] = {{first, 3}, {second, 5}};

/* A 64-bit machine takes the position from one register; the next is not looked at. */
static long preadv_of(int fd, const void *iov, unsigned long count, long at)
{
    return syscall(SYS_preadv, fd, iov, count, at, 0x123456789abcdefl);
}

CASE(leaves_the_offset)
{
    int fd = file_of("f", "abcdefghij");
    CHECK_EQ(1, lseek(fd, 1, SEEK_SET));
    CHECK_EQ(8, preadv_of(fd, both, 2, 0));
    CHECK(memcmp(first, "abc", 3) == 0 && memcmp(second, "defgh", 5) == 0);
    CHECK_EQ(6, preadv_of(fd, both, 2, 4));
    CHECK(memcmp(first, "efg", 3) == 0 && memcmp(second, "hij", 3) == 0);
    CHECK_EQ(0, preadv_of(fd, both, 2, 10));
    CHECK_EQ(1, lseek(fd, 0, SEEK_CUR));
}

CASE(bad_memory)
{
    int fd = file_of("f", "abcdefghij");
    struct iovec later[] = {{first, 3}, {unmapped_page(), 5}};
    CHECK_EQ(3, preadv_of(fd, later, 2, 1));
    CHECK_ERRNO(EFAULT, preadv_of(fd, later + 1, 1, 0));
    CHECK_ERRNO(EFAULT, preadv_of(fd, BAD, 1, 0));
    CHECK_EQ(0, preadv_of(fd, later + 1, 1, 10));
}

CASE(errors)
{
    static struct iovec many[1025];
    int fd = file_of("f", "abc"), out = open("f", O_WRONLY), folder = open(".", O_RDONLY), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EINVAL, preadv_of(99, both, 2, -1));
    CHECK_ERRNO(EBADF, preadv_of(99, both, 2, 0));
    CHECK_ERRNO(ESPIPE, preadv_of(ends[0], both, 2, 0));
    CHECK_ERRNO(ESPIPE, preadv_of(ends[0], BAD, 2, 0));
    CHECK_ERRNO(EBADF, preadv_of(out, both, 2, 0));
    CHECK_ERRNO(EISDIR, preadv_of(folder, both, 2, 0));
    CHECK_EQ(0, preadv_of(folder, NULL, 0, 0));
    CHECK_EQ(0, preadv_of(fd, NULL, 0, 0));
}
