#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(does_not_follow)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "1", 1, 0));
    CHECK_ERRNO(EPERM, lremovexattr("l", "user.a"));
    CHECK_EQ(1, getxattr("f", "user.a", back, 8));
    CHECK_EQ(0, lremovexattr("f", "user.a"));
    CHECK_ERRNO(ENODATA, getxattr("f", "user.a", back, 8));
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, lsetxattr("l", "trusted.a", "1", 1, 0));
    CHECK_EQ(0, lremovexattr("l", "trusted.a"));
    CHECK_ERRNO(ENODATA, lremovexattr("l", "trusted.a"));
}

CASE(errors)
{
    make_files();
    CHECK_ERRNO(ERANGE, lremovexattr("f", ""));
    CHECK_ERRNO(EFAULT, lremovexattr("f", (char *)-4096));
    CHECK_ERRNO(ENOENT, lremovexattr("none", "user.a"));
}
