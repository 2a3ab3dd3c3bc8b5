#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(does_not_follow)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "value", 5, 0));
    CHECK_EQ(5, lgetxattr("f", "user.a", back, 8));
    CHECK_ERRNO(ENODATA, lgetxattr("l", "user.a", back, 8));
    CHECK_EQ(0, unlink("f"));
    CHECK_ERRNO(ENODATA, lgetxattr("l", "user.a", back, 8));
    CHECK_ERRNO(ENOENT, getxattr("l", "user.a", back, 8));
}

CASE(errors)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "value", 5, 0));
    CHECK_ERRNO(ERANGE, lgetxattr("f", "user.a", back, 4));
    CHECK_ERRNO(ERANGE, lgetxattr("f", "", back, 4));
    CHECK_ERRNO(EFAULT, lgetxattr("f", "user.a", (void *)4096, 8));
    CHECK_ERRNO(EFAULT, lgetxattr((char *)-4096, "user.a", back, 8));
}
