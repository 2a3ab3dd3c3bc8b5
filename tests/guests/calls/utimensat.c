#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <time.h>

static long utimensat_of(int folder, const char *path, const void *times, int flags)
{
    return syscall(SYS_utimensat, folder, path, times, flags);
}

static const struct timespec then[2] = {{1000000001, 123456789}, {1500000002, 987654321}};

static void check_times(const char *name, const struct timespec *access, const struct timespec *change)
{
    struct stat facts = facts_of(name);
    if (access)
        CHECK(facts.st_atim.tv_sec == access->tv_sec && facts.st_atim.tv_nsec == access->tv_nsec);
    if (change)
        CHECK(facts.st_mtim.tv_sec == change->tv_sec && facts.st_mtim.tv_nsec == change->tv_nsec);
}

CASE(to_the_nanosecond)
{
    make_file("f", "");
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "f", then, 0));
    check_times("f", then, then + 1);
    CHECK(facts_of("f").st_ctim.tv_sec > then[1].tv_sec);
}

CASE(now_and_as_it_is)
{
    struct timespec times[2] = {{7, UTIME_NOW}, {7, UTIME_OMIT}};
    make_file("f", "");
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "f", then, 0) | utimensat_of(AT_FDCWD, "f", times, 0));
    check_times("f", NULL, then + 1);
    CHECK(facts_of("f").st_atim.tv_sec > then[1].tv_sec);
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "f", then, 0) | utimensat_of(AT_FDCWD, "f", NULL, 0));
    struct stat facts = facts_of("f");
    CHECK(facts.st_atim.tv_sec > then[1].tv_sec && facts.st_mtim.tv_sec > then[1].tv_sec);
    CHECK(facts.st_atim.tv_nsec == facts.st_mtim.tv_nsec);
    times[0].tv_nsec = UTIME_OMIT;
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "missing", times, 0)); /* nothing to do, so nobody looks */
    CHECK_EQ(0, utimensat_of(99, BAD, times, -1));
}

CASE(descriptors_and_links)
{
    int fd = file_of("f", "");
    CHECK_EQ(0, symlink("f", "link"));
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "link", then, AT_SYMLINK_NOFOLLOW));
    check_times("link", then, then + 1);
    CHECK(facts_of("f").st_mtim.tv_sec > then[1].tv_sec);
    CHECK_EQ(0, utimensat_of(fd, NULL, then, 0));
    check_times("f", then, then + 1);
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "link", NULL, 0));
    CHECK(facts_of("f").st_mtim.tv_sec > then[1].tv_sec);
    CHECK_EQ(0, utimensat_of(fd, "", then, AT_EMPTY_PATH));
    check_times("f", then, then + 1);
}

CASE(rights)
{
    struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}, half[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    if (geteuid() != 0)
        return;
    make_file("closed", ""), make_file("open", "");
    CHECK_EQ(0, chmod("open", 0666));
    as_ordinary_user();
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "open", NULL, 0)); /* who may write may touch */
    CHECK_EQ(0, utimensat_of(AT_FDCWD, "open", now, 0));
    CHECK_ERRNO(EPERM, utimensat_of(AT_FDCWD, "open", half, 0));
    CHECK_ERRNO(EPERM, utimensat_of(AT_FDCWD, "open", then, 0));
    CHECK_ERRNO(EACCES, utimensat_of(AT_FDCWD, "closed", NULL, 0));
    CHECK_ERRNO(EACCES, utimensat_of(AT_FDCWD, "closed", now, 0));
    CHECK_ERRNO(EPERM, utimensat_of(AT_FDCWD, "closed", then, 0));
}

CASE(errors)
{
    struct timespec wrong[2] = {{1, 1000000000}, {1, 0}}, negative[2] = {{1, 0}, {1, -1}};
    int fd = file_of("f", "");
    CHECK_ERRNO(EINVAL, utimensat_of(AT_FDCWD, "f", wrong, 0));
    CHECK_ERRNO(EINVAL, utimensat_of(AT_FDCWD, "f", negative, 0));
    CHECK_ERRNO(ENOENT, utimensat_of(AT_FDCWD, "missing", wrong, 0)); /* the path before the times */
    CHECK_ERRNO(EBADF, utimensat_of(99, NULL, wrong, 0));
    CHECK_ERRNO(EINVAL, utimensat_of(AT_FDCWD, "f", then, 1));
    CHECK_ERRNO(EINVAL, utimensat_of(AT_FDCWD, BAD, then, 1)); /* and the flags before both */
    CHECK_ERRNO(EINVAL, utimensat_of(fd, NULL, then, AT_SYMLINK_NOFOLLOW));
    CHECK_ERRNO(EFAULT, utimensat_of(AT_FDCWD, BAD, then, 0));
    CHECK_ERRNO(EFAULT, utimensat_of(AT_FDCWD, NULL, then, 0));
    CHECK_ERRNO(EFAULT, utimensat_of(AT_FDCWD, "f", BAD, 0));
    CHECK_ERRNO(EFAULT, utimensat_of(AT_FDCWD, "missing", at_edge(24), 1));
    CHECK_ERRNO(ENOENT, utimensat_of(AT_FDCWD, "", then, 0));
    CHECK_ERRNO(ENOTDIR, utimensat_of(AT_FDCWD, "f/x", then, 0));
    CHECK_ERRNO(EBADF, utimensat_of(99, "f", then, 0));
    CHECK_ERRNO(EBADF, utimensat_of(open("f", O_PATH), NULL, then, 0));
}
