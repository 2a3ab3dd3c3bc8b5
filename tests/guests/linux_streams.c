/* The machine's own standard input and output, opened again by their names in /proc and /dev. */
#include <fcntl.h>
#include <poll.h>

#include "check.h"

static int opened(const char *name, int flags)
{
    int fd = open(name, flags);
    CHECK(fd >= 0);
    return fd;
}

CASE(output_opened_again)
{
    int again = opened("/proc/self/fd/1", O_WRONLY | O_CREAT | O_TRUNC), error = opened("/dev/stderr", O_WRONLY);
    CHECK_EQ(4, write(again, "one ", 4));
    CHECK_EQ(0, close(1));
    CHECK_EQ(4, write(again, "two ", 4));
    CHECK_EQ(2, write(error, "e\n", 2));
    CHECK_EQ(1, dup2(again, 1));
    CHECK_ERRNO(EBADF, read(again, &error, 1));
}

CASE(input_opened_again)
{
    char text[8] = "";
    CHECK_EQ(4, read(0, text, 4));
    int again = opened("/dev/stdin", O_RDONLY);
    CHECK_EQ(4, read(again, text, 4));
    CHECK_EQ(0, strcmp(text, "two\n"));
    struct pollfd ready = {.fd = again, .events = POLLIN};
    CHECK_EQ(1, poll(&ready, 1, 0));
    CHECK_EQ(0, close(again));
    CHECK_EQ(6, read(0, text, 6));
    CHECK_EQ(0, read(0, text, 7));
#ifdef __riscv
    /* Documented difference: the other end of such a pipe is the host's. */
    CHECK_ERRNO(EACCES, open("/dev/stdin", O_WRONLY));
    CHECK_ERRNO(EACCES, open("/dev/stdout", O_RDWR));
#endif
}
