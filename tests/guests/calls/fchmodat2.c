#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static long fchmodat2_of(int folder, const char *path, unsigned mode, int flags)
{
    long result = syscall(SYS_fchmodat2, folder, path, mode, flags);
#ifndef __riscv
    if (result < 0 && errno == ENOSYS)
        _exit(0); /* a host before Linux 6.6 cannot be asked */
#endif
    return result;
}

CASE(by_name_and_by_descriptor)
{
    int fd = file_of("f", "");
    CHECK_EQ(0, symlink("f", "link"));
    CHECK_EQ(0, fchmodat2_of(AT_FDCWD, "link", 0640, 0));
    CHECK_EQ(0640, mode_of("f"));
    CHECK_EQ(0, fchmodat2_of(AT_FDCWD, "f", 0600, AT_SYMLINK_NOFOLLOW));
    CHECK_EQ(0600, mode_of("f"));
    CHECK_EQ(0, fchmodat2_of(fd, "", 0604, AT_EMPTY_PATH));
    CHECK_EQ(0604, mode_of("f"));
    CHECK_EQ(0, fchmodat2_of(open("f", O_PATH), "", 0614, AT_EMPTY_PATH));
    CHECK_EQ(0614, mode_of("f"));
    CHECK_EQ(0, fchmodat2_of(AT_FDCWD, "", 0711, AT_EMPTY_PATH));
    CHECK_EQ(0711, mode_of("."));
}

CASE(errors)
{
    int fd = file_of("f", "");
    CHECK_EQ(0, symlink("f", "link"));
    CHECK_ERRNO(EOPNOTSUPP, fchmodat2_of(AT_FDCWD, "link", 0600, AT_SYMLINK_NOFOLLOW)); /* a link has no mode to set */
    CHECK_EQ(0777, mode_of("link"));
    CHECK_ERRNO(EINVAL, fchmodat2_of(AT_FDCWD, "f", 0600, 1));
    CHECK_ERRNO(EINVAL, fchmodat2_of(AT_FDCWD, BAD, 0600, AT_EACCESS)); /* the flags first */
    CHECK_ERRNO(ENOENT, fchmodat2_of(AT_FDCWD, "missing", 0600, 0));
    CHECK_ERRNO(ENOENT, fchmodat2_of(fd, "", 0600, 0));
    CHECK_ERRNO(EFAULT, fchmodat2_of(AT_FDCWD, BAD, 0600, 0));
    CHECK_ERRNO(EBADF, fchmodat2_of(99, "f", 0600, 0));
    CHECK_ERRNO(EBADF, fchmodat2_of(99, "", 0600, AT_EMPTY_PATH));
    if (geteuid() != 0)
        return;
    as_ordinary_user();
    CHECK_ERRNO(EPERM, fchmodat2_of(fd, "", 0600, AT_EMPTY_PATH));
}
