#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

CASE(names_begin_at_the_new_root)
{
    if (geteuid() != 0)
        return;
    static char room[4096];
    CHECK_EQ(0, mkdir("root", 0755) | mkdir("root/sub", 0755));
    make_file("root/f", "");
    CHECK_EQ(0, symlink("/f", "root/link"));
    CHECK_EQ(0, chroot("root"));
    CHECK(exists("/f") && exists("/sub") && exists("/../../f"));
    CHECK(open("/link", O_RDONLY) >= 0); /* links, too, begin there */
    CHECK(exists("root")); /* where we stand has not changed */
    CHECK(syscall(SYS_getcwd, room, sizeof room) > 0);
    CHECK(strncmp(room, "(unreachable)/", 14) == 0);
    CHECK_EQ(0, chdir("/sub"));
    CHECK_EQ(0, chdir("../.."));
    CHECK_EQ(2, syscall(SYS_getcwd, room, sizeof room)); /* no way out */
    CHECK(strcmp(room, "/") == 0);
}

CASE(errors)
{
    make_file("f", "");
    CHECK_ERRNO(ENOENT, chroot("missing"));
    CHECK_ERRNO(ENOENT, chroot(""));
    CHECK_ERRNO(ENOTDIR, chroot("f"));
    CHECK_ERRNO(EFAULT, chroot(BAD));
    CHECK_EQ(0, mkdir("closed", 0600));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("closed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(ENOENT, chroot("missing")); /* the path first */
    CHECK_ERRNO(ENOTDIR, chroot("f"));
    CHECK_ERRNO(EACCES, chroot("closed"));
    CHECK_ERRNO(EPERM, chroot("."));
}
