#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <limits.h>

CASE(leaves_the_offset)
{
    int fd = file_of("f", "abcdefgh");
    char got[8] = "";
    CHECK_EQ(2, lseek(fd, 2, SEEK_SET));
    CHECK_EQ(3, pread(fd, got, 3, 4));
    CHECK(memcmp(got, "efg", 4) == 0);
    CHECK_EQ(2, pread(fd, got, 8, 6));
    CHECK_EQ(0, pread(fd, got, 8, 8));
    CHECK_EQ(0, pread(fd, got, 8, 1l << 40));
    CHECK_EQ(2, lseek(fd, 0, SEEK_CUR));
}

CASE(bad_memory)
{
    int fd = file_of("f", "abcdefgh");
    char *edge = at_edge(3);
    CHECK_EQ(3, pread(fd, edge, 8, 2));
    CHECK(memcmp(edge, "cde", 3) == 0);
    CHECK_ERRNO(EFAULT, pread(fd, unmapped_page(), 1, 0));
    CHECK_ERRNO(EFAULT, pread(fd, readonly_page(), 1, 0));
    CHECK_ERRNO(EFAULT, pread(fd, BAD, 1, 100));
    CHECK_EQ(0, pread(fd, unmapped_page(), 1, 100)); /* nothing is there to be stored */
    CHECK_EQ(0, pread(fd, unmapped_page(), 0, 0));
}

CASE(errors)
{
    char byte;
    int fd = file_of("f", "abc"), out = open("f", O_WRONLY), folder = open(".", O_RDONLY), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EINVAL, pread(fd, &byte, 1, -1));
    CHECK_ERRNO(EINVAL, pread(99, &byte, 1, -1)); /* before the look at the number */
    CHECK_ERRNO(EBADF, pread(99, &byte, 1, 0));
    CHECK_ERRNO(EBADF, pread(out, &byte, 1, 0));
    CHECK_ERRNO(EBADF, pread(out, BAD, 1, 0));
    CHECK_ERRNO(ESPIPE, pread(ends[0], &byte, 1, 0));
    CHECK_ERRNO(ESPIPE, pread(ends[1], &byte, 1, 0)); /* before the right to read */
    CHECK_ERRNO(EISDIR, pread(folder, &byte, 1, 0));
    CHECK_ERRNO(EINVAL, pread(fd, &byte, 1, LONG_MIN));
}
