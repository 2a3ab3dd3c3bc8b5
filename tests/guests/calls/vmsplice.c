#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/uio.h>

CASE(memory_to_pipe)
{
    int ends[2];
    char back[16] = {0};
    struct iovec parts[] = {{"abc", 3}, {"", 0}, {"defg", 4}};
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(7, vmsplice(ends[1], parts, 3, 0));
    CHECK_EQ(7, read(ends[0], back, 16));
    CHECK_EQ(0, strcmp("abcdefg", back));
    CHECK_EQ(0, vmsplice(ends[1], parts + 1, 1, 0));
    CHECK_EQ(0, vmsplice(ends[1], NULL, 0, 0));
}

CASE(pipe_to_memory)
{
    int ends[2];
    char one[4] = {0}, two[16] = {0};
    struct iovec parts[] = {{one, 3}, {two, 16}};
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(7, write(ends[1], "abcdefg", 7));
    CHECK_EQ(7, vmsplice(ends[0], parts, 2, 0));
    CHECK_EQ(0, strcmp("abc", one));
    CHECK_EQ(0, strcmp("defg", two));
    CHECK_ERRNO(EAGAIN, vmsplice(ends[0], parts, 2, SPLICE_F_NONBLOCK));
    close(ends[1]);
    CHECK_EQ(0, vmsplice(ends[0], parts, 2, 0));
}

CASE(what_fits)
{
    static char data[200000] __attribute__((aligned(4096)));
    struct iovec part = {data, sizeof(data)};
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(65536, vmsplice(ends[1], &part, 1, 0));
    CHECK_ERRNO(EAGAIN, vmsplice(ends[1], &part, 1, SPLICE_F_NONBLOCK));
    pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(read(ends[0], data, 65536) != 65536);
    }
    CHECK_EQ(65536, vmsplice(ends[1], &part, 1, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

CASE(errors_and_their_order)
{
    int ends[2], file = open("f", O_CREAT | O_RDWR, 0600), path = open("f", O_PATH);
    char byte = 0;
    struct iovec part = {&byte, 1}, nowhere = {(void *)4096, 1};
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EINVAL, vmsplice(99, &part, 1, 0x1000));
    CHECK_ERRNO(EBADF, vmsplice(99, &part, 1, 0));
    CHECK_ERRNO(EBADF, vmsplice(path, &part, 1, 0));
    CHECK_ERRNO(EINVAL, vmsplice(file, &part, 1025, 0));
    CHECK_ERRNO(EFAULT, vmsplice(file, (struct iovec *)-4096, 1, 0));
    CHECK_ERRNO(EBADF, vmsplice(file, &part, 1, 0));
    CHECK_ERRNO(EFAULT, vmsplice(ends[1], &nowhere, 1, 0));
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    CHECK_ERRNO(EPIPE, vmsplice(ends[1], &part, 1, 0));
}
