#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int file_with(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    return fd;
}

CASE(file_to_file)
{
    char back[16] = {0};
    int in = file_with("in", "0123456789"), out = file_with("out", "");
    CHECK_EQ(4, sendfile(out, in, NULL, 4));
    CHECK_EQ(4, lseek(in, 0, SEEK_CUR));
    CHECK_EQ(4, lseek(out, 0, SEEK_CUR));
    CHECK_EQ(6, sendfile(out, in, NULL, 100));
    CHECK_EQ(0, sendfile(out, in, NULL, 100));
    CHECK_EQ(10, pread(out, back, 16, 0));
    CHECK_EQ(0, strcmp("0123456789", back));
}

CASE(with_an_offset)
{
    char back[16] = {0};
    off_t at = 7;
    int in = file_with("in", "0123456789"), out = file_with("out", "");
    CHECK_EQ(2, sendfile(out, in, &at, 2));
    CHECK_EQ(9, at);
    CHECK_EQ(0, lseek(in, 0, SEEK_CUR));
    CHECK_EQ(1, sendfile(out, in, &at, 5));
    CHECK_EQ(10, at);
    CHECK_EQ(0, sendfile(out, in, &at, 5));
    CHECK_EQ(3, pread(out, back, 16, 0));
    CHECK_EQ(0, strcmp("789", back));
}

CASE(a_large_file_in_one_call)
{
    enum { SIZE = 5 << 20 };
    struct stat st;
    char *data = malloc(SIZE), *back = malloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        data[i] = i * 7 + i / 4096;
    int in = file_with("in", ""), out = file_with("out", "");
    CHECK_EQ(SIZE, write(in, data, SIZE));
    CHECK_EQ(0, lseek(in, 0, SEEK_SET));
    CHECK_EQ(SIZE, sendfile(out, in, NULL, 2 * SIZE));
    CHECK_EQ(0, fstat(out, &st));
    CHECK_EQ(SIZE, st.st_size);
    CHECK_EQ(SIZE, pread(out, back, SIZE, 0));
    CHECK_EQ(0, memcmp(data, back, SIZE));
}

CASE(into_a_pipe)
{
    enum { SIZE = 200000 };
    static char data[SIZE];
    int ends[2], in = file_with("in", "");
    CHECK_EQ(SIZE, write(in, data, SIZE));
    CHECK_EQ(0, lseek(in, 0, SEEK_SET));
    CHECK_EQ(0, pipe2(ends, O_NONBLOCK));
    CHECK_EQ(65536, sendfile(ends[1], in, NULL, SIZE)); /* what fits */
    CHECK_EQ(65536, lseek(in, 0, SEEK_CUR));
    CHECK_ERRNO(EAGAIN, sendfile(ends[1], in, NULL, SIZE));
    CHECK_EQ(65536, read(ends[0], data, SIZE));
    CHECK_EQ(100, sendfile(ends[1], in, NULL, 100));
}

CASE(a_pipe_nobody_reads)
{
    int ends[2], in = file_with("in", "x");
    CHECK_EQ(0, pipe(ends));
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(EPIPE, sendfile(ends[1], in, NULL, 1));
    signal(SIGPIPE, SIG_DFL);
    pid_t child = fork();
    if (child == 0) {
        sendfile(ends[1], in, NULL, 1);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(SIGPIPE, WTERMSIG(status));
}

CASE(into_a_socket_that_is_read_slowly)
{
    enum { SIZE = 1 << 20 };
    char *data = malloc(SIZE), *back = malloc(SIZE);
    int ends[2], in = file_with("in", ""), done = 0, status;
    for (int i = 0; i < SIZE; i++)
        data[i] = i ^ i >> 9;
    CHECK_EQ(SIZE, write(in, data, SIZE));
    CHECK_EQ(0, lseek(in, 0, SEEK_SET));
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    pid_t child = fork();
    if (child == 0) {
        off_t at = 0;
        _exit(!(sendfile(ends[1], in, &at, SIZE) == SIZE && at == SIZE && lseek(in, 0, SEEK_CUR) == 0));
    }
    while (done < SIZE) {
        int size = read(ends[0], back + done, SIZE - done > 50000 ? 50000 : SIZE - done);
        CHECK(size > 0);
        done += size;
    }
    CHECK_EQ(0, memcmp(data, back, SIZE));
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

CASE(devices)
{
    char back[8];
    int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY), out = file_with("out", "xxxxxxxx");
    CHECK_EQ(8, sendfile(out, zero, NULL, 8));
    CHECK_EQ(8, pread(out, back, 8, 0));
    CHECK_EQ(0, memcmp(back, "\0\0\0\0\0\0\0\0", 8));
    CHECK_EQ(0, lseek(out, 0, SEEK_SET));
    CHECK_EQ(8, sendfile(null, out, NULL, 100));
}

CASE(from_proc)
{
    struct stat st;
    int proc = open("/proc/meminfo", O_RDONLY), own = open("/proc/self/stat", O_RDONLY), out = file_with("out", "");
    CHECK(sendfile(out, proc, NULL, 4096) > 20);
    CHECK_EQ(0, fstat(out, &st));
    CHECK(st.st_size > 20);
    CHECK_ERRNO(EINVAL, sendfile(out, own, NULL, 100)); /* those of processes are only read */
}

CASE(errors_and_their_order)
{
    int ends[2], in = file_with("in", "0123"), out = file_with("out", "");
    int reader = open("in", O_RDONLY), writer = open("out", O_WRONLY), append = open("out", O_WRONLY | O_APPEND);
    int folder = open(".", O_RDONLY), path = open("in", O_PATH);
    off_t at = 0, negative = -1;
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, sendfile(out, 99, NULL, 1));
    CHECK_ERRNO(EBADF, sendfile(out, path, NULL, 1));
    CHECK_ERRNO(EBADF, sendfile(out, writer, NULL, 1));
    CHECK_ERRNO(EBADF, sendfile(99, in, NULL, 1));
    CHECK_ERRNO(EBADF, sendfile(reader, in, NULL, 1));
    CHECK_ERRNO(EFAULT, sendfile(99, 99, (off_t *)-4096, 1));
    CHECK_ERRNO(ESPIPE, sendfile(99, ends[0], &at, 1));
    CHECK_ERRNO(EINVAL, sendfile(99, in, &negative, 1));
    CHECK_ERRNO(EINVAL, sendfile(99, in, NULL, -1));
    CHECK_ERRNO(EINVAL, sendfile(append, in, NULL, 1));
    CHECK_ERRNO(EINVAL, sendfile(append, in, NULL, 0));
    CHECK_ERRNO(EINVAL, sendfile(out, ends[0], NULL, 1));
    CHECK_ERRNO(EINVAL, sendfile(out, folder, NULL, 1));
    CHECK_EQ(0, sendfile(out, in, NULL, 0));
    CHECK_EQ(0, lseek(in, 0, SEEK_CUR));
}

CASE(file_size_limit)
{
    struct rlimit limit = {3, 3};
    int in = file_with("in", "0123456789"), out = file_with("out", "");
    signal(SIGXFSZ, SIG_IGN);
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
    CHECK_EQ(3, sendfile(out, in, NULL, 10));
    CHECK_EQ(3, lseek(in, 0, SEEK_CUR));
    CHECK_ERRNO(EFBIG, sendfile(out, in, NULL, 10));
}
