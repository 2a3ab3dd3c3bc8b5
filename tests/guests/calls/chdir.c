#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <limits.h>

CASE(names_begin_there)
{
    CHECK_EQ(0, mkdir("sub", 0700));
    make_file("sub/f", "");
    CHECK_EQ(0, symlink("sub", "link"));
    CHECK_EQ(0, chdir("sub"));
    CHECK(exists("f"));
    CHECK_EQ(0, chdir(".."));
    CHECK(exists("sub") && !exists("f"));
    CHECK_EQ(0, chdir("link/."));
    CHECK(exists("f"));
    CHECK_EQ(0, chdir("/"));
    CHECK_EQ(0, chdir(".."));
    CHECK_EQ(facts_of("/").st_ino, facts_of(".").st_ino); /* the root is above itself */
}

CASE(a_child_has_its_own)
{
    CHECK_EQ(0, mkdir("sub", 0700));
    pid_t child = fork();
    if (child == 0)
        _exit(chdir("sub"));
    waitpid(child, NULL, 0);
    CHECK(exists("sub"));
}

CASE(a_folder_that_goes)
{
    CHECK_EQ(0, mkdir("sub", 0700) | chdir("sub") | rmdir("../sub"));
    CHECK_ERRNO(ENOENT, open("f", O_CREAT | O_WRONLY, 0600));
    CHECK_EQ(0, chdir("."));
    CHECK_EQ(0, chdir(".."));
    CHECK(!exists("sub"));
}

CASE(errors)
{
    char name[257];
    memset(name, 'n', 256), name[256] = 0;
    make_file("f", "");
    CHECK_EQ(0, symlink("circle", "circle"));
    CHECK_ERRNO(ENOENT, chdir("missing"));
    CHECK_ERRNO(ENOENT, chdir(""));
    CHECK_ERRNO(ENOTDIR, chdir("f"));
    CHECK_ERRNO(ENOTDIR, chdir("f/x"));
    CHECK_ERRNO(ELOOP, chdir("circle"));
    CHECK_ERRNO(ENAMETOOLONG, chdir(name));
    CHECK_ERRNO(EFAULT, chdir(BAD));
    CHECK_EQ(0, mkdir("closed", 0700) | mkdir("closed/sub", 0777) | chmod("closed", 0600));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("closed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, chdir("closed"));
    CHECK_ERRNO(EACCES, chdir("closed/sub"));
    CHECK(exists("f")); /* and we are still where we were */
}
