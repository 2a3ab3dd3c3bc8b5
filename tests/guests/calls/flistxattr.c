#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(of_an_open_file)
{
    char list[512];
    make_files();
    int file = open("f", O_RDONLY), folder = open("d", O_RDONLY);
    CHECK_EQ(0, setxattr("f", "user.one", "1", 1, 0));
    CHECK(listed(list, flistxattr(file, list, sizeof(list)), "user.one"));
    CHECK(flistxattr(folder, list, sizeof(list)) >= 0);
}

CASE(errors)
{
    char list[4];
    make_files();
    int file = open("f", O_RDONLY), path = open("f", O_PATH);
    CHECK_EQ(0, setxattr("f", "user.one", "1", 1, 0));
    CHECK_ERRNO(EBADF, flistxattr(99, list, 4));
    CHECK_ERRNO(EBADF, flistxattr(path, list, 4));
    CHECK_ERRNO(ERANGE, flistxattr(file, list, 4));
    CHECK_ERRNO(EFAULT, flistxattr(file, (char *)4096, 500));
}
