#define _GNU_SOURCE
#include "check.h"
#include "files.h"

CASE(frees_the_number)
{
    make_file("f", "");
    int fd = open("f", O_RDONLY | O_CLOEXEC);
    CHECK_EQ(0, close(fd));
    CHECK_ERRNO(EBADF, fcntl(fd, F_GETFD));
    CHECK_EQ(fd, open("f", O_RDONLY));
    CHECK_EQ(0, fcntl(fd, F_GETFD)); /* nothing is left of close-on-exec */
}

CASE(the_file_stays_with_its_other_numbers)
{
    int fd = file_of("f", "abc"), other = dup(fd);
    char byte;
    CHECK_EQ(0, close(fd));
    CHECK_EQ(1, read(other, &byte, 1));
    CHECK_EQ(0, unlink("f"));
    CHECK_EQ(1, read(other, &byte, 1)); /* and after its name has gone */
    CHECK_EQ('b', byte);
}

CASE(the_last_close_is_told)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    int other = dup(ends[1]);
    CHECK_EQ(0, fcntl(ends[0], F_SETFL, O_NONBLOCK));
    CHECK_EQ(0, close(ends[1]));
    CHECK_ERRNO(EAGAIN, read(ends[0], &byte, 1));
    CHECK_EQ(0, close(other));
    CHECK_EQ(0, read(ends[0], &byte, 1));
}

CASE(record_locks_go_with_any_descriptor_of_the_file)
{
    int fd = file_of("f", "abc"), other = open("f", O_RDONLY);
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    CHECK_EQ(0, fcntl(fd, F_SETLK, &all));
    CHECK_EQ(0, close(other));
    pid_t child = fork();
    if (child == 0)
        _exit(fcntl(fd, F_SETLK, &all) != 0);
    int status;
    waitpid(child, &status, 0);
    CHECK_EQ(0, status);
}

CASE(errors)
{
    CHECK_ERRNO(EBADF, close(99));
    CHECK_ERRNO(EBADF, close(-1));
    CHECK_ERRNO(EBADF, close(0x7fffffff));
    int fd = dup(1);
    CHECK_EQ(0, close(fd));
    CHECK_ERRNO(EBADF, close(fd));
}
