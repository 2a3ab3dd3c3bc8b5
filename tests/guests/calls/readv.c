#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <limits.h>
#include <sys/uio.h>

static char first[4], second[8];
static struct iovec both[] = {{first, 3}, {second, 5}};

static long readv_of(int fd, const void *iov, unsigned long count)
{
    return syscall(SYS_readv, fd, iov, count);
}

CASE(fills_one_after_the_other)
{
    int fd = file_of("f", "abcdefghij"), ends[2];
    CHECK_EQ(8, readv_of(fd, both, 2));
    CHECK(memcmp(first, "abc", 4) == 0 && memcmp(second, "defgh", 6) == 0);
    CHECK_EQ(8, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(2, readv_of(fd, both, 2));
    CHECK(memcmp(first, "ijc", 3) == 0);
    CHECK_EQ(0, readv_of(fd, both, 2));
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(4, write(ends[1], "wxyz", 4));
    CHECK_EQ(4, readv_of(ends[0], both, 2)); /* what there is, at once */
    CHECK(memcmp(first, "wxy", 3) == 0 && second[0] == 'z');
}

CASE(empty_buffers)
{
    int fd = file_of("f", "abc"), folder = open(".", O_RDONLY);
    struct iovec some[] = {{unmapped_page(), 0}, {first, 2}, {NULL, 0}, {second, 1}};
    CHECK_EQ(3, readv_of(fd, some, 4));
    CHECK(first[0] == 'a' && first[1] == 'b' && second[0] == 'c');
    CHECK_EQ(0, readv_of(fd, NULL, 0));
    CHECK_EQ(0, readv_of(folder, NULL, 0)); /* nobody is asked */
    CHECK_EQ(0, readv_of(folder, some, 1));
    CHECK_ERRNO(EISDIR, readv_of(folder, both, 1));
}

CASE(bad_memory)
{
    int fd = file_of("f", "abcdefghij");
    char *edge = at_edge(2);
    struct iovec partly[] = {{edge, 6}, {first, 3}}, later[] = {{first, 3}, {unmapped_page(), 5}}, beyond = {BAD, 1};
    CHECK_EQ(2, readv_of(fd, partly, 2));
    CHECK_EQ(2, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(3, readv_of(fd, later, 2));
    CHECK_ERRNO(EFAULT, readv_of(fd, later + 1, 1));
    CHECK_ERRNO(EFAULT, readv_of(fd, &beyond, 1));
    CHECK_ERRNO(EFAULT, readv_of(fd, BAD, 1));
    CHECK_ERRNO(EFAULT, readv_of(fd, at_edge(8), 1));
    CHECK_ERRNO(EFAULT, readv_of(fd, NULL, 1));
    CHECK_EQ(5, lseek(fd, 0, SEEK_CUR));
}

CASE(errors)
{
    static struct iovec many[1025];
    struct iovec negative[] = {{first, 1}, {second, (size_t)-1}};
    int fd = file_of("f", "abc"), out = open("f", O_WRONLY);
    CHECK_ERRNO(EBADF, readv_of(99, both, 2));
    CHECK_ERRNO(EBADF, readv_of(99, BAD, 1025));
    CHECK_ERRNO(EINVAL, readv_of(fd, many, 1025));
    CHECK_ERRNO(EINVAL, readv_of(fd, many, -1ul));
    CHECK_EQ(0, readv_of(fd, many, 1024));
    CHECK_ERRNO(EINVAL, readv_of(fd, negative, 2));
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    CHECK_ERRNO(EBADF, readv_of(out, both, 2));
}
