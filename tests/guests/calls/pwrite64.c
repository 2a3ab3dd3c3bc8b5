#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

CASE(leaves_the_offset)
{
    int fd = file_of("f", "abcdefgh");
    char got[16];
    CHECK_EQ(2, lseek(fd, 2, SEEK_SET));
    CHECK_EQ(3, pwrite(fd, "XYZ", 3, 4));
    check_file("f", "abcdXYZh");
    CHECK_EQ(2, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(1, pwrite(fd, "!", 1, 10));
    CHECK_EQ(11, pread(fd, got, 16, 0));
    CHECK(memcmp(got, "abcdXYZh\0\0!", 11) == 0);
}

CASE(with_o_append_it_appends)
{
    make_file("f", "abc");
    int fd = open("f", O_WRONLY | O_APPEND);
    CHECK_EQ(1, pwrite(fd, "d", 1, 0)); /* pwrite(2), BUGS */
    check_file("f", "abcd");
}

CASE(bad_memory)
{
    int fd = file_of("f", "abc");
    char *edge = at_edge(3);
    memcpy(edge, "xyz", 3);
    CHECK_EQ(3, pwrite(fd, edge, 8, 1));
    check_file("f", "axyz");
    CHECK_ERRNO(EFAULT, pwrite(fd, unmapped_page(), 1, 0));
    CHECK_ERRNO(EFAULT, pwrite(fd, BAD, 1, 100));
    CHECK_EQ(0, pwrite(fd, unmapped_page(), 0, 100));
    CHECK_EQ(4, facts_of("f").st_size);
}

CASE(errors)
{
    int fd = file_of("f", "abc"), in = open("f", O_RDONLY), folder = open(".", O_RDONLY), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EINVAL, pwrite(fd, "x", 1, -1));
    CHECK_ERRNO(EINVAL, pwrite(99, "x", 1, -1)); /* before the look at the number */
    CHECK_ERRNO(EBADF, pwrite(99, "x", 1, 0));
    CHECK_ERRNO(EBADF, pwrite(in, "x", 1, 0));
    CHECK_ERRNO(EBADF, pwrite(in, BAD, 1, 0));
    CHECK_ERRNO(ESPIPE, pwrite(ends[1], "x", 1, 0));
    CHECK_ERRNO(ESPIPE, pwrite(ends[0], "x", 1, 0)); /* before the right to write */
    CHECK_ERRNO(EBADF, pwrite(folder, "x", 1, 0));
}
