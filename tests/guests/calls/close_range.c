#define _GNU_SOURCE
#include "check.h"
#include "files.h"
#include <sched.h>

static long close_range_of(unsigned first, unsigned last, unsigned flags)
{
    return syscall(SYS_close_range, first, last, flags);
}

static int is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

CASE(closes_what_lies_between)
{
    for (int fd = 50; fd < 60; fd += 2)
        CHECK_EQ(fd, dup3(1, fd, 0));
    CHECK_EQ(0, close_range_of(52, 56, 0));
    CHECK(is_open(50) && !is_open(52) && !is_open(54) && !is_open(56) && is_open(58));
    CHECK_EQ(0, close_range_of(58, 58, 0));
    CHECK(!is_open(58));
    CHECK_EQ(0, close_range_of(61, 90, 0)); /* there need be none */
    CHECK_EQ(0, close_range_of(40, ~0u, 0));
    CHECK(!is_open(50));
}

CASE(marks_instead)
{
    CHECK_EQ(50, dup3(1, 50, 0));
    CHECK_EQ(51, dup3(1, 51, 0));
    CHECK_EQ(0, close_range_of(51, ~0u, 4)); /* CLOSE_RANGE_CLOEXEC */
    CHECK_EQ(0, fcntl(50, F_GETFD));
    CHECK_EQ(FD_CLOEXEC, fcntl(51, F_GETFD));
}

static int in_child(void *unshare)
{
    _exit(close_range_of(50, 50, unshare ? 2 : 0) != 0); /* CLOSE_RANGE_UNSHARE */
}

CASE(unshares_first)
{
    static char stack[65536] __attribute__((aligned(16)));
    for (int unshare = 1; unshare >= 0; unshare--) {
        int status;
        CHECK_EQ(50, dup3(1, 50, 0));
        pid_t child = clone(in_child, stack + sizeof stack, CLONE_FILES | SIGCHLD, unshare ? "" : NULL);
        CHECK(child > 0);
        CHECK_EQ(child, waitpid(child, &status, 0));
        CHECK_EQ(0, status);
        CHECK_EQ(unshare, is_open(50));
    }
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, close_range_of(5, 4, 0));
    CHECK_ERRNO(EINVAL, close_range_of(60, 70, 1));
    CHECK_ERRNO(EINVAL, close_range_of(60, 70, 8));
    CHECK_ERRNO(EINVAL, close_range_of(5, 4, 8));
}
