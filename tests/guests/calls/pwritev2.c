#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/uio.h>

#define DSYNC 2
#define SYNC 4
#define APPEND 16
#define NOAPPEND 32
#define UNKNOWN 0x40000000

static struct iovec both[] = {{"abc", 3}, {"defgh", 5}};

static long pwritev2_of(int fd, const void *iov, unsigned long count, long at, int flags)
{
    return syscall(SYS_pwritev2, fd, iov, count, at, 0l, flags);
}

CASE(at_a_position_or_at_the_offset)
{
    int fd = file_of("f", "0123456789"), ends[2];
    CHECK_EQ(8, pwritev2_of(fd, both, 2, 1, 0));
    check_file("f", "0abcdefgh9");
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(8, pwritev2_of(fd, both, 2, -1, DSYNC));
    check_file("f", "abcdefghh9");
    CHECK_EQ(8, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(8, pwritev2_of(ends[1], both, 2, -1, 0));
    CHECK_ERRNO(ESPIPE, pwritev2_of(ends[1], both, 2, 0, 0));
}

CASE(append)
{
    int fd = file_of("f", "0123");
    CHECK_EQ(3, pwritev2_of(fd, both, 1, 1, APPEND)); /* wherever the position is */
    check_file("f", "0123abc");
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(3, pwritev2_of(fd, both, 1, -1, APPEND | SYNC));
    check_file("f", "0123abcabc");
    CHECK_EQ(10, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(O_RDWR, fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND)); /* for this time only */
}

#ifdef __riscv
/* Linux has RWF_NOAPPEND since 6.9: include/linux/fs.h:kiocb_set_rw_flags */
CASE(not_at_the_end)
{
    make_file("f", "0123");
    int fd = open("f", O_WRONLY | O_APPEND);
    CHECK_EQ(3, pwritev2_of(fd, both, 1, 0, NOAPPEND));
    check_file("f", "abc3");
    CHECK_ERRNO(EINVAL, pwritev2_of(fd, both, 1, 0, APPEND | NOAPPEND));
}
#endif

CASE(errors)
{
    static struct iovec many[1025];
    int fd = file_of("f", "abc"), in = open("f", O_RDONLY);
    CHECK_ERRNO(EINVAL, pwritev2_of(99, both, 2, -2, 0));
    CHECK_ERRNO(EBADF, pwritev2_of(99, both, 2, -1, UNKNOWN));
    CHECK_ERRNO(EINVAL, pwritev2_of(fd, many, 1025, 0, UNKNOWN));
    CHECK_ERRNO(EFAULT, pwritev2_of(fd, BAD, 1, 0, UNKNOWN));
    CHECK_ERRNO(EBADF, pwritev2_of(in, both, 2, 0, UNKNOWN));
    CHECK_ERRNO(EOPNOTSUPP, pwritev2_of(fd, both, 2, 0, UNKNOWN));
    CHECK_EQ(0, pwritev2_of(fd, NULL, 0, 0, UNKNOWN)); /* with nothing to do nobody looks */
    check_file("f", "abc");
}
