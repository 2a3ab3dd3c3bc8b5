#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <poll.h>
#include <signal.h>

CASE(two_ends)
{
    int ends[2] = {-1, -1}, first = lowest_free();
    char got[8];
    CHECK_EQ(0, pipe2(ends, 0));
    CHECK_EQ(first, ends[0]);
    CHECK_EQ(first + 1, ends[1]);
    CHECK_EQ(3, write(ends[1], "abc", 3));
    CHECK_EQ(3, read(ends[0], got, sizeof got));
    CHECK(memcmp(got, "abc", 3) == 0);
    CHECK_ERRNO(EBADF, write(ends[0], "x", 1));
    CHECK_ERRNO(EBADF, read(ends[1], got, 1));
    CHECK_ERRNO(ESPIPE, lseek(ends[0], 0, SEEK_CUR));
    struct stat facts;
    CHECK_EQ(0, fstat(ends[0], &facts));
    CHECK(S_ISFIFO(facts.st_mode));
    CHECK_EQ(0600, facts.st_mode & 07777);
}

CASE(flags)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    CHECK_EQ(FD_CLOEXEC, fcntl(ends[0], F_GETFD));
    CHECK_EQ(FD_CLOEXEC, fcntl(ends[1], F_GETFD));
    CHECK_EQ(O_RDONLY | O_NONBLOCK, fcntl(ends[0], F_GETFL));
    CHECK_EQ(O_WRONLY | O_NONBLOCK, fcntl(ends[1], F_GETFL));
    CHECK_ERRNO(EAGAIN, read(ends[0], &byte, 1));
    CHECK_EQ(0, pipe2(ends, 0));
    CHECK_EQ(0, fcntl(ends[1], F_GETFD));
    CHECK_EQ(O_WRONLY, fcntl(ends[1], F_GETFL));
}

CASE(packets)
{
    int ends[2];
    char got[8];
    CHECK_EQ(0, pipe2(ends, O_DIRECT));
    CHECK_EQ(O_WRONLY | O_DIRECT, fcntl(ends[1], F_GETFL));
    CHECK_EQ(3, write(ends[1], "abc", 3));
    CHECK_EQ(2, write(ends[1], "de", 2));
    CHECK_EQ(2, read(ends[0], got, 2)); /* what does not fit of a packet is lost */
    CHECK_EQ(2, read(ends[0], got, sizeof got));
    CHECK(memcmp(got, "de", 2) == 0);
}

CASE(packets_and_then_bytes)
{
    static char block[5000];
    int ends[2];
    CHECK_EQ(0, pipe2(ends, 0));
    CHECK_EQ(0, fcntl(ends[1], F_SETFL, O_DIRECT));
    CHECK_EQ(3, write(ends[1], "abc", 3));
    CHECK_EQ(5000, write(ends[1], block, 5000)); /* in packets of PIPE_BUF */
    CHECK_EQ(0, fcntl(ends[1], F_SETFL, 0));
    CHECK_EQ(2, write(ends[1], "de", 2));
    CHECK_EQ(2, write(ends[1], "fg", 2));
    CHECK_EQ(3, read(ends[0], block, sizeof block));
    CHECK_EQ(4096, read(ends[0], block, sizeof block));
    CHECK_EQ(904, read(ends[0], block, 904));
    CHECK_EQ(4, read(ends[0], block, sizeof block));
    CHECK(memcmp(block, "defg", 4) == 0);
}

CASE(holds_so_much)
{
    static char block[65536];
    int ends[2];
    CHECK_EQ(0, pipe2(ends, O_NONBLOCK));
    CHECK_EQ(65536, fcntl(ends[0], F_GETPIPE_SZ));
    CHECK_EQ(65536, write(ends[1], block, sizeof block));
    CHECK_ERRNO(EAGAIN, write(ends[1], block, 1));
    CHECK_EQ(4096, read(ends[0], block, 4096));
    CHECK_EQ(4096, write(ends[1], block, 8192)); /* more than PIPE_BUF goes in parts */
}

CASE(nobody_reads)
{
    int ends[2];
    CHECK_EQ(0, pipe2(ends, 0));
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(EPIPE, write(ends[1], "x", 1));
    struct pollfd end = {.fd = ends[1], .events = POLLOUT};
    CHECK_EQ(1, poll(&end, 1, 0));
    CHECK_EQ(POLLOUT | POLLERR, end.revents);
}

CASE(errors_open_nothing)
{
    int ends[2] = {-7, -7}, first = lowest_free();
    CHECK_ERRNO(EINVAL, pipe2(ends, O_APPEND));
    CHECK_ERRNO(EINVAL, pipe2(BAD, O_APPEND)); /* the flags first */
    CHECK_ERRNO(EFAULT, pipe2(BAD, 0));
    CHECK_ERRNO(EFAULT, pipe2(NULL, 0));
    CHECK_ERRNO(EFAULT, pipe2((int *)readonly_page(), 0));
    CHECK_ERRNO(EFAULT, pipe2((int *)at_edge(4), 0));
    CHECK_EQ(first, lowest_free());
    CHECK_EQ(0, pipe2((int *)at_edge(8), 0));
    no_more_descriptors();
    CHECK_ERRNO(EMFILE, pipe2(ends, 0));
    CHECK_ERRNO(EMFILE, pipe2(BAD, 0)); /* a number before the address */
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur++;
    setrlimit(RLIMIT_NOFILE, &limit);
    CHECK_ERRNO(EMFILE, pipe2(ends, 0)); /* one is not enough */
    CHECK_EQ((int)limit.rlim_cur - 1, dup(1));
    CHECK_EQ(-7, ends[0]);
}
