#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/uio.h>

#define HIPRI 1
#define UNKNOWN 0x40000000

static char first[4], second[8];
static struct iovec both[] = {{first, 3}, {second, 5}};

static long preadv2_of(int fd, const void *iov, unsigned long count, long at, int flags)
{
    return syscall(SYS_preadv2, fd, iov, count, at, 0l, flags);
}

CASE(at_a_position_or_at_the_offset)
{
    int fd = file_of("f", "abcdefghijklmnop"), ends[2];
    CHECK_EQ(8, preadv2_of(fd, both, 2, 2, 0));
    CHECK(memcmp(first, "cde", 3) == 0 && memcmp(second, "fghij", 5) == 0);
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(8, preadv2_of(fd, both, 2, -1, 0));
    CHECK(memcmp(first, "abc", 3) == 0);
    CHECK_EQ(8, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(2, write(ends[1], "xy", 2));
    CHECK_EQ(2, preadv2_of(ends[0], both, 2, -1, 0)); /* which is all that a pipe has */
    CHECK_ERRNO(ESPIPE, preadv2_of(ends[0], both, 2, 0, 0));
}

CASE(flags)
{
    int fd = file_of("f", "abcdefghijklmnop");
    CHECK_EQ(8, preadv2_of(fd, both, 2, 2, HIPRI));
    CHECK_ERRNO(EOPNOTSUPP, preadv2_of(fd, both, 2, 2, UNKNOWN));
    CHECK_ERRNO(EOPNOTSUPP, preadv2_of(fd, both, 2, -1, UNKNOWN));
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(0, preadv2_of(fd, NULL, 0, 0, UNKNOWN)); /* with nothing to do nobody looks */
}

CASE(errors)
{
    static struct iovec many[1025];
    int fd = file_of("f", "abc"), out = open("f", O_WRONLY);
    CHECK_ERRNO(EINVAL, preadv2_of(99, both, 2, -2, 0));
    CHECK_ERRNO(EBADF, preadv2_of(99, both, 2, -1, UNKNOWN));
    CHECK_ERRNO(EBADF, preadv2_of(99, both, 2, 0, 0));
    CHECK_ERRNO(EINVAL, preadv2_of(fd, many, 1025, 0, UNKNOWN));
    CHECK_ERRNO(EFAULT, preadv2_of(fd, BAD, 1, 0, UNKNOWN));
    CHECK_ERRNO(EBADF, preadv2_of(out, both, 2, 0, UNKNOWN)); /* the flags last */
}
