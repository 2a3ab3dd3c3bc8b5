#define _GNU_SOURCE
#include "check.h"
#include "files.h"
#include <limits.h>

#define KEEP_SIZE 1
#define PUNCH_HOLE 2
#define UNKNOWN 0x400000

/* The host's file system may have less than ours: then there is nothing to ask. */
static int can(int fd, int mode)
{
    return fallocate(fd, mode, 0, 4096) == 0;
}

CASE(reserves)
{
    int fd = file_of("f", "abc");
    if (!can(fd, 0))
        return;
    CHECK_EQ(4096, facts_of("f").st_size);
    CHECK_EQ(0, fallocate(fd, 0, 100000, 50000));
    CHECK_EQ(150000, facts_of("f").st_size);
    CHECK(facts_of("f").st_blocks >= 2 * 50000 / 1024);
    CHECK_EQ(0, fallocate(fd, 0, 0, 10)); /* never shorter */
    CHECK_EQ(150000, facts_of("f").st_size);
    char got[4];
    CHECK_EQ(4, pread(fd, got, 4, 0));
    CHECK(memcmp(got, "abc", 4) == 0);
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
}

CASE(keeps_the_size)
{
    int fd = file_of("f", "abc");
    if (!can(fd, KEEP_SIZE))
        return;
    CHECK_EQ(3, facts_of("f").st_size);
    CHECK_EQ(0, fallocate(fd, KEEP_SIZE, 4096, 100000));
    CHECK_EQ(3, facts_of("f").st_size);
    CHECK(facts_of("f").st_blocks >= 2 * 100000 / 1024);
}

CASE(punches)
{
    static char block[16384], got[16384];
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    memset(block, 'x', sizeof block);
    CHECK_EQ(sizeof block, write(fd, block, sizeof block));
    if (!can(fd, PUNCH_HOLE | KEEP_SIZE))
        return;
    CHECK_EQ(0, fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 5000, 100000));
    CHECK_EQ(16384, facts_of("f").st_size);
    CHECK_EQ(sizeof got, pread(fd, got, sizeof got, 0));
    for (int i = 0; i < 16384; i++)
        CHECK_EQ(i >= 4096 && i < 5000 ? 'x' : 0, got[i]);
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, PUNCH_HOLE, 0, 4096)); /* never without KEEP_SIZE */
}

CASE(errors)
{
    int fd = file_of("f", "abc"), ends[2];
    CHECK_EQ(0, pipe(ends));
    if (!can(fd, 0))
        return;
    CHECK_ERRNO(EBADF, fallocate(99, 0, 0, 1));
    CHECK_ERRNO(EBADF, fallocate(99, UNKNOWN, -1, 0));
    CHECK_ERRNO(EINVAL, fallocate(fd, 0, -1, 1));
    CHECK_ERRNO(EINVAL, fallocate(fd, 0, 0, 0));
    CHECK_ERRNO(EINVAL, fallocate(fd, UNKNOWN, 0, -1)); /* the range before the mode */
    CHECK_ERRNO(EOPNOTSUPP, fallocate(fd, UNKNOWN, 0, 1));
    CHECK_ERRNO(EOPNOTSUPP, fallocate(open("f", O_RDONLY), UNKNOWN, 0, 1)); /* the mode before the right */
    CHECK_ERRNO(EOPNOTSUPP, fallocate(ends[0], UNKNOWN, 0, 1));
    CHECK_ERRNO(EBADF, fallocate(open("f", O_RDONLY), 0, 0, 1));
    CHECK_ERRNO(EBADF, fallocate(open(".", O_RDONLY), 0, 0, 1));
    CHECK_ERRNO(EBADF, fallocate(ends[0], 0, 0, 1));
    CHECK_ERRNO(ESPIPE, fallocate(ends[1], 0, 0, 1));
    CHECK_ERRNO(ENODEV, fallocate(open("/dev/null", O_WRONLY), 0, 0, 1));
    CHECK_ERRNO(EFBIG, fallocate(fd, 0, LONG_MAX, 1));
    CHECK_ERRNO(EFBIG, fallocate(fd, 0, LONG_MAX, LONG_MAX));
}
