#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

static long access_of(int folder, const char *path, int mode, int flags)
{
    return syscall(SYS_faccessat2, folder, path, mode, flags);
}

CASE(the_effective_user)
{
    if (geteuid() != 0)
        return;
    make_file("f", "");
    CHECK_EQ(0, chmod("f", 0600));
    CHECK_EQ(0, setresuid(NOBODY, 0, 0));
    CHECK_ERRNO(EACCES, access_of(AT_FDCWD, "f", R_OK, 0));
    CHECK_EQ(0, access_of(AT_FDCWD, "f", R_OK, AT_EACCESS));
}

CASE(a_link_itself)
{
    CHECK_EQ(0, symlink("nowhere", "dangling"));
    CHECK_ERRNO(ENOENT, access_of(AT_FDCWD, "dangling", F_OK, 0));
    CHECK_EQ(0, access_of(AT_FDCWD, "dangling", R_OK | W_OK | X_OK, AT_SYMLINK_NOFOLLOW));
}

CASE(a_descriptor_itself)
{
    int fd = file_of("f", "");
    CHECK_EQ(0, chmod("f", 0400));
    CHECK_EQ(0, access_of(fd, "", R_OK, AT_EMPTY_PATH));
    CHECK_ERRNO(EACCES, access_of(fd, "", X_OK, AT_EMPTY_PATH));
    CHECK_EQ(0, access_of(AT_FDCWD, "", R_OK, AT_EMPTY_PATH)); /* the folder we are in */
    CHECK_ERRNO(EBADF, access_of(99, "", R_OK, AT_EMPTY_PATH));
    CHECK_ERRNO(ENOENT, access_of(fd, "", R_OK, 0));
}

CASE(errors)
{
    make_file("f", "");
    CHECK_ERRNO(EINVAL, access_of(AT_FDCWD, "f", F_OK, 1));
    CHECK_ERRNO(EINVAL, access_of(AT_FDCWD, BAD, F_OK, 0x8000)); /* the flags first */
    CHECK_ERRNO(EINVAL, access_of(AT_FDCWD, BAD, 8, 0));
    CHECK_ERRNO(ENOENT, access_of(AT_FDCWD, "missing", F_OK, AT_EACCESS));
    CHECK_ERRNO(EFAULT, access_of(AT_FDCWD, BAD, F_OK, 0));
    CHECK_ERRNO(EBADF, access_of(99, "f", F_OK, 0));
    CHECK_ERRNO(ENOTDIR, access_of(open("f", O_RDONLY), "f", F_OK, 0));
}
