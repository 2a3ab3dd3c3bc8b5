#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static long copy(int in, off_t *off_in, int out, off_t *off_out, size_t size, unsigned flags)
{
    return syscall(SYS_copy_file_range, in, off_in, out, off_out, size, flags);
}

static int file_with(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    return fd;
}

CASE(own_offsets)
{
    char back[16] = {0};
    int in = file_with("in", "0123456789"), out = file_with("out", "");
    CHECK_EQ(4, copy(in, NULL, out, NULL, 4, 0));
    CHECK_EQ(4, lseek(in, 0, SEEK_CUR));
    CHECK_EQ(4, lseek(out, 0, SEEK_CUR));
    CHECK_EQ(6, copy(in, NULL, out, NULL, 100, 0));
    CHECK_EQ(0, copy(in, NULL, out, NULL, 100, 0));
    CHECK_EQ(10, pread(out, back, 16, 0));
    CHECK_EQ(0, strcmp("0123456789", back));
}

CASE(given_offsets)
{
    char back[16] = {0};
    off_t from = 6, to = 1;
    int in = file_with("in", "0123456789"), out = file_with("out", "......");
    CHECK_EQ(3, copy(in, &from, out, &to, 3, 0));
    CHECK_EQ(9, from);
    CHECK_EQ(4, to);
    CHECK_EQ(0, lseek(in, 0, SEEK_CUR));
    CHECK_EQ(0, lseek(out, 0, SEEK_CUR));
    CHECK_EQ(6, pread(out, back, 16, 0));
    CHECK_EQ(0, strcmp(".678..", back));
    from = 100;
    CHECK_EQ(0, copy(in, &from, out, &to, 3, 0)); /* past the end */
}

CASE(within_one_file)
{
    char back[16] = {0};
    off_t from = 0, to = 3;
    int file = file_with("f", "abcdef");
    CHECK_EQ(3, copy(file, &from, file, &to, 3, 0));
    CHECK_EQ(6, pread(file, back, 16, 0));
    CHECK_EQ(0, strcmp("abcabc", back));
    from = 0, to = 2;
    CHECK_ERRNO(EINVAL, copy(file, &from, file, &to, 3, 0));
    CHECK_EQ(0, from);
}

CASE(errors_and_their_order)
{
    int ends[2], in = file_with("in", "0123"), out = file_with("out", "");
    int reader = open("in", O_RDONLY), writer = open("out", O_WRONLY), append = open("out", O_WRONLY | O_APPEND);
    int folder = open(".", O_RDONLY);
    off_t negative = -1, high = 0x7fffffffffffffff;
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EBADF, copy(99, NULL, out, NULL, 1, 1));
    CHECK_ERRNO(EBADF, copy(in, NULL, 99, NULL, 1, 1));
    CHECK_ERRNO(EFAULT, copy(in, (off_t *)-4096, out, NULL, 1, 1));
    CHECK_ERRNO(EFAULT, copy(in, NULL, out, (off_t *)-4096, 1, 1));
    CHECK_ERRNO(EINVAL, copy(folder, NULL, out, NULL, 1, 1));
    CHECK_ERRNO(EISDIR, copy(folder, NULL, ends[1], NULL, 1, 0));
    CHECK_ERRNO(EINVAL, copy(ends[0], NULL, out, NULL, 1, 0));
    CHECK_ERRNO(EBADF, copy(writer, NULL, out, NULL, 1, 0));
    CHECK_ERRNO(EBADF, copy(in, NULL, reader, NULL, 1, 0));
    CHECK_ERRNO(EBADF, copy(in, NULL, append, NULL, 1, 0));
    CHECK_ERRNO(EOVERFLOW, copy(in, &negative, out, NULL, 2, 0));
    CHECK_ERRNO(EOVERFLOW, copy(in, &high, out, NULL, -2, 0));
    CHECK_EQ(0, copy(in, NULL, out, NULL, 0, 0));
    CHECK_EQ(4, copy(in, NULL, out, NULL, 0x7fffffffffffffff, 0));
#ifdef __riscv /* before 5.19 Linux copied between file systems. copy_file_range(2), VERSIONS */
    int other = open("/dev/shm/other", O_CREAT | O_RDWR, 0600);
    CHECK_ERRNO(EXDEV, copy(in, NULL, other, NULL, 1, 0));
    unlink("/dev/shm/other");
#endif
}

CASE(file_size_limit)
{
    struct rlimit limit = {3, 3};
    int in = file_with("in", "0123456789"), out = file_with("out", "");
    signal(SIGXFSZ, SIG_IGN);
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
    CHECK_EQ(3, copy(in, NULL, out, NULL, 10, 0));
    CHECK_ERRNO(EFBIG, copy(in, NULL, out, NULL, 10, 0));
}
