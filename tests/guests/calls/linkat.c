#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

CASE(another_name_for_the_file)
{
    make_file("f", "abc");
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EQ(0, linkat(AT_FDCWD, "f", open("d", O_RDONLY), "g", 0));
    CHECK_EQ(2, facts_of("f").st_nlink);
    CHECK_EQ(facts_of("f").st_ino, facts_of("d/g").st_ino);
    CHECK_EQ(0, unlink("f"));
    check_file("d/g", "abc");
    CHECK_EQ(1, facts_of("d/g").st_nlink);
}

CASE(links_followed_or_not)
{
    make_file("f", "");
    CHECK_EQ(0, symlink("f", "link"));
    CHECK_EQ(0, linkat(AT_FDCWD, "link", AT_FDCWD, "same_link", 0));
    CHECK(S_ISLNK(facts_of("same_link").st_mode));
    CHECK_EQ(2, facts_of("link").st_nlink);
    CHECK_EQ(0, linkat(AT_FDCWD, "link", AT_FDCWD, "same_file", AT_SYMLINK_FOLLOW));
    CHECK_EQ(facts_of("f").st_ino, facts_of("same_file").st_ino);
}

CASE(a_file_without_a_name)
{
    char name[64];
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0 && errno == EOPNOTSUPP)
        return; /* the host's file system has none */
    CHECK_EQ(3, write(fd, "abc", 3));
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    CHECK_EQ(0, linkat(AT_FDCWD, name, AT_FDCWD, "f", AT_SYMLINK_FOLLOW));
    check_file("f", "abc");
    CHECK_EQ(1, facts_of("f").st_nlink);
    fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600); /* which forbids it */
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, name, AT_FDCWD, "g", AT_SYMLINK_FOLLOW));
}

CASE(an_empty_name_is_the_descriptor)
{
    if (geteuid() != 0)
        return;
    int fd = file_of("f", "");
    CHECK_EQ(0, linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH));
    CHECK_EQ(facts_of("f").st_ino, facts_of("g").st_ino);
    CHECK_EQ(0, unlink("f") | unlink("g"));
    CHECK_ERRNO(ENOENT, linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH)); /* no way back */
    CHECK_ERRNO(ENOENT, linkat(fd, "", AT_FDCWD, "g", 0));
}

CASE(errors)
{
    char name[257];
    memset(name, 'n', 256), name[256] = 0;
    make_file("f", ""), make_file("g", "");
    CHECK_EQ(0, mkdir("d", 0700) | symlink("nowhere", "dangling"));
    int file = open("f", O_RDONLY);
    CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, "missing", AT_FDCWD, "new", 0));
    CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, "dangling", AT_FDCWD, "new", AT_SYMLINK_FOLLOW));
    CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, "f", AT_FDCWD, "missing/new", 0));
    CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, "f", AT_FDCWD, "new/", 0));
    CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, "", AT_FDCWD, "new", 0));
    CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, "f", AT_FDCWD, "", 0));
    CHECK_ERRNO(EEXIST, linkat(AT_FDCWD, "f", AT_FDCWD, "g", 0));
    CHECK_ERRNO(EEXIST, linkat(AT_FDCWD, "f", AT_FDCWD, "f", 0));
    CHECK_ERRNO(EEXIST, linkat(AT_FDCWD, "f", AT_FDCWD, "dangling", 0));
    CHECK_ERRNO(EEXIST, linkat(AT_FDCWD, "d", AT_FDCWD, "g", 0));
    CHECK_ERRNO(EEXIST, linkat(AT_FDCWD, "f", AT_FDCWD, ".", 0));
    CHECK_ERRNO(EPERM, linkat(AT_FDCWD, "d", AT_FDCWD, "new", 0)); /* no second name for a folder */
    CHECK_ERRNO(ENOTDIR, linkat(AT_FDCWD, "f/", AT_FDCWD, "new", 0));
    CHECK_ERRNO(ENOTDIR, linkat(AT_FDCWD, "f", AT_FDCWD, "g/new", 0));
    CHECK_ERRNO(ENAMETOOLONG, linkat(AT_FDCWD, "f", AT_FDCWD, name, 0));
    CHECK_ERRNO(EXDEV, linkat(AT_FDCWD, "/proc/self/status", AT_FDCWD, "new", 0));
    CHECK_ERRNO(EEXIST, linkat(AT_FDCWD, "/proc/self/status", AT_FDCWD, "f", 0));
    CHECK_ERRNO(EFAULT, linkat(AT_FDCWD, BAD, AT_FDCWD, "new", 0));
    CHECK_ERRNO(EFAULT, linkat(AT_FDCWD, "f", AT_FDCWD, BAD, 0));
    CHECK_ERRNO(EINVAL, linkat(AT_FDCWD, BAD, AT_FDCWD, BAD, 1)); /* the flags first */
    CHECK_ERRNO(EINVAL, linkat(AT_FDCWD, "f", AT_FDCWD, "new", AT_SYMLINK_NOFOLLOW));
    CHECK_ERRNO(EBADF, linkat(99, "f", AT_FDCWD, "new", 0));
    CHECK_ERRNO(EBADF, linkat(AT_FDCWD, "f", 99, "new", 0));
    CHECK_ERRNO(ENOTDIR, linkat(file, "f", AT_FDCWD, "new", 0));
    CHECK_EQ(1, facts_of("f").st_nlink);
    CHECK_EQ(0, mkdir("fixed", 0500));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("fixed", NOBODY, NOBODY) | chown("f", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, linkat(AT_FDCWD, "f", AT_FDCWD, "fixed/new", 0));
}
