#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(removes)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "1", 1, 0));
    CHECK_EQ(0, setxattr("f", "user.b", "2", 1, 0));
    CHECK_EQ(0, removexattr("l", "user.a"));
    CHECK_ERRNO(ENODATA, getxattr("f", "user.a", back, 8));
    CHECK_EQ(1, getxattr("f", "user.b", back, 8));
    CHECK_ERRNO(ENODATA, removexattr("f", "user.a"));
}

CASE(errors)
{
    make_files();
    CHECK_ERRNO(ERANGE, removexattr("f", ""));
    CHECK_ERRNO(ERANGE, removexattr("f", long_name(256)));
    CHECK_ERRNO(EFAULT, removexattr("f", (char *)-4096));
    CHECK_ERRNO(ENOENT, removexattr("none", "user.a"));
    CHECK_ERRNO(EOPNOTSUPP, removexattr("f", "none.a"));
    CHECK_ERRNO(EPERM, lremovexattr("l", "user.a"));
}

CASE(permissions)
{
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "1", 1, 0));
    CHECK_EQ(0, chmod("f", 0644));
    if (!become_stranger())
        return;
    CHECK_ERRNO(EACCES, removexattr("f", "user.a"));
    CHECK_ERRNO(EPERM, removexattr("f", "trusted.a"));
    CHECK_ERRNO(EPERM, removexattr("f", "security.a"));
}
