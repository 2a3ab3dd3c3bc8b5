#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

CASE(takes_a_name_away)
{
    int fd = file_of("f", "abc");
    char got[4];
    CHECK_EQ(0, link("f", "other"));
    CHECK_EQ(0, unlinkat(AT_FDCWD, "f", 0));
    CHECK(!exists("f"));
    CHECK_EQ(1, facts_of("other").st_nlink);
    CHECK_EQ(0, mkdir("d", 0700) | rename("other", "d/other"));
    CHECK_EQ(0, unlinkat(open("d", O_RDONLY), "other", 0));
    struct stat facts;
    CHECK_EQ(0, fstat(fd, &facts));
    CHECK_EQ(0, facts.st_nlink);
    CHECK_EQ(3, read(fd, got, 4)); /* who has it open has it still */
    CHECK_EQ(2, write(fd, "de", 2));
    CHECK_EQ(5, lseek(fd, 0, SEEK_END));
}

CASE(removes_an_empty_folder)
{
    CHECK_EQ(0, mkdir("d", 0700) | mkdir("d/e", 0700));
    int d = open("d", O_RDONLY);
    CHECK_ERRNO(ENOTEMPTY, unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
    CHECK_EQ(0, unlinkat(d, "e", AT_REMOVEDIR));
    CHECK_EQ(0, unlinkat(AT_FDCWD, "d/", AT_REMOVEDIR));
    CHECK(!exists("d"));
    struct stat facts;
    CHECK_EQ(0, fstat(d, &facts));
    CHECK_EQ(0, facts.st_nlink);
}

CASE(links_are_not_followed)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("d", 0700) | symlink("f", "to_f") | symlink("d", "to_d") | symlink("nowhere", "dangling"));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "to_d", AT_REMOVEDIR));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "to_d/", AT_REMOVEDIR));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "to_d/", 0));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "to_f/", 0));
    CHECK_EQ(0, unlinkat(AT_FDCWD, "to_f", 0) | unlinkat(AT_FDCWD, "to_d", 0) | unlinkat(AT_FDCWD, "dangling", 0));
    CHECK(exists("f") && exists("d") && !exists("to_f"));
}

CASE(the_wrong_kind)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("d", 0700) | mkdir("d/e", 0700));
    CHECK_ERRNO(EISDIR, unlinkat(AT_FDCWD, "d", 0));
    CHECK_ERRNO(EISDIR, unlinkat(AT_FDCWD, "d/", 0));
    CHECK_ERRNO(EISDIR, unlinkat(AT_FDCWD, ".", 0));
    CHECK_ERRNO(EISDIR, unlinkat(AT_FDCWD, "d/..", 0));
    CHECK_ERRNO(EISDIR, unlinkat(AT_FDCWD, "/", 0));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "f/", 0));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "f", AT_REMOVEDIR));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "f/", AT_REMOVEDIR));
    CHECK_ERRNO(EINVAL, unlinkat(AT_FDCWD, ".", AT_REMOVEDIR));
    CHECK_ERRNO(EINVAL, unlinkat(AT_FDCWD, "d/.", AT_REMOVEDIR));
    CHECK_ERRNO(ENOTEMPTY, unlinkat(AT_FDCWD, "d/..", AT_REMOVEDIR));
    CHECK_ERRNO(ENOTEMPTY, unlinkat(AT_FDCWD, "d/e/..", AT_REMOVEDIR));
    CHECK_ERRNO(EBUSY, unlinkat(AT_FDCWD, "/", AT_REMOVEDIR));
    if (geteuid() == 0)
        CHECK_ERRNO(EBUSY, unlinkat(AT_FDCWD, "/proc", AT_REMOVEDIR)); /* something is mounted there */
}

CASE(errors)
{
    char name[257];
    memset(name, 'n', 256), name[256] = 0;
    make_file("f", "");
    CHECK_ERRNO(ENOENT, unlinkat(AT_FDCWD, "missing", 0));
    CHECK_ERRNO(ENOENT, unlinkat(AT_FDCWD, "missing/", 0));
    CHECK_ERRNO(ENOENT, unlinkat(AT_FDCWD, "missing", AT_REMOVEDIR));
    CHECK_ERRNO(ENOENT, unlinkat(AT_FDCWD, "missing/.", AT_REMOVEDIR));
    CHECK_ERRNO(ENOENT, unlinkat(AT_FDCWD, "", 0));
    CHECK_ERRNO(ENOTDIR, unlinkat(AT_FDCWD, "f/x", 0));
    CHECK_ERRNO(ENAMETOOLONG, unlinkat(AT_FDCWD, name, 0));
    CHECK_ERRNO(EFAULT, unlinkat(AT_FDCWD, BAD, 0));
    CHECK_ERRNO(EINVAL, unlinkat(AT_FDCWD, BAD, 1)); /* the flags first */
    CHECK_ERRNO(EINVAL, unlinkat(AT_FDCWD, "f", AT_REMOVEDIR | AT_SYMLINK_NOFOLLOW));
    CHECK_ERRNO(EBADF, unlinkat(99, "f", 0));
    CHECK_ERRNO(ENOTDIR, unlinkat(open("f", O_RDONLY), "f", 0));
    CHECK(exists("f"));
}

CASE(rights)
{
    CHECK_EQ(0, mkdir("fixed", 0700) | mkdir("sticky", 0777));
    make_file("fixed/f", ""), make_file("sticky/f", "");
    CHECK_EQ(0, mkdir("fixed/d", 0700) | mkdir("sticky/d", 0700));
    CHECK_EQ(0, chmod("fixed", 0500) | chmod("sticky", 01777));
    int superuser = geteuid() == 0;
    if (superuser)
        CHECK_EQ(0, chown("fixed", NOBODY, NOBODY) | chown("sticky", NOBODY + 1, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, unlinkat(AT_FDCWD, "fixed/f", 0));
    CHECK_ERRNO(EACCES, unlinkat(AT_FDCWD, "fixed/d", AT_REMOVEDIR));
    CHECK_ERRNO(EACCES, unlinkat(AT_FDCWD, "fixed/d", 0)); /* before what it is */
    CHECK_ERRNO(ENOENT, unlinkat(AT_FDCWD, "fixed/missing", 0));
    if (!superuser)
        return;
    CHECK_ERRNO(EPERM, unlinkat(AT_FDCWD, "sticky/f", 0)); /* neither the file's owner nor the folder's */
    CHECK_ERRNO(EPERM, unlinkat(AT_FDCWD, "sticky/d", AT_REMOVEDIR));
    make_file("sticky/own", "");
    CHECK_EQ(0, unlinkat(AT_FDCWD, "sticky/own", 0));
}
