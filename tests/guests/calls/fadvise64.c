#define _GNU_SOURCE
#include "check.h"
#include "files.h"

static long advise(int fd, long offset, long length, int advice)
{
    return syscall(SYS_fadvise64, fd, offset, length, advice);
}

CASE(every_advice)
{
    int fd = file_of("f", "abc");
    for (int advice = 0; advice <= 5; advice++) {
        CHECK_EQ(0, advise(fd, 0, 0, advice));
        CHECK_EQ(0, advise(fd, 1, 100000, advice));
    }
    CHECK_EQ(0, advise(open("f", O_WRONLY), 0, 0, 3));
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    check_file("f", "abc");
}

CASE(errors)
{
    int fd = file_of("f", "abc"), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, advise(99, 0, 0, 0));
    CHECK_ERRNO(EBADF, advise(99, 0, -1, 77));
    CHECK_ERRNO(EBADF, advise(open("f", O_PATH), 0, 0, 0));
    CHECK_ERRNO(EINVAL, advise(fd, 0, 0, 6));
    CHECK_ERRNO(EINVAL, advise(fd, 0, 0, -1));
    CHECK_ERRNO(EINVAL, advise(fd, 0, -1, 0));
    CHECK_ERRNO(ESPIPE, advise(ends[0], 0, 0, 0));
    CHECK_ERRNO(ESPIPE, advise(ends[1], 0, -1, 77)); /* a pipe first */
}
