#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(takes_the_lowest_number)
{
    int first = dup(1), second = dup(1);
    CHECK(first > 1 && second > first);
    close(first);
    CHECK_EQ(first, dup(1));
}

CASE(is_the_same_open_file)
{
    int fd = file_of("f", "abcdef"), other = dup(fd);
    char byte;
    CHECK_EQ(3, lseek(fd, 3, SEEK_SET));
    CHECK_EQ(1, read(other, &byte, 1));
    CHECK_EQ('d', byte);
    CHECK_EQ(4, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(0, fcntl(other, F_SETFL, O_APPEND));
    CHECK(fcntl(fd, F_GETFL) & O_APPEND);
}

CASE(close_on_exec_is_not_taken_along)
{
    CHECK_EQ(50, dup3(1, 50, O_CLOEXEC));
    CHECK_EQ(0, fcntl(dup(50), F_GETFD));
}

CASE(errors)
{
    CHECK_ERRNO(EBADF, dup(99));
    CHECK_ERRNO(EBADF, dup(-1));
    no_more_descriptors();
    CHECK_ERRNO(EMFILE, dup(1));
    CHECK_ERRNO(EBADF, dup(99)); /* first whether there is such a file */
}
