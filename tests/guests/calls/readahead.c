#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>

CASE(changes_nothing)
{
    int file = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(3, write(file, "abc", 3));
    CHECK_EQ(0, readahead(file, 0, 4096));
    CHECK_EQ(0, readahead(file, 100000, 10));
    CHECK_EQ(0, readahead(file, 0, 0));
    CHECK_EQ(3, lseek(file, 0, SEEK_CUR));
}

CASE(errors)
{
    int ends[2], writer = open("f", O_CREAT | O_WRONLY, 0600), folder = open(".", O_RDONLY), path = open("f", O_PATH);
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, readahead(99, 0, 1));
    CHECK_ERRNO(EBADF, readahead(path, 0, 1));
    CHECK_ERRNO(EBADF, readahead(writer, 0, 1));
    CHECK_ERRNO(EINVAL, readahead(ends[0], 0, 1));
    CHECK_ERRNO(EINVAL, readahead(folder, 0, 1));
}
