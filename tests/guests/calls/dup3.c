#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <sys/resource.h>

CASE(takes_the_number_asked_for)
{
    int file = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(77, dup3(file, 77, 0));
    CHECK_EQ(0, fcntl(77, F_GETFD));
    CHECK_EQ(3, write(77, "abc", 3));
    CHECK_EQ(3, lseek(file, 0, SEEK_CUR));
}

CASE(close_on_exec)
{
    CHECK_EQ(50, dup3(1, 50, O_CLOEXEC));
    CHECK_EQ(FD_CLOEXEC, fcntl(50, F_GETFD));
    CHECK_EQ(0, fcntl(1, F_GETFD));
}

CASE(closes_what_was_there)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(ends[1], dup3(1, ends[1], 0));
    CHECK_EQ(0, read(ends[0], &byte, 1)); /* the last writer has gone */
}

CASE(errors)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    CHECK_ERRNO(EINVAL, dup3(1, 1, 0));
    CHECK_ERRNO(EINVAL, dup3(1, 5, O_APPEND));
    CHECK_ERRNO(EINVAL, dup3(99, 99, 0)); /* before the look at the number */
    CHECK_ERRNO(EBADF, dup3(99, 5, 0));
    CHECK_ERRNO(EBADF, dup3(1, -1, 0));
    CHECK_ERRNO(EBADF, dup3(1, limit.rlim_cur, 0));
}
