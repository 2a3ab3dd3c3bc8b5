#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(names)
{
    char list[512];
    make_files();
    long before = listxattr("f", list, sizeof(list)); /* a security module may have put its own there */
    CHECK(before >= 0);
    CHECK_EQ(0, setxattr("f", "user.one", "1", 1, 0));
    CHECK_EQ(0, setxattr("f", "user.two", "22", 2, 0));
    CHECK_EQ(before + 18, listxattr("f", NULL, 0));
    CHECK_EQ(before + 18, listxattr("l", list, sizeof(list)));
    CHECK(listed(list, before + 18, "user.one"));
    CHECK(listed(list, before + 18, "user.two"));
    CHECK_EQ(0, removexattr("f", "user.one"));
    CHECK_EQ(before + 9, listxattr("f", list, sizeof(list)));
    CHECK(!listed(list, before + 9, "user.one"));
}

CASE(trusted_ones_are_hidden)
{
    char list[512];
    make_files();
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, setxattr("f", "trusted.a", "1", 1, 0));
    CHECK_EQ(0, setxattr("f", "user.a", "1", 1, 0));
    CHECK(listed(list, listxattr("f", list, sizeof(list)), "trusted.a"));
    if (!become_stranger())
        return;
    long size = listxattr("f", list, sizeof(list));
    CHECK(size > 0);
    CHECK(!listed(list, size, "trusted.a"));
    CHECK(listed(list, size, "user.a"));
}

CASE(errors)
{
    char list[4];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.one", "1", 1, 0));
    CHECK_ERRNO(ERANGE, listxattr("f", list, 4));
    CHECK_ERRNO(EFAULT, listxattr("f", (char *)4096, 500));
    CHECK_ERRNO(ENOENT, listxattr("none", list, 4));
    CHECK_ERRNO(EFAULT, listxattr((char *)-4096, list, 4));
}
