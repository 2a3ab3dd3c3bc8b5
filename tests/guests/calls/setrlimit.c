#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include <fcntl.h>
#include <stdint.h>

struct limit {
    uint64_t soft, hard;
};

static long set_(unsigned resource, const void *at)
{
    return syscall(SYS_setrlimit, resource, at);
}

CASE(down_and_up)
{
    struct limit limit = {50, 100};
    CHECK_EQ(0, set_(RLIMIT_CORE, &limit));
    limit.soft = 100;
    CHECK_EQ(0, set_(RLIMIT_CORE, &limit)); /* up to the hard one */
    drop_capabilities();
    limit.hard = 101;
    CHECK_ERRNO(EPERM, set_(RLIMIT_CORE, &limit));
    limit.soft = limit.hard = 99;
    CHECK_EQ(0, set_(RLIMIT_CORE, &limit));
    limit.hard = 100;
    CHECK_ERRNO(EPERM, set_(RLIMIT_CORE, &limit)); /* once down, always down */
}

CASE(up_with_the_capability)
{
    struct limit limit = {50, 100};
    if (!has_capability(CAP_SYS_RESOURCE_))
        return;
    CHECK_EQ(0, set_(RLIMIT_CORE, &limit));
    limit.hard = ~0ull;
    CHECK_EQ(0, set_(RLIMIT_CORE, &limit));
}

CASE(it_acts)
{
    struct limit limit = {10, 10};
    CHECK_EQ(0, set_(RLIMIT_NOFILE, &limit));
    int last = -1, fd;
    while ((fd = dup(1)) >= 0)
        last = fd;
    CHECK_EQ(EMFILE, errno);
    CHECK_EQ(9, last);
    signal(SIGXFSZ, SIG_IGN);
    close(9);
    CHECK_EQ(0, set_(RLIMIT_FSIZE, &limit));
    fd = open("file", O_CREAT | O_WRONLY, 0600);
    CHECK_EQ(10, write(fd, "0123456789abc", 13));
    CHECK_ERRNO(EFBIG, write(fd, "x", 1));
}

CASE(errors)
{
    struct limit limit = {2, 1};
    CHECK_ERRNO(EFAULT, set_(99, BAD));
    CHECK_ERRNO(EFAULT, set_(RLIMIT_CORE, NULL));
    CHECK_ERRNO(EFAULT, set_(RLIMIT_CORE, at_edge(8)));
    CHECK_ERRNO(EINVAL, set_(16, &limit));
    CHECK_ERRNO(EINVAL, set_(RLIMIT_CORE, &limit));
    limit.hard = ~0ull;
    CHECK_ERRNO(EPERM, set_(RLIMIT_NOFILE, &limit)); /* past what the system can have */
    drop_capabilities();
    limit.soft = 2, limit.hard = 1;
    CHECK_ERRNO(EINVAL, set_(RLIMIT_NOFILE, &limit));
}
