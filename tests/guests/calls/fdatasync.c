#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(files_and_folders)
{
    int fd = file_of("f", "abc");
    CHECK_EQ(0, fdatasync(fd));
    CHECK_EQ(0, fdatasync(open("f", O_RDONLY))); /* the right to write is not asked for */
    CHECK_EQ(0, fdatasync(open(".", O_RDONLY)));
    CHECK_EQ(0, unlink("f") | fdatasync(fd));
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
}

CASE(errors)
{
    int ends[2];
    make_file("f", "");
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, fdatasync(99));
    CHECK_ERRNO(EBADF, fdatasync(-1));
    CHECK_ERRNO(EBADF, fdatasync(open("f", O_PATH)));
    CHECK_ERRNO(EINVAL, fdatasync(ends[0])); /* nothing lies behind it */
    CHECK_ERRNO(EINVAL, fdatasync(ends[1]));
    CHECK_ERRNO(EINVAL, fdatasync(open("/dev/null", O_WRONLY)));
    CHECK_ERRNO(EINVAL, fdatasync(open("/proc/self/status", O_RDONLY)));
}
