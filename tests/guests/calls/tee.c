#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>

static int waiting_in(int pipe_end)
{
    int count = -1;
    CHECK_EQ(0, ioctl(pipe_end, FIONREAD, &count));
    return count;
}

CASE(copies_and_leaves)
{
    int one[2], two[2];
    char back[16] = {0};
    CHECK_EQ(0, pipe(one));
    CHECK_EQ(0, pipe(two));
    CHECK_EQ(6, write(one[1], "abcdef", 6));
    CHECK_EQ(4, tee(one[0], two[1], 4, 0));
    CHECK_EQ(6, waiting_in(one[0]));
    CHECK_EQ(4, read(two[0], back, 16));
    CHECK_EQ(0, strcmp("abcd", back));
    CHECK_EQ(6, tee(one[0], two[1], 100, 0)); /* from the beginning again */
    CHECK_EQ(6, read(one[0], back, 16));
    CHECK_EQ(0, strcmp("abcdef", back));
    close(one[1]);
    CHECK_EQ(0, tee(one[0], two[1], 100, 0));
}

CASE(waits)
{
    static char filler[65536];
    int one[2], two[2];
    CHECK_EQ(0, pipe(one));
    CHECK_EQ(0, pipe(two));
    CHECK_ERRNO(EAGAIN, tee(one[0], two[1], 1, SPLICE_F_NONBLOCK));
    pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(write(one[1], "x", 1) != 1);
    }
    CHECK_EQ(1, tee(one[0], two[1], 5, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK_EQ(1, read(two[0], filler, 1));
    CHECK_EQ(65536, write(two[1], filler, 65536));
    CHECK_ERRNO(EAGAIN, tee(one[0], two[1], 1, SPLICE_F_NONBLOCK));
}

CASE(errors_and_their_order)
{
    int one[2], two[2], file = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(0, pipe(one));
    CHECK_EQ(0, pipe(two));
    CHECK_ERRNO(EINVAL, tee(99, 99, 0, 0x1000));
    CHECK_EQ(0, tee(99, 99, 0, 0));
    CHECK_ERRNO(EBADF, tee(99, two[1], 1, 0));
    CHECK_ERRNO(EBADF, tee(one[0], 99, 1, 0));
    CHECK_ERRNO(EBADF, tee(one[1], two[1], 1, 0));
    CHECK_ERRNO(EBADF, tee(one[0], two[0], 1, 0));
    CHECK_ERRNO(EINVAL, tee(one[0], one[1], 1, 0));
    CHECK_ERRNO(EINVAL, tee(file, two[1], 1, 0));
    CHECK_ERRNO(EINVAL, tee(one[0], file, 1, 0));
    signal(SIGPIPE, SIG_IGN);
    CHECK_EQ(1, write(one[1], "x", 1));
    close(two[0]);
    CHECK_ERRNO(EPIPE, tee(one[0], two[1], 1, 0));
}
