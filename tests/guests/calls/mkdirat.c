#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

CASE(makes_an_empty_folder)
{
    umask(022);
    CHECK_EQ(0, mkdirat(AT_FDCWD, "d", 0777));
    CHECK(S_ISDIR(facts_of("d").st_mode));
    CHECK_EQ(0755, mode_of("d"));
    CHECK_EQ(facts_of("d").st_ino, facts_of("d/.").st_ino);
    CHECK_EQ(facts_of(".").st_ino, facts_of("d/..").st_ino);
    CHECK_EQ(0, mkdirat(AT_FDCWD, "with_slash/", 0700));
    CHECK_EQ(0, mkdirat(open("d", O_RDONLY), "below", 07777)); /* of the high bits only the sticky one counts */
    CHECK_EQ(01755, mode_of("d/below"));
    CHECK_EQ(geteuid(), facts_of("d").st_uid);
}

CASE(the_parent_hands_its_group_down)
{
    umask(022);
    CHECK_EQ(0, mkdir("d", 0700));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("d", 7, 8));
    CHECK_EQ(0, chmod("d", 02755));
    CHECK_EQ(0, mkdir("d/below", 0777));
    CHECK_EQ(02755, mode_of("d/below"));
    CHECK_EQ(facts_of("d").st_gid, facts_of("d/below").st_gid);
    CHECK_EQ(geteuid(), facts_of("d/below").st_uid);
}

CASE(taken)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("d", 0700) | symlink("nowhere", "link"));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "f", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "f/", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "d", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "d/.", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "d/..", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "/", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "link", 0700)); /* is not followed */
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "link/", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(AT_FDCWD, "/proc", 0700));
}

CASE(errors)
{
    char name[257];
    memset(name, 'n', 256), name[256] = 0;
    make_file("f", "");
    int file = open("f", O_RDONLY);
    CHECK_ERRNO(ENOENT, mkdirat(AT_FDCWD, "", 0700));
    CHECK_ERRNO(ENOENT, mkdirat(AT_FDCWD, "missing/d", 0700));
    CHECK_ERRNO(ENOENT, mkdirat(AT_FDCWD, "missing/.", 0700));
    CHECK_ERRNO(ENOTDIR, mkdirat(AT_FDCWD, "f/d", 0700));
    CHECK_ERRNO(ENOTDIR, mkdirat(AT_FDCWD, "f/.", 0700));
    CHECK_ERRNO(ENAMETOOLONG, mkdirat(AT_FDCWD, name, 0700));
    CHECK_ERRNO(EFAULT, mkdirat(AT_FDCWD, BAD, 0700));
    CHECK_ERRNO(EBADF, mkdirat(99, "d", 0700));
    CHECK_ERRNO(ENOTDIR, mkdirat(file, "d", 0700));
    CHECK_ERRNO(EEXIST, mkdirat(99, "/", 0700));
    CHECK_ERRNO(ENOENT, mkdirat(AT_FDCWD, "/proc/new", 0700)); /* made by the kernel alone */
    CHECK_EQ(0, mkdir("gone", 0700));
    int gone = open("gone", O_RDONLY);
    CHECK_EQ(0, rmdir("gone"));
    CHECK_ERRNO(ENOENT, mkdirat(gone, "d", 0700));
}

CASE(rights)
{
    CHECK_EQ(0, mkdir("fixed", 0700) | mkdir("fixed/there", 0700) | mkdir("closed", 0700));
    CHECK_EQ(0, chmod("fixed", 0500) | chmod("closed", 0600));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("fixed", NOBODY, NOBODY) | chown("closed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, mkdir("fixed/new", 0700));
    CHECK_ERRNO(EEXIST, mkdir("fixed/there", 0700)); /* that it is taken comes first */
    CHECK_ERRNO(EACCES, mkdir("closed/new", 0700));
    CHECK_ERRNO(EACCES, mkdir("closed/new/newer", 0700));
}
