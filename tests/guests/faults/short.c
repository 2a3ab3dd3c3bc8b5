/* Transfers that come short: so many bytes and no more, and the next call goes on where this one stopped. */
#define _GNU_SOURCE
#include "plan.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

static char text[64];

static int new_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT, 0644);
    CHECK(fd >= 0);
    return fd;
}

FAULTS("write:1=short(3)", "read:1=short(2)")
CASE(a_file)
{
    int fd = new_file("/tmp/f");
    CHECK_EQ(3, write(fd, "abcdefgh", 8));
    CHECK_EQ(3, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(5, write(fd, "defgh", 5));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    CHECK_EQ(2, read(fd, text, 64));
    CHECK_EQ(6, read(fd, text + 2, 62));
    CHECK_EQ(0, strcmp(text, "abcdefgh"));
}

FAULTS("pwrite64:1=short(3)", "pread64:1=short(2)", "pwritev:1=short(5)", "preadv:1=short(5)")
CASE(at_a_place_of_a_file)
{
    int fd = new_file("/tmp/f");
    CHECK_EQ(3, pwrite(fd, "abcdefgh", 8, 0));
    CHECK_EQ(3, lseek(fd, 0, SEEK_END));
    CHECK_EQ(8, pwrite(fd, "abcdefgh", 8, 0));
    CHECK_EQ(2, pread(fd, text, 8, 3));
    CHECK_EQ(0, memcmp(text, "de\0", 3));
    struct iovec out[] = {{"1234", 4}, {"5678", 4}};
    CHECK_EQ(5, pwritev(fd, out, 2, 1));
    CHECK_EQ(8, pread(fd, text, 64, 0));
    CHECK_EQ(0, memcmp(text, "a12345gh", 8));
    char one[4] = "", other[5] = "";
    struct iovec in[] = {{one, 3}, {other, 4}};
    CHECK_EQ(5, preadv(fd, in, 2, 1));
    CHECK(!memcmp(one, "123\0", 4) && !memcmp(other, "45\0\0", 5));
}

FAULTS("writev:1=short(5)", "readv:1=short(4)")
CASE(several_buffers)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    struct iovec out[] = {{"1234", 4}, {"5678", 4}};
    CHECK_EQ(5, writev(ends[1], out, 2));
    CHECK_EQ(3, write(ends[1], "678", 3));
    char one[4] = "", other[8] = "";
    struct iovec in[] = {{one, 3}, {other, 5}};
    CHECK_EQ(4, readv(ends[0], in, 2));
    CHECK(!memcmp(one, "123\0", 4) && !memcmp(other, "4\0", 2));
    CHECK_EQ(4, read(ends[0], text, 64));
    CHECK_EQ(0, memcmp(text, "5678", 4));
}

FAULTS("write:1=short(1000)", "read:2=short(1)")
CASE(a_pipe_that_is_full)
{
    int ends[2];
    static char much[100000];
    CHECK_EQ(0, pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        long total = 0, got;
        while ((got = read(ends[0], much, sizeof much)) > 0)
            total += got;
        _exit(got == 0 && total == 200000 ? 0 : 1);
    }
    close(ends[0]);
    CHECK_EQ(1000, write(ends[1], much, sizeof much));
    CHECK_EQ(99000, write(ends[1], much, 99000));
    CHECK_EQ(100000, write(ends[1], much, 100000));
    close(ends[1]);
    int status = -1;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(0, status);
}

FAULTS("read:1=short(1)")
CASE(a_read_that_waits)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    if (fork() == 0) {
        usleep(1000);
        _exit(write(ends[1], "xyz", 3) != 3);
    }
    CHECK_EQ(1, read(ends[0], text, 64));
    CHECK_EQ(2, read(ends[0], text + 1, 63));
    CHECK_EQ(0, strcmp(text, "xyz"));
    CHECK(wait(NULL) > 0);
}

FAULTS("sendto:1=short(2)", "recvfrom:1=short(1)", "sendmsg:1=short(3)", "recvmsg:1=short(2)")
CASE(a_stream_socket)
{
    int ends[2];
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    CHECK_EQ(2, send(ends[0], "abcd", 4, 0));
    CHECK_EQ(1, recv(ends[1], text, 64, 0));
    CHECK_EQ(1, recv(ends[1], text + 1, 63, 0));
    CHECK_EQ(0, strcmp(text, "ab"));
    struct iovec out[] = {{"12", 2}, {"34", 2}};
    struct msghdr message = {.msg_iov = out, .msg_iovlen = 2};
    CHECK_EQ(3, sendmsg(ends[0], &message, 0));
    struct iovec in[] = {{text, 1}, {text + 1, 8}};
    message.msg_iov = in;
    CHECK_EQ(2, recvmsg(ends[1], &message, 0));
    CHECK_EQ(1, recvmsg(ends[1], &message, 0));
    CHECK_EQ('3', text[0]);
}

FAULTS("sendfile:1=short(3)", "copy_file_range:1=short(2)", "splice:1=short(4)")
CASE(from_file_to_file)
{
    int from = new_file("/tmp/from"), to = new_file("/tmp/to"), ends[2];
    CHECK_EQ(8, write(from, "abcdefgh", 8));
    off_t at = 0;
    CHECK_EQ(3, sendfile(to, from, &at, 8));
    CHECK_EQ(3, at);
    CHECK_EQ(5, sendfile(to, from, &at, 8));
    at = 0;
    CHECK_EQ(2, copy_file_range(from, &at, to, NULL, 8, 0));
    CHECK_EQ(2, at);
    CHECK_EQ(6, copy_file_range(from, &at, to, NULL, 8, 0));
    at = 0;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(4, splice(from, &at, ends[1], NULL, 8, 0));
    CHECK_EQ(4, splice(from, &at, ends[1], NULL, 8, 0));
    CHECK_EQ(8, read(ends[0], text, 64));
    CHECK_EQ(0, memcmp(text, "abcdefgh", 8));
    CHECK_EQ(16, pread(to, text, 64, 0));
    CHECK_EQ(0, memcmp(text, "abcdefghabcdefgh", 16));
}

FAULTS("read,write=short(1)", "sendto=short(1)", "recvfrom:2=short(2)")
CASE(messages_are_whole)
{
    int ends[2];
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    CHECK_EQ(4, send(ends[0], "abcd", 4, 0));
    CHECK_EQ(4, recv(ends[1], text, 64, 0));
    CHECK_EQ(0, pipe2(ends, O_DIRECT));
    CHECK_EQ(4, write(ends[1], "abcd", 4));
    CHECK_EQ(4, read(ends[0], text, 64));
    int event = eventfd(0, 0);
    unsigned long count = 7;
    CHECK_EQ(8, write(event, &count, 8));
    CHECK_EQ(8, read(event, &count, 8));
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    CHECK_EQ(1, send(ends[0], "abcd", 4, 0));
    CHECK_EQ(1, send(ends[0], "b", 1, 0));
    CHECK_EQ(1, send(ends[0], "c", 1, 0));
    CHECK_EQ(1, recv(ends[1], text, 1, 0));
    CHECK_EQ(2, recv(ends[1], text, 64, 0));
}

FAULTS("write:2=short(4)")
CASE(only_calls_that_ask_for_more_count)
{
    int fd = new_file("/tmp/f");
    CHECK_EQ(4, write(fd, "abcd", 4));
    CHECK_EQ(5, write(fd, "abcde", 5));
    CHECK_EQ(4, write(fd, "abcd", 4));
    CHECK_EQ(4, write(fd, "abcde", 5));
    CHECK_EQ(5, write(fd, "abcde", 5));
}

FAULTS("read:1=short(2)")
CASE(nothing_is_stored_behind)
{
    int fd = new_file("/tmp/f");
    CHECK_EQ(8, write(fd, "abcdefgh", 8));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    memset(text, 'z', 8);
    CHECK_EQ(2, read(fd, text, 8));
    CHECK_EQ(0, memcmp(text, "abzzzzzz", 8));
    CHECK_EQ(2, lseek(fd, 0, SEEK_CUR));
}

FAULTS("read=short(1)", "write=short(1)")
CASE(bad_pointers_stay_bad)
{
    int fd = new_file("/tmp/f");
    CHECK_ERRNO(EFAULT, write(fd, (void *)-4096L, 8));
    CHECK_EQ(1, write(fd, "ab", 2));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    CHECK_ERRNO(EFAULT, read(fd, (void *)-4096L, 8));
    CHECK_EQ(1, read(fd, text, 8));
    CHECK_ERRNO(EBADF, read(77, text, 8));
}
