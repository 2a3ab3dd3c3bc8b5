#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

static long access_of(const char *path, int mode)
{
    return syscall(SYS_faccessat, AT_FDCWD, path, mode, 0x7fff); /* there is no fourth argument */
}

CASE(rights_of_an_ordinary_user)
{
    make_file("f", ""), make_file("others", "");
    CHECK_EQ(0, mkdir("closed", 0700));
    make_file("closed/f", "");
    if (geteuid() == 0)
        CHECK_EQ(0, chown("f", NOBODY, NOBODY) | chown("closed", NOBODY, NOBODY));
    CHECK_EQ(0, chmod("f", 0577) | chmod("closed", 0600) | chmod("others", 0704));
    int superuser = geteuid() == 0;
    as_ordinary_user();
    CHECK_EQ(0, access_of("f", F_OK));
    CHECK_EQ(0, access_of("f", R_OK | X_OK));
    CHECK_ERRNO(EACCES, access_of("f", W_OK)); /* the owner's bits alone count for the owner */
    CHECK_ERRNO(EACCES, access_of("f", R_OK | W_OK));
    CHECK_ERRNO(EACCES, access_of("closed/f", F_OK));
    if (superuser) {
        CHECK_EQ(0, access_of("others", R_OK));
        CHECK_ERRNO(EACCES, access_of("others", X_OK));
    }
}

CASE(the_superuser)
{
    if (geteuid() != 0)
        return;
    make_file("f", "");
    CHECK_EQ(0, chmod("f", 0));
    CHECK_EQ(0, access_of("f", R_OK | W_OK));
    CHECK_ERRNO(EACCES, access_of("f", X_OK)); /* nobody may execute it, so neither may he */
    CHECK_EQ(0, chmod("f", 1));
    CHECK_EQ(0, access_of("f", X_OK));
    CHECK_EQ(0, mkdir("d", 0));
    CHECK_EQ(0, access_of("d", R_OK | W_OK | X_OK));
}

CASE(the_real_user_counts)
{
    if (geteuid() != 0)
        return;
    make_file("f", "");
    CHECK_EQ(0, chmod("f", 0600) | mkdir("closed", 0700));
    make_file("closed/f", "");
    CHECK_EQ(0, setresuid(NOBODY, 0, 0));
    CHECK(open("f", O_RDONLY) >= 0);
    CHECK_ERRNO(EACCES, access_of("f", R_OK));
    CHECK_ERRNO(EACCES, access_of("closed/f", F_OK)); /* on the way, too */
    CHECK(open("f", O_RDWR) >= 0); /* it was for this call only */
}

CASE(errors)
{
    make_file("f", "");
    CHECK_EQ(0, symlink("nowhere", "dangling") | symlink("circle", "circle"));
    CHECK_ERRNO(EINVAL, access_of("f", 8));
    CHECK_ERRNO(EINVAL, access_of(BAD, -1)); /* the mode first */
    CHECK_ERRNO(ENOENT, access_of("missing", F_OK));
    CHECK_ERRNO(ENOENT, access_of("", F_OK));
    CHECK_ERRNO(ENOENT, access_of("dangling", F_OK));
    CHECK_ERRNO(ELOOP, access_of("circle", F_OK));
    CHECK_ERRNO(ENOTDIR, access_of("f/", F_OK));
    CHECK_ERRNO(ENOTDIR, access_of("f/x", F_OK));
    CHECK_ERRNO(EFAULT, access_of(BAD, F_OK));
    CHECK_ERRNO(EBADF, syscall(SYS_faccessat, 99, "f", F_OK));
    CHECK_ERRNO(ENOTDIR, syscall(SYS_faccessat, open("f", O_RDONLY), "f", F_OK));
}
