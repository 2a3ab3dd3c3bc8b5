#define _GNU_SOURCE
#include "check.h"
#include "files.h"
#include <sys/file.h>
#include <signal.h>
#include <time.h>

CASE(one_writer_or_many_readers)
{
    make_file("f", "");
    int a = open("f", O_RDONLY), b = open("f", O_RDONLY), c = open("f", O_WRONLY);
    CHECK_EQ(0, flock(a, LOCK_SH) | flock(b, LOCK_SH));
    CHECK_ERRNO(EAGAIN, flock(c, LOCK_EX | LOCK_NB));
    CHECK_EQ(0, flock(a, LOCK_UN));
    CHECK_EQ(0, flock(b, LOCK_EX | LOCK_NB)); /* becomes the other kind */
    CHECK_ERRNO(EAGAIN, flock(a, LOCK_SH | LOCK_NB));
    CHECK_EQ(0, flock(b, LOCK_UN) | flock(b, LOCK_UN) | flock(c, LOCK_EX | LOCK_NB));
}

CASE(the_open_file_holds_it)
{
    make_file("f", "");
    int a = open("f", O_RDONLY), same = dup(a), b = open("f", O_RDONLY);
    CHECK_EQ(0, flock(a, LOCK_EX) | flock(same, LOCK_EX | LOCK_NB));
    close(a);
    CHECK_ERRNO(EAGAIN, flock(b, LOCK_EX | LOCK_NB));
    pid_t child = fork();
    if (child == 0)
        _exit(flock(same, LOCK_UN)); /* and a child, too, can give it back */
    waitpid(child, NULL, 0);
    CHECK_EQ(0, flock(b, LOCK_EX | LOCK_NB));
    close(b);
    CHECK_EQ(0, flock(same, LOCK_EX | LOCK_NB));
}

CASE(what_cannot_be_converted_is_lost)
{
    make_file("f", "");
    int a = open("f", O_RDONLY), b = open("f", O_RDONLY), c = open("f", O_RDONLY);
    CHECK_EQ(0, flock(a, LOCK_SH) | flock(b, LOCK_SH));
    CHECK_ERRNO(EAGAIN, flock(a, LOCK_EX | LOCK_NB)); /* flock(2): not atomic */
    CHECK_EQ(0, flock(b, LOCK_UN) | flock(c, LOCK_EX | LOCK_NB));
}

CASE(waits)
{
    make_file("f", "");
    int a = open("f", O_RDONLY), b = open("f", O_RDONLY), status;
    CHECK_EQ(0, flock(a, LOCK_EX));
    pid_t child = fork();
    if (child == 0)
        _exit(flock(b, LOCK_EX));
    struct timespec nap = {0, 3000000};
    nanosleep(&nap, NULL);
    CHECK_EQ(0, waitpid(child, &status, WNOHANG));
    CHECK_EQ(0, flock(a, LOCK_UN));
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    CHECK_ERRNO(EAGAIN, flock(a, LOCK_SH | LOCK_NB));
}

static void handler(int signo)
{
    (void)signo;
}

CASE(a_signal_ends_the_wait)
{
    make_file("f", "");
    int a = open("f", O_RDONLY), b = open("f", O_RDONLY);
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
    CHECK_EQ(0, flock(a, LOCK_EX));
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        struct timespec nap = {0, 10000000};
        nanosleep(&nap, NULL);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    CHECK_ERRNO(EINTR, flock(b, LOCK_EX));
    waitpid(child, NULL, 0);
}

CASE(errors)
{
    int fd = file_of("f", "");
    CHECK_ERRNO(EBADF, flock(99, LOCK_SH));
    CHECK_ERRNO(EBADF, flock(open("f", O_PATH), LOCK_SH));
    CHECK_ERRNO(EINVAL, flock(fd, 0));
    CHECK_ERRNO(EINVAL, flock(fd, LOCK_SH | LOCK_EX));
    CHECK_ERRNO(EINVAL, flock(fd, LOCK_NB));
    CHECK_ERRNO(EINVAL, flock(fd, 16));
}
