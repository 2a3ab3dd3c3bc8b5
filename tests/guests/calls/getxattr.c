#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(value_and_size)
{
    char back[8] = "........";
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "value", 5, 0));
    CHECK_EQ(5, getxattr("f", "user.a", NULL, 0));
    CHECK_ERRNO(ERANGE, getxattr("f", "user.a", back, 4));
    CHECK_EQ(5, getxattr("l", "user.a", back, 8));
    CHECK_EQ(0, memcmp("value...", back, 8));
    CHECK_EQ(5, getxattr("f", "user.a", back, 5));
}

CASE(errors)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "value", 5, 0));
    CHECK_ERRNO(ENODATA, getxattr("f", "user.none", back, 8));
    CHECK_ERRNO(ENODATA, getxattr("f", "user.A", back, 8));
    CHECK_ERRNO(EOPNOTSUPP, getxattr("f", "none.a", back, 8));
    CHECK_ERRNO(EINVAL, getxattr("f", "user.", back, 8));
    CHECK_ERRNO(ERANGE, getxattr("f", "", back, 8));
    CHECK_ERRNO(ERANGE, getxattr("f", long_name(256), back, 8));
    CHECK_ERRNO(EFAULT, getxattr("f", (char *)-4096, back, 8));
    CHECK_ERRNO(EFAULT, getxattr("f", "user.a", (void *)4096, 8));
    CHECK_ERRNO(ENOENT, getxattr("none", "user.a", back, 8));
    CHECK_EQ(0, mkfifo("p", 0600));
    CHECK_ERRNO(ENODATA, getxattr("p", "user.a", back, 8));
}

CASE(permissions)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "value", 5, 0));
    CHECK_EQ(0, chmod("f", 0600));
    if (geteuid() == 0) {
        CHECK_EQ(0, close(open("g", O_CREAT | O_RDWR, 0644)));
        CHECK_EQ(0, chmod("g", 0644));
        CHECK_EQ(0, setxattr("g", "trusted.a", "1", 1, 0));
        CHECK_EQ(0, setxattr("g", "security.a", "1", 1, 0));
    }
    if (!become_stranger())
        return;
    CHECK_ERRNO(EACCES, getxattr("f", "user.a", back, 8));
    CHECK_ERRNO(ENODATA, getxattr("g", "trusted.a", back, 8)); /* as if it were not there */
    CHECK_EQ(1, getxattr("g", "security.a", back, 8));
}
