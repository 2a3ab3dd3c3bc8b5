#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <signal.h>
#include <time.h>

CASE(moves_the_offset)
{
    int fd = file_of("f", "abcdef");
    char got[16] = "";
    CHECK_EQ(4, read(fd, got, 4));
    CHECK_EQ(2, read(fd, got + 4, 10));
    CHECK(strcmp(got, "abcdef") == 0);
    CHECK_EQ(0, read(fd, got, 10));
    CHECK_EQ(6, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(100, lseek(fd, 100, SEEK_SET)); /* far behind the end */
    CHECK_EQ(0, read(fd, got, 10));
}

CASE(holes_are_zeros)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    char got[8] = "xxxxxxx";
    CHECK_EQ(1, pwrite(fd, "z", 1, 100000));
    CHECK_EQ(8, read(fd, got, 8));
    CHECK(memcmp(got, "\0\0\0\0\0\0\0\0", 8) == 0);
}

CASE(access_time)
{
    int fd = file_of("f", "abc");
    char byte;
    struct timespec old[2] = {{1000, 0}, {2000, 0}};
    CHECK_EQ(0, futimens(fd, old));
    CHECK_EQ(1, read(fd, &byte, 1));
    CHECK(facts_of("f").st_mtim.tv_sec == 2000);
    CHECK(facts_of("f").st_atim.tv_sec != 2000);
}

CASE(a_pipe_gives_what_it_has)
{
    int ends[2];
    char got[16];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(3, write(ends[1], "abc", 3));
    CHECK_EQ(2, write(ends[1], "de", 2));
    CHECK_EQ(5, read(ends[0], got, sizeof got));
    CHECK_EQ(0, read(ends[0], got, 0)); /* waits for nothing */
    pid_t child = fork();
    if (child == 0) {
        struct timespec nap = {0, 5000000};
        nanosleep(&nap, NULL);
        _exit(write(ends[1], "later", 5) != 5);
    }
    CHECK_EQ(5, read(ends[0], got, sizeof got));
    CHECK(memcmp(got, "later", 5) == 0);
    waitpid(child, NULL, 0);
    close(ends[1]);
    CHECK_EQ(0, read(ends[0], got, sizeof got));
}

static void handler(int signo)
{
    (void)signo;
}

CASE(a_signal_ends_the_wait_or_not)
{
    int ends[2];
    char byte;
    struct sigaction action = {.sa_handler = handler}, restart = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    CHECK_EQ(0, pipe(ends));
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        struct timespec nap = {0, 10000000};
        nanosleep(&nap, NULL);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    CHECK_ERRNO(EINTR, read(ends[0], &byte, 1));
    waitpid(child, NULL, 0);
    sigaction(SIGUSR1, &restart, NULL);
    child = fork();
    if (child == 0) {
        struct timespec nap = {0, 10000000};
        nanosleep(&nap, NULL);
        kill(parent, SIGUSR1);
        nanosleep(&nap, NULL);
        _exit(write(ends[1], "r", 1) != 1);
    }
    CHECK_EQ(1, read(ends[0], &byte, 1));
    waitpid(child, NULL, 0);
}

CASE(bad_memory)
{
    int fd = file_of("f", "abcdefgh");
    CHECK_ERRNO(EFAULT, read(fd, BAD, 4));
    CHECK_ERRNO(EFAULT, read(fd, NULL, 4));
    CHECK_ERRNO(EFAULT, read(fd, readonly_page(), 4));
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    char *edge = at_edge(3);
    CHECK_EQ(3, read(fd, edge, 8)); /* what fits, and the offset says so */
    CHECK(memcmp(edge, "abc", 3) == 0);
    CHECK_EQ(3, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(0, read(fd, unmapped_page(), 0));
    CHECK_ERRNO(EFAULT, read(fd, BAD, 0)); /* no user address at all, though nothing is stored */
    CHECK_EQ(8, lseek(fd, 0, SEEK_END));
    CHECK_EQ(0, read(fd, unmapped_page(), 4)); /* nothing to store at the end */
    CHECK_ERRNO(EFAULT, read(fd, BAD, 4));
    int ends[2];
    char got[8];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(3, write(ends[1], "abc", 3));
    CHECK_ERRNO(EFAULT, read(ends[0], unmapped_page(), 3));
    CHECK_ERRNO(EFAULT, read(ends[0], at_edge(2), 3));
    CHECK_EQ(3, read(ends[0], got, 8)); /* and nothing is lost */
}

CASE(huge_counts)
{
    int fd = file_of("f", "abc");
    static char room[16];
    CHECK_EQ(3, syscall(SYS_read, fd, room, 0x7fffffffl));
    CHECK_ERRNO(EFAULT, syscall(SYS_read, fd, room, -1l)); /* reaches past the user's addresses */
    CHECK_ERRNO(EFAULT, syscall(SYS_read, fd, room, 1l << 63));
}

CASE(errors)
{
    char byte;
    int fd = open("f", O_CREAT | O_WRONLY, 0600), folder = open(".", O_RDONLY);
    CHECK_ERRNO(EBADF, read(99, &byte, 1));
    CHECK_ERRNO(EBADF, read(-1, &byte, 1));
    CHECK_ERRNO(EBADF, read(fd, &byte, 1));
    CHECK_ERRNO(EBADF, read(fd, BAD, 1));
    CHECK_ERRNO(EBADF, read(fd, &byte, 0));
    CHECK_ERRNO(EISDIR, read(folder, &byte, 1));
    CHECK_ERRNO(EISDIR, read(folder, &byte, 0));
    CHECK_ERRNO(EFAULT, read(folder, BAD, 1));
    CHECK_ERRNO(EISDIR, read(folder, unmapped_page(), 1));
}
