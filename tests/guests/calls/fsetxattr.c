#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(of_an_open_file)
{
    char back[8];
    make_files();
    int reader = open("f", O_RDONLY); /* how it was opened does not count */
    CHECK_EQ(0, fsetxattr(reader, "user.a", "one", 3, XATTR_CREATE));
    CHECK_EQ(3, getxattr("f", "user.a", back, 8));
    CHECK_EQ(0, unlink("f"));
    CHECK_EQ(0, fsetxattr(reader, "user.b", "2", 1, 0)); /* nor its name */
    CHECK_EQ(1, fgetxattr(reader, "user.b", back, 8));
}

CASE(errors)
{
    int ends[2];
    make_files();
    int file = open("f", O_RDONLY), path = open("f", O_PATH);
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, fsetxattr(99, "user.a", "1", 1, 0));
    CHECK_ERRNO(EBADF, fsetxattr(path, "user.a", "1", 1, 0));
    CHECK_ERRNO(EINVAL, fsetxattr(file, "user.a", "1", 1, 4));
    CHECK_ERRNO(ERANGE, fsetxattr(file, "", "1", 1, 0));
    CHECK_ERRNO(E2BIG, fsetxattr(file, "user.a", "1", 65537, 0));
    CHECK_ERRNO(EFAULT, fsetxattr(file, "user.a", (void *)-4096, 1, 0));
    CHECK_ERRNO(EPERM, fsetxattr(ends[0], "user.a", "1", 1, 0));
}
