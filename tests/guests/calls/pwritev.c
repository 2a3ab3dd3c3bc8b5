#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/uio.h>

static struct iovec both[] = {{"abc", 3}, {"defgh", 5}};

/* A 64-bit machine takes the position from one register; the next is not looked at. */
static long pwritev_of(int fd, const void *iov, unsigned long count, long at)
{
    return syscall(SYS_pwritev, fd, iov, count, at, 0x123456789abcdefl);
}

CASE(leaves_the_offset)
{
    int fd = file_of("f", "0123456789");
    CHECK_EQ(8, pwritev_of(fd, both, 2, 1));
    check_file("f", "0abcdefgh9");
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(8, pwritev_of(fd, both, 2, 8));
    check_file("f", "0abcdefgabcdefgh");
    CHECK_EQ(8, pwritev_of(open("f", O_WRONLY | O_APPEND), both, 2, 0));
    CHECK_EQ(24, facts_of("f").st_size);
}

CASE(bad_memory)
{
    int fd = file_of("f", "012345");
    struct iovec later[] = {{"abc", 3}, {unmapped_page(), 5}};
    CHECK_EQ(3, pwritev_of(fd, later, 2, 1));
    check_file("f", "0abc45");
    CHECK_ERRNO(EFAULT, pwritev_of(fd, later + 1, 1, 0));
    CHECK_ERRNO(EFAULT, pwritev_of(fd, BAD, 1, 0));
}

CASE(errors)
{
    static struct iovec many[1025];
    int fd = file_of("f", "abc"), in = open("f", O_RDONLY), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EINVAL, pwritev_of(99, both, 2, -1));
    CHECK_ERRNO(EBADF, pwritev_of(99, both, 2, 0));
    CHECK_ERRNO(ESPIPE, pwritev_of(ends[1], both, 2, 0));
    CHECK_ERRNO(ESPIPE, pwritev_of(ends[1], BAD, 2, 0));
    CHECK_ERRNO(EBADF, pwritev_of(in, both, 2, 0));
    CHECK_EQ(0, pwritev_of(fd, NULL, 0, 0));
    check_file("f", "abc");
}
