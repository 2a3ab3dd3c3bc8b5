#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(of_a_file)
{
    char back[8];
    make_files();
    CHECK_EQ(0, lsetxattr("f", "user.a", "one", 3, XATTR_CREATE));
    CHECK_EQ(3, getxattr("f", "user.a", back, 8));
    CHECK_ERRNO(EEXIST, lsetxattr("f", "user.a", "one", 3, XATTR_CREATE));
}

CASE(does_not_follow)
{
    char back[8];
    make_files();
    CHECK_ERRNO(EPERM, lsetxattr("l", "user.a", "1", 1, 0));
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, lsetxattr("l", "trusted.a", "1", 1, 0));
    CHECK_ERRNO(ENODATA, getxattr("l", "trusted.a", back, 8));
    CHECK_EQ(1, lgetxattr("l", "trusted.a", back, 8));
}

CASE(errors)
{
    make_files();
    CHECK_ERRNO(EINVAL, lsetxattr("f", "user.a", "1", 1, 4));
    CHECK_ERRNO(ERANGE, lsetxattr("f", "", "1", 1, 0));
    CHECK_ERRNO(E2BIG, lsetxattr("f", "user.a", "1", 65537, 0));
    CHECK_ERRNO(EFAULT, lsetxattr("f", "user.a", (void *)-4096, 1, 0));
    CHECK_ERRNO(ENOENT, lsetxattr("none", "user.a", "1", 1, 0));
}
