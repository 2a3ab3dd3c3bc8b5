#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* The files are memfds: on every host they are of tmpfs, as most files in rvsim are. */
static int memory_file(void)
{
    int fd = syscall(SYS_memfd_create, "f", 0);
    CHECK(fd >= 0);
    return fd;
}

static long size_of(int fd)
{
    struct stat st;
    CHECK_EQ(0, fstat(fd, &st));
    return st.st_size;
}

static long blocks_of(int fd)
{
    struct stat st;
    CHECK_EQ(0, fstat(fd, &st));
    return st.st_blocks;
}

CASE(reserves_and_grows)
{
    int fd = memory_file();
    char byte = 1;
    CHECK_EQ(0, fallocate(fd, 0, 5000, 1000));
    CHECK_EQ(6000, size_of(fd));
    CHECK_EQ(8, blocks_of(fd));
    CHECK_EQ(1, pread(fd, &byte, 1, 5999));
    CHECK_EQ(0, byte);
    CHECK_EQ(0, fallocate(fd, 0, 0, 100)); /* never shrinks */
    CHECK_EQ(6000, size_of(fd));
}

CASE(keep_size)
{
    int fd = memory_file();
    CHECK_EQ(0, fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8192));
    CHECK_EQ(0, size_of(fd));
    CHECK_EQ(16, blocks_of(fd));
}

CASE(punch_hole)
{
    char data[12288], back[12288];
    int fd = memory_file();
    memset(data, 'd', sizeof(data));
    CHECK_EQ(sizeof(data), write(fd, data, sizeof(data)));
    CHECK_EQ(0, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1000, 8000));
    memset(data + 1000, 0, 8000);
    CHECK_EQ(sizeof(back), pread(fd, back, sizeof(back), 0));
    CHECK_EQ(0, memcmp(data, back, sizeof(back)));
    CHECK_EQ(16, blocks_of(fd)); /* one page lay in the hole as a whole */
    CHECK_EQ(sizeof(data), size_of(fd));
    CHECK_EQ(0, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8192, 1L << 40)); /* past the end */
    CHECK_EQ(sizeof(data), size_of(fd));
    CHECK_EQ(8, blocks_of(fd));
}

CASE(modes_that_tmpfs_has_not)
{
    int fd = memory_file();
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 4096));
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096));
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096));
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, 4096));
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, 0x1000, 0, 4096));
}

CASE(errors_and_their_order)
{
    int ends[2], fd = memory_file(), reader = open("/dev/zero", O_RDONLY), folder = open(".", O_RDONLY);
    int null = open("/dev/null", O_WRONLY);
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, fallocate(99, 0x1000, -1, 0));
    CHECK_ERRNO(EINVAL, fallocate(reader, 0x1000, -1, 1));
    CHECK_ERRNO(EINVAL, fallocate(fd, 0, 0, 0));
    CHECK_ERRNO(EINVAL, fallocate(fd, 0, 0, -5));
    CHECK_ERRNO(EOPNOTSUPP, fallocate(reader, 0x1000, 0, 1));
    CHECK_ERRNO(EBADF, fallocate(reader, 0, 0, 1));
    CHECK_ERRNO(EBADF, fallocate(folder, 0, 0, 1));
    CHECK_ERRNO(ESPIPE, fallocate(ends[1], 0, 0, 1));
    CHECK_ERRNO(ENODEV, fallocate(null, 0, 0, 1));
    CHECK_ERRNO(EFBIG, fallocate(fd, 0, 0x7fffffffffffffff, 2));
}

CASE(file_size_limit)
{
    struct rlimit limit = {10000, 10000};
    int fd = memory_file();
    signal(SIGXFSZ, SIG_IGN);
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
    CHECK_EQ(0, fallocate(fd, 0, 0, 10000));
    CHECK_ERRNO(EFBIG, fallocate(fd, 0, 0, 10001));
    CHECK_ERRNO(EFBIG, fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 10001));
    CHECK_EQ(0, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 20000));
}
