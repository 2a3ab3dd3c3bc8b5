#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

static long fchmodat_of(int folder, const char *path, unsigned mode)
{
    return syscall(SYS_fchmodat, folder, path, mode, 0x7fff); /* there is no fourth argument */
}

CASE(by_name)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("d", 0700) | symlink("f", "link"));
    make_file("d/f", "");
    CHECK_EQ(0, fchmodat_of(AT_FDCWD, "f", 07421));
    CHECK_EQ(07421, mode_of("f"));
    CHECK_EQ(0, fchmodat_of(open("d", O_PATH), "f", 0111));
    CHECK_EQ(0111, mode_of("d/f"));
    CHECK_EQ(0, fchmodat_of(AT_FDCWD, "link", 0640)); /* links are followed */
    CHECK_EQ(0640, mode_of("f"));
    CHECK_EQ(0777, mode_of("link"));
}

CASE(errors)
{
    make_file("f", "");
    CHECK_EQ(0, symlink("nowhere", "dangling") | mkdir("d", 0700));
    make_file("d/f", "");
    CHECK_ERRNO(ENOENT, fchmodat_of(AT_FDCWD, "missing", 0600));
    CHECK_ERRNO(ENOENT, fchmodat_of(AT_FDCWD, "dangling", 0600));
    CHECK_ERRNO(ENOENT, fchmodat_of(AT_FDCWD, "", 0600));
    CHECK_ERRNO(ENOTDIR, fchmodat_of(AT_FDCWD, "f/x", 0600));
    CHECK_ERRNO(EFAULT, fchmodat_of(AT_FDCWD, BAD, 0600));
    CHECK_ERRNO(EBADF, fchmodat_of(99, "f", 0600));
    CHECK_ERRNO(ENOTDIR, fchmodat_of(open("f", O_RDONLY), "f", 0600));
    CHECK_EQ(0, chmod("d", 0600));
    int superuser = geteuid() == 0;
    if (superuser)
        CHECK_EQ(0, chown("d", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, fchmodat_of(AT_FDCWD, "d/f", 0600));
    if (superuser)
        CHECK_ERRNO(EPERM, fchmodat_of(AT_FDCWD, "f", 0600));
}
