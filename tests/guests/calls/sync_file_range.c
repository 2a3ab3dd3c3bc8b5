#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>

CASE(files_and_folders)
{
    int file = open("f", O_CREAT | O_RDWR, 0600), folder = open(".", O_RDONLY);
    CHECK_EQ(3, write(file, "abc", 3));
    CHECK_EQ(0, sync_file_range(file, 0, 0, 0));
    CHECK_EQ(0, sync_file_range(file, 1, 100, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
    CHECK_EQ(0, sync_file_range(folder, 0, 0, SYNC_FILE_RANGE_WRITE));
}

CASE(errors_and_their_order)
{
    int ends[2], file = open("f", O_CREAT | O_RDWR, 0600), path = open("f", O_PATH);
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, sync_file_range(99, -1, 0, 0x1000));
    CHECK_ERRNO(EBADF, sync_file_range(path, 0, 0, 0));
    CHECK_ERRNO(EINVAL, sync_file_range(ends[0], 0, 0, 0x1000));
    CHECK_ERRNO(EINVAL, sync_file_range(ends[0], -1, 0, 0));
    CHECK_ERRNO(EINVAL, sync_file_range(file, 0, -1, 0));
    CHECK_ERRNO(EINVAL, sync_file_range(file, 0x7fffffffffffffff, 0x7fffffffffffffff, 0));
    CHECK_ERRNO(ESPIPE, sync_file_range(ends[0], 0, 0, 0));
}
