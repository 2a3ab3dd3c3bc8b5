#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(of_an_open_file)
{
    char back[8];
    make_files();
    int file = open("f", O_RDONLY);
    CHECK_EQ(0, setxattr("f", "user.a", "1", 1, 0));
    CHECK_EQ(0, fremovexattr(file, "user.a"));
    CHECK_ERRNO(ENODATA, getxattr("f", "user.a", back, 8));
    CHECK_ERRNO(ENODATA, fremovexattr(file, "user.a"));
}

CASE(errors)
{
    make_files();
    int file = open("f", O_RDONLY), path = open("f", O_PATH);
    CHECK_ERRNO(EBADF, fremovexattr(99, "user.a"));
    CHECK_ERRNO(EBADF, fremovexattr(path, "user.a"));
    CHECK_ERRNO(ERANGE, fremovexattr(file, ""));
    CHECK_ERRNO(EFAULT, fremovexattr(file, (char *)-4096));
}
