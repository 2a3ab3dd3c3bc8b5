#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(changes_nothing)
{
    int fd = file_of("f", "abc");
    CHECK_EQ(0, readahead(fd, 0, 4096));
    CHECK_EQ(0, readahead(fd, 100000, 4096));
    CHECK_EQ(0, readahead(fd, 0, 0));
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    check_file("f", "abc");
}

CASE(errors)
{
    int fd = file_of("f", "abc"), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, readahead(99, 0, 4096));
    CHECK_ERRNO(EBADF, readahead(open("f", O_WRONLY), 0, 4096));
    CHECK_ERRNO(EBADF, readahead(open("f", O_PATH), 0, 4096));
    CHECK_ERRNO(EBADF, readahead(ends[1], 0, 4096));
    CHECK_ERRNO(EINVAL, readahead(ends[0], 0, 4096));
    CHECK_ERRNO(EINVAL, readahead(fd, 0, (size_t)-1)); /* as a length it is negative */
}
