#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(names_begin_there)
{
    CHECK_EQ(0, mkdir("sub", 0700));
    make_file("sub/f", "");
    int here = open(".", O_RDONLY), sub = open("sub", O_PATH);
    CHECK_EQ(0, fchdir(sub));
    CHECK(exists("f"));
    CHECK_EQ(0, fchdir(here));
    CHECK(!exists("f") && exists("sub"));
}

CASE(errors)
{
    make_file("f", "");
    int file = open("f", O_RDONLY);
    CHECK_ERRNO(EBADF, syscall(SYS_fchdir, 99));
    CHECK_ERRNO(EBADF, syscall(SYS_fchdir, -1));
    CHECK_ERRNO(ENOTDIR, syscall(SYS_fchdir, file));
    CHECK_ERRNO(ENOTDIR, syscall(SYS_fchdir, open("f", O_PATH)));
    CHECK_EQ(0, mkdir("closed", 0700));
    int closed = open("closed", O_RDONLY);
    CHECK_EQ(0, chmod("closed", 0600));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("closed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, syscall(SYS_fchdir, closed)); /* the right is asked for now, not at open */
}
