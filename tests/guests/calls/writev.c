#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/uio.h>

static struct iovec both[] = {{"abc", 3}, {"defgh", 5}};

static long writev_of(int fd, const void *iov, unsigned long count)
{
    return syscall(SYS_writev, fd, iov, count);
}

CASE(one_after_the_other)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(8, writev_of(fd, both, 2));
    CHECK_EQ(8, lseek(fd, 0, SEEK_CUR));
    check_file("f", "abcdefgh");
    CHECK_EQ(8, writev_of(open("f", O_WRONLY | O_APPEND), both, 2));
    check_file("f", "abcdefghabcdefgh");
}

CASE(empty_buffers)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600), ends[2];
    struct iovec some[] = {{unmapped_page(), 0}, {"ab", 2}, {NULL, 0}, {"c", 1}};
    CHECK_EQ(3, writev_of(fd, some, 4));
    check_file("f", "abc");
    CHECK_EQ(0, writev_of(fd, NULL, 0));
    CHECK_EQ(0, pipe(ends));
    close(ends[0]);
    CHECK_EQ(0, writev_of(ends[1], some, 1)); /* no SIGPIPE */
}

CASE(bad_memory)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    char *edge = at_edge(2);
    memcpy(edge, "xy", 2);
    struct iovec partly[] = {{edge, 6}, {"abc", 3}}, later[] = {{"abc", 3}, {unmapped_page(), 5}}, beyond = {BAD, 1};
    CHECK_EQ(2, writev_of(fd, partly, 2));
    CHECK_EQ(3, writev_of(fd, later, 2));
    check_file("f", "xyabc");
    CHECK_ERRNO(EFAULT, writev_of(fd, later + 1, 1));
    CHECK_ERRNO(EFAULT, writev_of(fd, &beyond, 1));
    CHECK_ERRNO(EFAULT, writev_of(fd, BAD, 1));
    CHECK_ERRNO(EFAULT, writev_of(fd, at_edge(8), 1));
    CHECK_EQ(5, lseek(fd, 0, SEEK_CUR));
}

CASE(errors)
{
    static struct iovec many[1025];
    struct iovec negative[] = {{"a", 1}, {"b", (size_t)-1}};
    int fd = open("f", O_CREAT | O_RDWR, 0600), in = open("f", O_RDONLY), folder = open(".", O_RDONLY);
    CHECK_ERRNO(EBADF, writev_of(99, both, 2));
    CHECK_ERRNO(EBADF, writev_of(99, BAD, 1025));
    CHECK_ERRNO(EINVAL, writev_of(fd, many, 1025));
    CHECK_EQ(0, writev_of(fd, many, 1024));
    CHECK_ERRNO(EINVAL, writev_of(fd, negative, 2));
    CHECK_EQ(0, facts_of("f").st_size);
    CHECK_ERRNO(EBADF, writev_of(in, both, 2));
    CHECK_ERRNO(EBADF, writev_of(folder, both, 2));
}
