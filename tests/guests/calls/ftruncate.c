#define _GNU_SOURCE
#include "check.h"
#include "files.h"
#include <limits.h>
#include <signal.h>

static volatile sig_atomic_t caught;

static void catch(int signo)
{
    caught = signo;
}

CASE(shorter_and_longer)
{
    char got[8];
    int fd = file_of("f", "abcdef");
    CHECK_EQ(5, lseek(fd, 5, SEEK_SET));
    CHECK_EQ(0, ftruncate(fd, 2));
    CHECK_EQ(5, lseek(fd, 0, SEEK_CUR)); /* the offset stays */
    CHECK_EQ(0, read(fd, got, 1));
    CHECK_EQ(0, ftruncate(fd, 4));
    CHECK_EQ(4, pread(fd, got, 8, 0));
    CHECK(memcmp(got, "ab\0\0", 4) == 0);
    CHECK_EQ(0, unlink("f") | ftruncate(fd, 100)); /* with or without a name */
    CHECK_EQ(100, lseek(fd, 0, SEEK_END));
}

CASE(the_right_was_given_at_open)
{
    int fd = file_of("f", "abc");
    CHECK_EQ(0, chmod("f", 0));
    as_ordinary_user();
    CHECK_EQ(0, ftruncate(fd, 1));
    CHECK_EQ(1, lseek(fd, 0, SEEK_END));
}

CASE(the_limit_of_a_file_size)
{
    struct rlimit limit;
    int fd = file_of("f", "abc");
    getrlimit(RLIMIT_FSIZE, &limit), limit.rlim_cur = 2;
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
    signal(SIGXFSZ, catch);
    CHECK_EQ(0, ftruncate(fd, 3)); /* no longer than it was */
    CHECK_EQ(0, caught);
    CHECK_ERRNO(EFBIG, ftruncate(fd, 4));
    CHECK_EQ(SIGXFSZ, caught);
}

CASE(errors)
{
    int fd = file_of("f", "abc"), ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EINVAL, ftruncate(fd, -1));
    CHECK_ERRNO(EINVAL, ftruncate(99, LONG_MIN)); /* the length before the number */
    CHECK_ERRNO(EBADF, ftruncate(99, 0));
    CHECK_ERRNO(EBADF, ftruncate(open("f", O_PATH), 0));
    CHECK_ERRNO(EINVAL, ftruncate(open("f", O_RDONLY), 0)); /* not EBADF */
    CHECK_ERRNO(EINVAL, ftruncate(open(".", O_RDONLY), 0));
    CHECK_ERRNO(EINVAL, ftruncate(ends[1], 0));
    CHECK_EQ(3, facts_of("f").st_size);
}
