#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(any_open_file_names_its_file_system)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, syncfs(open("/proc/self/status", O_RDONLY)));
    CHECK_EQ(0, syncfs(open("/proc", O_RDONLY)));
    CHECK_EQ(0, syncfs(ends[0]));
}

CASE(errors)
{
    CHECK_ERRNO(EBADF, syncfs(99));
    CHECK_ERRNO(EBADF, syncfs(-1));
    CHECK_ERRNO(EBADF, syncfs(open(".", O_PATH)));
}
