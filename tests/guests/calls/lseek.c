#define _GNU_SOURCE
#include "check.h"
#include "files.h"
#include <limits.h>

CASE(from_three_places)
{
    int fd = file_of("f", "0123456789");
    CHECK_EQ(4, lseek(fd, 4, SEEK_SET));
    CHECK_EQ(6, lseek(fd, 2, SEEK_CUR));
    CHECK_EQ(3, lseek(fd, -3, SEEK_CUR));
    CHECK_EQ(8, lseek(fd, -2, SEEK_END));
    CHECK_EQ(110, lseek(fd, 100, SEEK_END));
    CHECK_EQ(10, facts_of("f").st_size); /* the file is as it was */
    CHECK_EQ(0, lseek(fd, -10, SEEK_END));
}

CASE(out_of_range_moves_nothing)
{
    int fd = file_of("f", "0123456789");
    CHECK_EQ(4, lseek(fd, 4, SEEK_SET));
    CHECK_ERRNO(EINVAL, lseek(fd, -1, SEEK_SET));
    CHECK_ERRNO(EINVAL, lseek(fd, -5, SEEK_CUR));
    CHECK_ERRNO(EINVAL, lseek(fd, -11, SEEK_END));
    CHECK_ERRNO(EINVAL, lseek(fd, LONG_MAX, SEEK_CUR));
    CHECK_ERRNO(EINVAL, lseek(fd, LONG_MIN, SEEK_SET));
    CHECK_EQ(4, lseek(fd, 0, SEEK_CUR));
}

CASE(data_and_holes)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(1, pwrite(fd, "x", 1, 1 << 20));
    CHECK_EQ(0, lseek(fd, 0, SEEK_HOLE));
    CHECK_EQ((1 << 20) + 1, lseek(fd, 1 << 20, SEEK_HOLE));
    CHECK_EQ(1 << 20, lseek(fd, 1 << 20, SEEK_DATA));
    long data = lseek(fd, 5, SEEK_DATA);
    CHECK(data >= 5 && data <= 1 << 20);
    CHECK_ERRNO(ENXIO, lseek(fd, (1 << 20) + 1, SEEK_DATA));
    CHECK_ERRNO(ENXIO, lseek(fd, (1 << 20) + 1, SEEK_HOLE));
    CHECK_ERRNO(ENXIO, lseek(fd, -1, SEEK_DATA));
}

CASE(errors)
{
    int ends[2], fd = file_of("f", "");
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, lseek(99, 0, SEEK_SET));
    CHECK_ERRNO(EBADF, lseek(-1, 0, 77));
    CHECK_ERRNO(EINVAL, lseek(fd, 0, 5));
    CHECK_ERRNO(EINVAL, lseek(fd, 0, -1));
    CHECK_ERRNO(ESPIPE, lseek(ends[0], 0, SEEK_SET));
    CHECK_ERRNO(EINVAL, lseek(ends[0], 0, 5)); /* before the look at the file */
    CHECK_EQ(0, lseek(open(".", O_RDONLY), 0, SEEK_SET));
}

CASE(devices)
{
    CHECK_EQ(0, lseek(open("/dev/null", O_RDWR), 7, SEEK_SET));
}
