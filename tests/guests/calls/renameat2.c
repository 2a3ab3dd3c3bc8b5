#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

#define NOREPLACE 1u
#define EXCHANGE 2u
#define WHITEOUT 4u

static long move(const char *old, const char *new, unsigned flags)
{
    return syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, flags);
}

CASE(files)
{
    make_file("f", "f"), make_file("g", "g");
    ino_t ino = facts_of("f").st_ino;
    int old = open("g", O_RDONLY);
    char byte;
    CHECK_EQ(0, move("f", "g", 0)); /* over another: nobody sees neither */
    CHECK(!exists("f"));
    CHECK_EQ(ino, facts_of("g").st_ino);
    CHECK_EQ(1, read(old, &byte, 1));
    CHECK_EQ('g', byte);
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_EQ(0, syscall(SYS_renameat2, AT_FDCWD, "g", open("d", O_RDONLY), "h", 0));
    check_file("d/h", "f");
    CHECK_EQ(0, symlink("nowhere", "link"));
    CHECK_EQ(0, move("link", "moved", 0)); /* links are not followed */
    CHECK(S_ISLNK(facts_of("moved").st_mode));
}

CASE(folders)
{
    CHECK_EQ(0, mkdir("a", 0700) | mkdir("b", 0700) | mkdir("full", 0700) | mkdir("full/x", 0700));
    make_file("a/f", "");
    CHECK_ERRNO(ENOTEMPTY, move("a", "full", 0));
    CHECK_EQ(0, move("a", "b", 0)); /* over an empty one */
    CHECK(exists("b/f") && !exists("a"));
    CHECK_EQ(0, move("b", "full/x/b", 0));
    CHECK(exists("full/x/b/f"));
    CHECK_EQ(facts_of("full/x").st_ino, facts_of("full/x/b/..").st_ino);
    CHECK_EQ(0, move("full/x/b/", "new/", 0)); /* slashes are for folders */
    CHECK(exists("new/f"));
}

CASE(two_names_of_one_file)
{
    make_file("f", "");
    CHECK_EQ(0, link("f", "g"));
    CHECK_EQ(0, move("f", "g", 0)); /* does nothing: POSIX */
    CHECK(exists("f") && exists("g"));
    CHECK_EQ(0, move("f", "f", 0));
    CHECK_ERRNO(EEXIST, move("f", "f", NOREPLACE));
}

CASE(no_replacement)
{
    make_file("f", "f"), make_file("g", "g");
    CHECK_EQ(0, mkdir("d", 0700));
    CHECK_ERRNO(EEXIST, move("f", "g", NOREPLACE));
    CHECK_ERRNO(EEXIST, move("f", "d", NOREPLACE));
    CHECK_ERRNO(EEXIST, move("f", ".", NOREPLACE));
    CHECK_ERRNO(ENOENT, move("missing", "g", NOREPLACE));
    CHECK_EQ(0, move("f", "new", NOREPLACE));
    check_file("new", "f");
    check_file("g", "g");
}

CASE(exchange)
{
    make_file("f", "f");
    CHECK_EQ(0, mkdir("d", 0700) | mkdir("e", 0700));
    make_file("d/g", "g");
    CHECK_EQ(0, move("f", "d/g", EXCHANGE));
    check_file("f", "g");
    check_file("d/g", "f");
    CHECK_EQ(0, move("f", "d", EXCHANGE)); /* of different kinds, too */
    CHECK(S_ISDIR(facts_of("f").st_mode) && S_ISREG(facts_of("d").st_mode));
    check_file("f/g", "f");
    CHECK_EQ(0, move("e", "f/g", EXCHANGE));
    CHECK_EQ(facts_of("f").st_ino, facts_of("f/g/..").st_ino);
    CHECK_ERRNO(ENOENT, move("f", "missing", EXCHANGE));
    CHECK_ERRNO(ENOENT, move("missing", "f", EXCHANGE));
    CHECK_ERRNO(EINVAL, move("f", "f/g", EXCHANGE));
    CHECK_ERRNO(EINVAL, move("f/g", "f", EXCHANGE));
    CHECK_EQ(0, move("f", "f", EXCHANGE));
}

CASE(kinds_that_do_not_fit)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("d", 0700) | mkdir("d/e", 0700));
    CHECK_ERRNO(EISDIR, move("f", "d", 0));
    CHECK_ERRNO(ENOTDIR, move("d", "f", 0));
    CHECK_ERRNO(ENOTDIR, move("f/", "new", 0));
    CHECK_ERRNO(ENOTDIR, move("f", "new/", 0));
    CHECK_ERRNO(EINVAL, move("d", "d/e/new", 0)); /* into itself */
    CHECK_ERRNO(EINVAL, move("d", "d/e", 0));
    CHECK_ERRNO(ENOTEMPTY, move("d/e", "d", 0));
    CHECK_ERRNO(EBUSY, move("f", "d/..", 0));
    CHECK_ERRNO(EBUSY, move(".", "new", 0));
    CHECK_ERRNO(EBUSY, move("d/..", "new", 0));
    CHECK_ERRNO(EBUSY, move("f", "d/.", 0));
    CHECK_ERRNO(EBUSY, move("/", "/new", 0));
}

CASE(errors)
{
    char name[257];
    memset(name, 'n', 256), name[256] = 0;
    make_file("f", "");
    CHECK_ERRNO(ENOENT, move("missing", "new", 0));
    CHECK_ERRNO(ENOENT, move("f", "missing/new", 0));
    CHECK_ERRNO(ENOENT, move("", "new", 0));
    CHECK_ERRNO(ENOENT, move("f", "", 0));
    CHECK_ERRNO(ENOTDIR, move("f/x", "new", 0));
    CHECK_ERRNO(ENOTDIR, move("f", "f/x", 0));
    CHECK_ERRNO(ENAMETOOLONG, move("f", name, 0));
    CHECK_ERRNO(EFAULT, move(BAD, "new", 0));
    CHECK_ERRNO(EFAULT, move("f", BAD, 0));
    CHECK_ERRNO(EINVAL, move(BAD, BAD, 8)); /* the flags first */
    CHECK_ERRNO(EINVAL, move("f", "new", NOREPLACE | EXCHANGE));
    CHECK_ERRNO(EINVAL, move("f", "new", WHITEOUT | EXCHANGE));
    CHECK_ERRNO(EBADF, syscall(SYS_renameat2, 99, "f", AT_FDCWD, "new", 0));
    CHECK_ERRNO(EBADF, syscall(SYS_renameat2, AT_FDCWD, "f", 99, "new", 0));
    CHECK_ERRNO(ENOTDIR, syscall(SYS_renameat2, open("f", O_RDONLY), "f", AT_FDCWD, "new", 0));
    CHECK_ERRNO(EXDEV, move("/proc/self/status", "new", 0));
    CHECK_ERRNO(EXDEV, move("f", "/proc/self/new", 0));
    CHECK(exists("f"));
}

CASE(rights)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("fixed", 0700) | mkdir("sticky", 0777) | mkdir("d", 0700));
    make_file("fixed/f", ""), make_file("sticky/f", "");
    CHECK_EQ(0, chmod("fixed", 0500) | chmod("sticky", 01777) | chmod("d", 0500));
    int superuser = geteuid() == 0;
    if (superuser)
        CHECK_EQ(0, chown("fixed", NOBODY, NOBODY) | chown("f", NOBODY, NOBODY) | chown("d", NOBODY, NOBODY) |
                        chown("sticky", NOBODY + 1, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, move("fixed/f", "new", 0));
    CHECK_ERRNO(EACCES, move("f", "fixed/new", 0));
    CHECK_ERRNO(EACCES, move("f", "fixed/f", 0));
    CHECK_ERRNO(EEXIST, move("f", "fixed/f", NOREPLACE));
    CHECK_ERRNO(EACCES, move("d", "sticky/d", 0)); /* its `..` would be written */
    if (superuser) {
        CHECK_ERRNO(EPERM, move("sticky/f", "new", 0));
        CHECK_ERRNO(EPERM, move("f", "sticky/f", 0));
    }
    CHECK_EQ(0, move("d", "same_parent", 0));
}
