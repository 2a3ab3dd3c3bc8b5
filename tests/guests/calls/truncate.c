#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
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
    CHECK_EQ(0, symlink("f", "link"));
    CHECK_EQ(0, truncate("f", 3));
    check_file("f", "abc");
    CHECK_EQ(0, truncate("link", 6));
    CHECK_EQ(6, read(fd, got, 8));
    CHECK(memcmp(got, "abc\0\0\0", 6) == 0); /* what was cut is gone for good */
    CHECK_EQ(0, truncate("f", 1l << 32));
    CHECK_EQ(1l << 32, facts_of("f").st_size);
    CHECK(facts_of("f").st_blocks < 1024);
    CHECK_EQ(0, truncate("f", 0));
    CHECK_EQ(0, facts_of("f").st_blocks);
}

CASE(times_and_set_id_bits)
{
    make_file("f", "abc");
    struct timespec old[2] = {{1000, 0}, {2000, 0}};
    if (geteuid() == 0)
        CHECK_EQ(0, chown("f", NOBODY, NOBODY));
    CHECK_EQ(0, chmod("f", 06755));
    as_ordinary_user();
    CHECK_EQ(0, utimensat(AT_FDCWD, "f", old, 0) | truncate("f", 1));
    CHECK_EQ(0755, mode_of("f"));
    CHECK(facts_of("f").st_mtim.tv_sec > 2000);
}

CASE(the_limit_of_a_file_size)
{
    struct rlimit limit;
    make_file("f", "abc");
    getrlimit(RLIMIT_FSIZE, &limit), limit.rlim_cur = 10;
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
    signal(SIGXFSZ, catch);
    CHECK_EQ(0, truncate("f", 10));
    CHECK_EQ(0, caught);
    CHECK_ERRNO(EFBIG, truncate("f", 11));
    CHECK_EQ(SIGXFSZ, caught);
    CHECK_EQ(10, facts_of("f").st_size);
}

CASE(errors)
{
    make_file("f", "abc"), make_file("closed", "abc");
    CHECK_EQ(0, mkdir("d", 0700) | mkfifo("p", 0600) | symlink("circle", "circle"));
    CHECK_ERRNO(EINVAL, truncate("f", -1));
    CHECK_ERRNO(EINVAL, truncate(BAD, LONG_MIN)); /* the length first */
    CHECK_ERRNO(EISDIR, truncate("d", 0));
    CHECK_ERRNO(EINVAL, truncate("p", 0));
    CHECK_ERRNO(EINVAL, truncate("/dev/null", 0));
    CHECK_ERRNO(ENOENT, truncate("missing", 0));
    CHECK_ERRNO(ENOENT, truncate("", 0));
    CHECK_ERRNO(ENOTDIR, truncate("f/", 0));
    CHECK_ERRNO(ELOOP, truncate("circle", 0));
    CHECK_ERRNO(EFAULT, truncate(BAD, 0));
    if (access("/proc/self/exe", W_OK) == 0)
        CHECK_ERRNO(ETXTBSY, truncate("/proc/self/exe", 0));
    CHECK_EQ(0, chmod("closed", 0400));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("closed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, truncate("closed", 0));
    check_file("closed", "abc");
}
