#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(does_not_follow)
{
    char list[512];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.one", "1", 1, 0));
    CHECK(listed(list, llistxattr("f", list, sizeof(list)), "user.one"));
    long size = llistxattr("l", list, sizeof(list));
    CHECK(size >= 0);
    CHECK(!listed(list, size, "user.one"));
    CHECK_EQ(0, unlink("f"));
    CHECK_EQ(size, llistxattr("l", list, sizeof(list)));
    CHECK_ERRNO(ENOENT, llistxattr("f", list, sizeof(list)));
}

CASE(errors)
{
    char list[4];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.one", "1", 1, 0));
    CHECK_ERRNO(ERANGE, llistxattr("f", list, 4));
    CHECK_ERRNO(EFAULT, llistxattr("f", (char *)4096, 500));
}
