#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(of_an_open_file)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "value", 5, 0));
    int writer = open("f", O_WRONLY);
    CHECK_EQ(5, fgetxattr(writer, "user.a", NULL, 0));
    CHECK_EQ(5, fgetxattr(writer, "user.a", back, 8));
    CHECK_EQ(0, memcmp("value", back, 5));
}

CASE(errors)
{
    char back[8];
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "value", 5, 0));
    int file = open("f", O_RDONLY), path = open("f", O_PATH);
    CHECK_ERRNO(EBADF, fgetxattr(99, "user.a", back, 8));
    CHECK_ERRNO(EBADF, fgetxattr(path, "user.a", back, 8));
    CHECK_ERRNO(ERANGE, fgetxattr(file, "user.a", back, 4));
    CHECK_ERRNO(ENODATA, fgetxattr(file, "user.b", back, 4));
    CHECK_ERRNO(EFAULT, fgetxattr(file, "user.a", (void *)4096, 8));
}
