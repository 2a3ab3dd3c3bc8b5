#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <signal.h>
#include <stdint.h>
#include <sys/select.h>
#include <time.h>

struct pack {
    const void *mask;
    size_t size;
};

static long select_of(int count, void *in, void *out, void *other, void *timeout, const void *pack)
{
    return syscall(SYS_pselect6, count, in, out, other, timeout, pack);
}

static struct timespec none;

CASE(what_is_ready)
{
    int p[2], file = file_of("f", "");
    fd_set in, out, other;
    CHECK_EQ(0, pipe(p));
    FD_ZERO(&in); FD_ZERO(&out); FD_ZERO(&other);
    FD_SET(p[0], &in); FD_SET(p[1], &out); FD_SET(file, &in); FD_SET(file, &out); FD_SET(file, &other);
    CHECK_EQ(3, select_of(file + p[1] + 1, &in, &out, &other, &none, NULL)); /* counted once for each set */
    CHECK(!FD_ISSET(p[0], &in) && FD_ISSET(p[1], &out));
    CHECK(FD_ISSET(file, &in) && FD_ISSET(file, &out) && !FD_ISSET(file, &other));
    CHECK_EQ(1, write(p[1], "x", 1));
    FD_ZERO(&in); FD_SET(p[0], &in);
    CHECK_EQ(1, select_of(p[0] + 1, &in, NULL, NULL, NULL, NULL));
    CHECK_EQ(0, select_of(p[0], &in, NULL, NULL, &none, NULL)); /* numbers below the count alone */
    close(p[1]);
    char byte;
    CHECK_EQ(1, read(p[0], &byte, 1));
    FD_ZERO(&in); FD_SET(p[0], &in);
    CHECK_EQ(1, select_of(p[0] + 1, &in, NULL, NULL, NULL, NULL)); /* the end can be read, too */
}

CASE(time)
{
    int p[2];
    fd_set in;
    struct timespec some = {0, 5000000}, much = {100, 0}, before, after;
    CHECK_EQ(0, pipe(p));
    FD_ZERO(&in); FD_SET(p[0], &in);
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_EQ(0, select_of(p[0] + 1, &in, NULL, NULL, &some, NULL));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec - before.tv_nsec >= 5000000);
    CHECK(some.tv_sec == 0 && some.tv_nsec == 0); /* the kernel tells what is left */
    CHECK(!FD_ISSET(p[0], &in));
    FD_ZERO(&in); FD_SET(p[0], &in);
    CHECK_EQ(1, write(p[1], "x", 1));
    CHECK_EQ(1, select_of(p[0] + 1, &in, NULL, NULL, &much, NULL));
    CHECK(much.tv_sec >= 90 && much.tv_sec <= 100);
    some = (struct timespec){0, 1000};
    CHECK_EQ(0, select_of(0, NULL, NULL, NULL, &some, NULL)); /* of nobody: a sleep */
}

static void handler(int signo)
{
    (void)signo;
}

CASE(with_another_mask)
{
    uint64_t empty = 0;
    struct pack pack = {&empty, 8}, nothing = {NULL, 0};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigset_t blocked, now;
    sigaction(SIGUSR1, &action, 0);
    sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, 0);
    raise(SIGUSR1);
    CHECK_EQ(0, select_of(0, NULL, NULL, NULL, &none, &nothing));
    CHECK_ERRNO(EINTR, select_of(0, NULL, NULL, NULL, NULL, &pack));
    sigprocmask(SIG_SETMASK, NULL, &now);
    CHECK(sigismember(&now, SIGUSR1));
}

CASE(errors)
{
    fd_set in;
    uint64_t mask = 0;
    struct timespec wrong = {0, 1000000000}, negative = {-1, 0};
    struct pack small = {&mask, 4}, bad = {BAD, 8};
    FD_ZERO(&in); FD_SET(lowest_free(), &in);
    CHECK_ERRNO(EBADF, select_of(lowest_free() + 1, &in, NULL, NULL, &none, NULL));
    CHECK(FD_ISSET(lowest_free(), &in)); /* and the sets stay */
    CHECK_ERRNO(EINVAL, select_of(-1, &in, NULL, NULL, &none, NULL));
    CHECK_ERRNO(EINVAL, select_of(1, &in, NULL, NULL, &wrong, NULL));
    CHECK_ERRNO(EINVAL, select_of(1, &in, NULL, NULL, &negative, &bad));
    CHECK_ERRNO(EFAULT, select_of(-1, BAD, NULL, NULL, &wrong, BAD)); /* pack, time, mask, count, sets */
    CHECK_ERRNO(EFAULT, select_of(-1, BAD, NULL, NULL, BAD, &small));
    CHECK_ERRNO(EINVAL, select_of(1, BAD, NULL, NULL, &none, &small));
    CHECK_ERRNO(EFAULT, select_of(-1, BAD, NULL, NULL, &none, &bad));
    CHECK_ERRNO(EINVAL, select_of(-1, BAD, NULL, NULL, &none, NULL));
    CHECK_ERRNO(EFAULT, select_of(1, BAD, NULL, NULL, &none, NULL));
    CHECK_ERRNO(EFAULT, select_of(1, NULL, at_edge(7), NULL, &none, NULL));
    CHECK_EQ(0, select_of(0, BAD, BAD, BAD, &none, NULL));
}
