#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

static long ppoll_of(void *files, unsigned count, void *timeout, const void *mask, size_t size)
{
    return syscall(SYS_ppoll, files, count, timeout, mask, size);
}

static struct timespec none;

CASE(what_is_ready)
{
    int p[2], file = file_of("f", "");
    CHECK_EQ(0, pipe(p));
    struct pollfd all[] = {{p[0], POLLIN, 9}, {p[1], POLLOUT, 9}, {-1, POLLIN, 9}, {file, POLLIN | POLLOUT | POLLPRI, 9},
                           {99, 0, 9}, {p[1], POLLIN, 9}, {open("f", O_PATH), POLLIN, 9}};
    CHECK_EQ(4, ppoll_of(all, 7, &none, NULL, 8));
    CHECK_EQ(0, all[0].revents);
    CHECK_EQ(POLLOUT, all[1].revents);
    CHECK_EQ(0, all[2].revents); /* a negative number is left out */
    CHECK_EQ(POLLIN | POLLOUT, all[3].revents);
    CHECK_EQ(POLLNVAL, all[4].revents);
    CHECK_EQ(0, all[5].revents);
    CHECK_EQ(POLLNVAL, all[6].revents);
    CHECK_EQ(1, write(p[1], "x", 1));
    CHECK_EQ(1, ppoll_of(all, 1, NULL, NULL, 0));
    CHECK_EQ(POLLIN, all[0].revents);
}

CASE(ends_that_have_gone)
{
    int p[2];
    CHECK_EQ(0, pipe(p));
    struct pollfd end = {p[0], 0, 0};
    close(p[1]);
    CHECK_EQ(1, ppoll_of(&end, 1, NULL, NULL, 0));
    CHECK_EQ(POLLHUP, end.revents); /* told unasked */
    CHECK_EQ(0, pipe(p));
    close(p[0]);
    end.fd = p[1];
    CHECK_EQ(1, ppoll_of(&end, 1, NULL, NULL, 0));
    CHECK_EQ(POLLERR, end.revents);
}

CASE(time)
{
    int p[2];
    struct timespec some = {0, 5000000}, much = {100, 0}, before, after;
    CHECK_EQ(0, pipe(p));
    struct pollfd end = {p[0], POLLIN, 0};
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_EQ(0, ppoll_of(&end, 1, &some, NULL, 0));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec - before.tv_nsec >= 5000000);
    CHECK(some.tv_sec == 0 && some.tv_nsec == 0); /* the kernel tells what is left */
    CHECK_EQ(1, write(p[1], "x", 1));
    CHECK_EQ(1, ppoll_of(&end, 1, &much, NULL, 0));
    CHECK(much.tv_sec >= 90 && much.tv_sec <= 100);
    some = (struct timespec){0, 1000};
    CHECK_EQ(0, ppoll_of(NULL, 0, &some, NULL, 0)); /* of nobody: a sleep */
}

static void handler(int signo)
{
    (void)signo;
}

CASE(with_another_mask)
{
    uint64_t empty = 0;
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigset_t blocked, now;
    sigaction(SIGUSR1, &action, 0);
    sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, 0);
    raise(SIGUSR1);
    CHECK_EQ(0, ppoll_of(NULL, 0, &none, NULL, 0));
    CHECK_ERRNO(EINTR, ppoll_of(NULL, 0, NULL, &empty, 8));
    sigprocmask(SIG_SETMASK, NULL, &now);
    CHECK(sigismember(&now, SIGUSR1));
}

CASE(errors)
{
    struct pollfd end = {0, POLLIN, 0};
    struct timespec wrong = {0, 1000000000}, negative = {-1, 0};
    uint64_t mask = 0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur = 64;
    CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
    static struct pollfd many[65];
    for (int i = 0; i < 65; i++)
        many[i].fd = -1;
    CHECK_EQ(0, ppoll_of(many, 64, &none, NULL, 0));
    CHECK_ERRNO(EINVAL, ppoll_of(many, 65, &none, NULL, 0)); /* more than there can be open */
    CHECK_ERRNO(EINVAL, ppoll_of(BAD, 65, &none, NULL, 0));
    CHECK_ERRNO(EINVAL, ppoll_of(&end, 1, &wrong, NULL, 0));
    CHECK_ERRNO(EINVAL, ppoll_of(&end, 1, &negative, BAD, 4));
    CHECK_ERRNO(EFAULT, ppoll_of(&end, 65, BAD, NULL, 0)); /* the time, the mask, how many, where */
    CHECK_ERRNO(EINVAL, ppoll_of(BAD, 1, &none, &mask, 4));
    CHECK_ERRNO(EFAULT, ppoll_of(BAD, 65, &none, BAD, 8));
    CHECK_ERRNO(EFAULT, ppoll_of(BAD, 1, &none, NULL, 0));
    CHECK_ERRNO(EFAULT, ppoll_of(at_edge(7), 1, &none, NULL, 0));
    CHECK_ERRNO(EFAULT, ppoll_of(readonly_page(), 1, &none, NULL, 0));
}
