#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/sysmacros.h>
#include <time.h>

static struct stat facts;

static long stat_of(int folder, const char *path, void *buffer, int flags)
{
    return syscall(SYS_newfstatat, folder, path, buffer, flags);
}

CASE(a_file)
{
    struct timespec times[2] = {{1000000001, 123456789}, {1500000002, 987654321}};
    umask(022);
    int fd = open("f", O_CREAT | O_RDWR, 0666);
    CHECK_EQ(5, pwrite(fd, "hello", 5, 10000));
    CHECK_EQ(0, futimens(fd, times) | link("f", "g"));
    CHECK_EQ(0, stat_of(AT_FDCWD, "f", &facts, 0));
    CHECK_EQ(S_IFREG | 0644, facts.st_mode);
    CHECK_EQ(2, facts.st_nlink);
    CHECK_EQ(geteuid(), facts.st_uid);
    CHECK_EQ(10005, facts.st_size);
    CHECK(facts.st_blksize >= 512 && facts.st_blocks >= 0);
    CHECK(facts.st_atim.tv_sec == 1000000001 && facts.st_atim.tv_nsec == 123456789);
    CHECK(facts.st_mtim.tv_sec == 1500000002 && facts.st_mtim.tv_nsec == 987654321);
    CHECK(facts.st_ctim.tv_sec > 1500000002);
    CHECK_EQ(facts_of(".").st_dev, facts.st_dev);
}

CASE(links_followed_or_not)
{
    CHECK_EQ(0, symlink("/", "link") | symlink("nowhere", "dangling"));
    CHECK_EQ(0, stat_of(AT_FDCWD, "link", &facts, 0));
    CHECK(S_ISDIR(facts.st_mode));
    CHECK_EQ(0, stat_of(AT_FDCWD, "link", &facts, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(facts.st_mode));
    CHECK_EQ(1, facts.st_size);
    CHECK_EQ(0, stat_of(AT_FDCWD, "link/", &facts, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISDIR(facts.st_mode));
    CHECK_ERRNO(ENOENT, stat_of(AT_FDCWD, "dangling", &facts, 0));
    CHECK_EQ(0, stat_of(AT_FDCWD, "dangling", &facts, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT));
}

CASE(a_descriptor_itself)
{
    int fd = file_of("f", "abc");
    CHECK_EQ(0, stat_of(fd, "", &facts, AT_EMPTY_PATH));
    CHECK_EQ(3, facts.st_size);
    CHECK_EQ(0, stat_of(open("f", O_PATH), "", &facts, AT_EMPTY_PATH));
    CHECK_EQ(0, stat_of(AT_FDCWD, "", &facts, AT_EMPTY_PATH));
    CHECK_EQ(facts_of(".").st_ino, facts.st_ino);
    CHECK_ERRNO(EBADF, stat_of(99, "", &facts, AT_EMPTY_PATH));
    CHECK_ERRNO(ENOENT, stat_of(fd, "", &facts, 0));
}

CASE(a_device)
{
    CHECK_EQ(0, stat_of(AT_FDCWD, "/dev/null", &facts, 0));
    CHECK(S_ISCHR(facts.st_mode));
    CHECK_EQ(makedev(1, 3), facts.st_rdev);
}

CASE(errors)
{
    char name[257];
    memset(name, 'n', 256), name[256] = 0;
    make_file("f", "");
    CHECK_EQ(0, symlink("circle", "circle"));
    CHECK_ERRNO(ENOENT, stat_of(AT_FDCWD, "missing", &facts, 0));
    CHECK_ERRNO(ENOENT, stat_of(AT_FDCWD, "missing", BAD, 0)); /* the path first */
    CHECK_ERRNO(ENOENT, stat_of(AT_FDCWD, "", &facts, 0));
    CHECK_ERRNO(ENOTDIR, stat_of(AT_FDCWD, "f/", &facts, 0));
    CHECK_ERRNO(ENOTDIR, stat_of(AT_FDCWD, "f/.", &facts, 0));
    CHECK_ERRNO(ELOOP, stat_of(AT_FDCWD, "circle", &facts, 0));
    CHECK_ERRNO(ENAMETOOLONG, stat_of(AT_FDCWD, name, &facts, 0));
    CHECK_ERRNO(EFAULT, stat_of(AT_FDCWD, BAD, &facts, 0));
    CHECK_ERRNO(EFAULT, stat_of(AT_FDCWD, "f", BAD, 0));
    CHECK_ERRNO(EFAULT, stat_of(AT_FDCWD, "f", readonly_page(), 0));
    CHECK_ERRNO(EFAULT, stat_of(AT_FDCWD, "f", at_edge(sizeof facts - 1), 0));
    CHECK_EQ(0, stat_of(AT_FDCWD, "f", at_edge(sizeof facts), 0));
    CHECK_ERRNO(EINVAL, stat_of(AT_FDCWD, "f", &facts, 1));
    CHECK_ERRNO(EINVAL, stat_of(AT_FDCWD, BAD, &facts, AT_EACCESS)); /* the flags before the path */
    CHECK_ERRNO(EBADF, stat_of(99, "f", &facts, 0));
    CHECK_ERRNO(ENOTDIR, stat_of(open("f", O_RDONLY), "f", &facts, 0));
    CHECK_EQ(0, stat_of(99, "/", &facts, 0));
    CHECK_EQ(0, mkdir("closed", 0700));
    make_file("closed/f", "");
    CHECK_EQ(0, chmod("closed", 0600));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("closed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, stat_of(AT_FDCWD, "closed/f", &facts, 0));
    CHECK_EQ(0, stat_of(AT_FDCWD, "closed", &facts, 0)); /* no right to the file itself is needed */
}
