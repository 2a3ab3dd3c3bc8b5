#define _GNU_SOURCE
#include "check.h"
#include <signal.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>

static int file_with(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    return fd;
}

static int waiting_in(int pipe_end)
{
    int count = -1;
    CHECK_EQ(0, ioctl(pipe_end, FIONREAD, &count));
    return count;
}

CASE(file_to_pipe)
{
    int ends[2], in = file_with("in", "0123456789");
    char back[16] = {0};
    off_t at = 6;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(3, splice(in, NULL, ends[1], NULL, 3, 0));
    CHECK_EQ(3, lseek(in, 0, SEEK_CUR));
    CHECK_EQ(4, splice(in, &at, ends[1], NULL, 100, 0));
    CHECK_EQ(10, at);
    CHECK_EQ(3, lseek(in, 0, SEEK_CUR));
    CHECK_EQ(7, read(ends[0], back, 16));
    CHECK_EQ(0, strcmp("0126789", back));
    CHECK_EQ(0, splice(in, &at, ends[1], NULL, 100, 0)); /* the end of the file */
}

CASE(pipe_to_file)
{
    int ends[2], out = file_with("out", "..........");
    char back[16] = {0};
    off_t at = 5;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(6, write(ends[1], "abcdef", 6));
    CHECK_EQ(2, splice(ends[0], NULL, out, NULL, 2, 0));
    CHECK_EQ(2, lseek(out, 0, SEEK_CUR));
    CHECK_EQ(4, splice(ends[0], NULL, out, &at, 100, 0)); /* waits for the first byte only */
    CHECK_EQ(9, at);
    CHECK_EQ(10, pread(out, back, 16, 0));
    CHECK_EQ(0, strcmp("ab...cdef.", back));
    close(ends[1]);
    CHECK_EQ(0, splice(ends[0], NULL, out, NULL, 1, 0));
}

CASE(pipe_to_pipe)
{
    int one[2], two[2];
    char back[16] = {0};
    CHECK_EQ(0, pipe(one));
    CHECK_EQ(0, pipe(two));
    CHECK_EQ(6, write(one[1], "abcdef", 6));
    CHECK_EQ(4, splice(one[0], NULL, two[1], NULL, 4, 0));
    CHECK_EQ(2, waiting_in(one[0]));
    CHECK_EQ(4, read(two[0], back, 16));
    CHECK_EQ(0, strcmp("abcd", back));
    close(one[1]);
    CHECK_EQ(2, splice(one[0], NULL, two[1], NULL, 4, 0));
    CHECK_EQ(0, splice(one[0], NULL, two[1], NULL, 4, 0));
}

CASE(a_loop_moves_everything)
{
    enum { SIZE = 1 << 20 };
    char *data = malloc(SIZE), *back = malloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        data[i] = i ^ i >> 8;
    int ends[2], in = file_with("in", ""), out = file_with("out", "");
    CHECK_EQ(SIZE, write(in, data, SIZE));
    CHECK_EQ(0, lseek(in, 0, SEEK_SET));
    CHECK_EQ(0, pipe(ends));
    for (int moved = 0; moved < SIZE;) {
        int size = splice(in, NULL, ends[1], NULL, SIZE, SPLICE_F_MOVE);
        CHECK(size > 0 && size <= 65536);
        CHECK_EQ(size, splice(ends[0], NULL, out, NULL, size, SPLICE_F_MOVE | SPLICE_F_MORE));
        moved += size;
    }
    CHECK_EQ(SIZE, pread(out, back, SIZE, 0));
    CHECK_EQ(0, memcmp(data, back, SIZE));
}

CASE(without_waiting)
{
    static char filler[65536];
    int ends[2], other[2], in = file_with("in", "0123456789"), out = file_with("out", "");
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, pipe2(other, O_NONBLOCK));
    CHECK_ERRNO(EAGAIN, splice(ends[0], NULL, out, NULL, 1, SPLICE_F_NONBLOCK));
    CHECK_ERRNO(EAGAIN, splice(ends[0], NULL, other[1], NULL, 1, 0)); /* one end's O_NONBLOCK is enough */
    CHECK_ERRNO(EAGAIN, splice(other[0], NULL, out, NULL, 1, 0));
    CHECK_EQ(65536, write(ends[1], filler, 65536));
    CHECK_ERRNO(EAGAIN, splice(in, NULL, ends[1], NULL, 1, SPLICE_F_NONBLOCK));
    CHECK_EQ(65536, write(other[1], filler, 65536));
    CHECK_ERRNO(EAGAIN, splice(in, NULL, other[1], NULL, 1, 0));
    CHECK_ERRNO(EAGAIN, splice(ends[0], NULL, other[1], NULL, 1, 0));
}

CASE(waits_for_data_and_for_room)
{
    static char filler[65536];
    int ends[2], out = file_with("out", "");
    CHECK_EQ(0, pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(write(ends[1], "late", 4) != 4);
    }
    CHECK_EQ(4, splice(ends[0], NULL, out, NULL, 100, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK_EQ(65536, write(ends[1], filler, 65536));
    child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(read(ends[0], filler, 65536) != 65536);
    }
    CHECK_EQ(0, lseek(out, 0, SEEK_SET));
    CHECK_EQ(4, splice(out, NULL, ends[1], NULL, 100, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

static void nothing(int signo)
{
    (void)signo;
}

CASE(a_signal_ends_the_wait)
{
    int ends[2], out = file_with("out", "");
    struct sigaction action = {.sa_handler = nothing};
    CHECK_EQ(0, pipe(ends));
    sigaction(SIGALRM, &action, NULL);
    ualarm(20000, 0);
    CHECK_ERRNO(EINTR, splice(ends[0], NULL, out, NULL, 1, 0));
}

CASE(a_pipe_nobody_reads)
{
    int one[2], two[2], in = file_with("in", "x");
    signal(SIGPIPE, SIG_IGN);
    CHECK_EQ(0, pipe(one));
    CHECK_EQ(0, pipe(two));
    CHECK_EQ(1, write(one[1], "x", 1));
    close(two[0]);
    CHECK_ERRNO(EPIPE, splice(in, NULL, two[1], NULL, 1, 0));
    CHECK_ERRNO(EPIPE, splice(one[0], NULL, two[1], NULL, 1, 0));
    CHECK_EQ(1, waiting_in(one[0]));
}

CASE(errors_and_their_order)
{
    int ends[2], in = file_with("in", "0123"), out = file_with("out", "");
    int append = open("out", O_WRONLY | O_APPEND), folder = open(".", O_RDONLY);
    off_t at = 0, negative = -1;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, splice(99, NULL, 99, NULL, 0, 0x1000)); /* nothing to do comes first */
    CHECK_ERRNO(EINVAL, splice(99, NULL, 99, NULL, 1, 0x1000));
    CHECK_ERRNO(EBADF, splice(99, NULL, ends[1], NULL, 1, 0));
    CHECK_ERRNO(EBADF, splice(in, NULL, 99, NULL, 1, 0));
    CHECK_ERRNO(EBADF, splice(in, NULL, ends[0], NULL, 1, 0));
    CHECK_ERRNO(EBADF, splice(ends[1], NULL, out, NULL, 1, 0));
    CHECK_ERRNO(EINVAL, splice(in, NULL, out, NULL, 1, 0)); /* no pipe */
    CHECK_ERRNO(EINVAL, splice(ends[0], NULL, ends[1], NULL, 1, 0));
    CHECK_ERRNO(ESPIPE, splice(ends[0], &at, out, NULL, 1, 0));
    CHECK_ERRNO(ESPIPE, splice(in, NULL, ends[1], &at, 1, 0));
    CHECK_ERRNO(EFAULT, splice(in, (off_t *)-4096, ends[1], NULL, 1, 0));
    CHECK_ERRNO(EINVAL, splice(in, &negative, ends[1], NULL, 1, 0));
    CHECK_ERRNO(EINVAL, splice(folder, NULL, ends[1], NULL, 1, 0));
    CHECK_EQ(1, write(ends[1], "x", 1));
    CHECK_ERRNO(EINVAL, splice(ends[0], NULL, append, NULL, 1, 0));
    CHECK_EQ(1, waiting_in(ends[0]));
}

CASE(sockets)
{
    int pair[2], ends[2];
    char text[16] = {0};
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(5, write(ends[1], "hello", 5));
    CHECK_EQ(5, splice(ends[0], NULL, pair[0], NULL, 100, 0));
    CHECK_EQ(5, splice(pair[1], NULL, ends[1], NULL, 100, 0));
    CHECK_EQ(5, read(ends[0], text, sizeof text));
    CHECK_EQ(0, strcmp("hello", text));
    CHECK_ERRNO(EAGAIN, splice(pair[1], NULL, ends[1], NULL, 100, SPLICE_F_NONBLOCK));
    close(pair[0]);
    CHECK_EQ(0, splice(pair[1], NULL, ends[1], NULL, 100, 0));
    CHECK_ERRNO(EPIPE, (signal(SIGPIPE, SIG_IGN), write(ends[1], "x", 1), splice(ends[0], NULL, pair[1], NULL, 1, 0)));
}
