#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <signal.h>
#include <time.h>

CASE(moves_the_offset)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(3, write(fd, "abc", 3));
    CHECK_EQ(3, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(1, lseek(fd, 1, SEEK_SET));
    CHECK_EQ(1, write(fd, "X", 1));
    check_file("f", "aXc");
    CHECK_EQ(5, lseek(fd, 5, SEEK_SET));
    CHECK_EQ(1, write(fd, "Y", 1)); /* leaves a hole of zeros */
    char got[7];
    CHECK_EQ(6, pread(fd, got, 7, 0));
    CHECK(memcmp(got, "aXc\0\0Y", 6) == 0);
}

CASE(nothing)
{
    int fd = file_of("f", "abc");
    struct timespec old[2] = {{1000, 0}, {2000, 0}};
    CHECK_EQ(0, futimens(fd, old));
    CHECK_EQ(0, write(fd, "", 0));
    CHECK_EQ(0, write(fd, unmapped_page(), 0));
    CHECK_EQ(2000, facts_of("f").st_mtim.tv_sec); /* nothing was written */
    CHECK_EQ(1, write(fd, "x", 1));
    CHECK(facts_of("f").st_mtim.tv_sec > 2000);
    CHECK(facts_of("f").st_ctim.tv_sec > 2000);
}

CASE(takes_the_set_id_bits)
{
    make_file("f", ""), make_file("g", "");
    if (geteuid() == 0) {
        CHECK_EQ(0, chown("f", NOBODY, NOBODY));
        CHECK_EQ(0, chown("g", NOBODY, NOBODY));
    }
    CHECK_EQ(0, chmod("f", 06755));
    CHECK_EQ(0, chmod("g", 06745)); /* without execution for the group S_ISGID means something else */
    as_ordinary_user();
    int f = open("f", O_WRONLY), g = open("g", O_WRONLY);
    CHECK_EQ(06755, mode_of("f"));
    CHECK_EQ(1, write(f, "x", 1));
    CHECK_EQ(0755, mode_of("f"));
    CHECK_EQ(1, write(g, "x", 1));
    CHECK_EQ(02745, mode_of("g"));
}

CASE(bad_memory)
{
    int fd = open("f", O_CREAT | O_RDWR, 0600), ends[2];
    CHECK_ERRNO(EFAULT, write(fd, BAD, 4));
    CHECK_ERRNO(EFAULT, write(fd, NULL, 4));
    CHECK_ERRNO(EFAULT, write(fd, BAD, 0)); /* no user address at all */
    CHECK_EQ(0, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(0, facts_of("f").st_size);
    CHECK_EQ(4, write(fd, readonly_page(), 4));
    char *edge = at_edge(3);
    memcpy(edge, "abc", 3);
    CHECK_EQ(3, write(fd, edge, 8)); /* as much as there is */
    CHECK_EQ(7, lseek(fd, 0, SEEK_CUR));
    CHECK_EQ(0, pipe2(ends, O_NONBLOCK));
    CHECK_ERRNO(EFAULT, write(ends[1], unmapped_page(), 3));
    char byte;
    CHECK_ERRNO(EAGAIN, read(ends[0], &byte, 1));
}

CASE(a_full_pipe_waits)
{
    static char block[5 * 65536 + 5000], part[10007];
    int ends[2];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)(i % 251);
    CHECK_EQ(0, pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        size_t seen = 0;
        close(ends[1]);
        for (ssize_t size; (size = read(ends[0], part, sizeof part)) > 0; seen += (size_t)size)
            if (memcmp(part, block + seen, (size_t)size) != 0)
                _exit(1);
        _exit(seen != sizeof block);
    }
    CHECK_EQ(sizeof block, write(ends[1], block, sizeof block));
    close(ends[1]);
    int status;
    waitpid(child, &status, 0);
    CHECK_EQ(0, status);
}

static volatile sig_atomic_t caught;

static void catch(int signo)
{
    caught = signo;
}

CASE(nobody_reads)
{
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    close(ends[0]);
    signal(SIGPIPE, catch);
    CHECK_ERRNO(EPIPE, write(ends[1], "x", 1));
    CHECK_EQ(SIGPIPE, caught);
    caught = 0;
    CHECK_EQ(0, write(ends[1], "x", 0));
    CHECK_EQ(0, caught);
    signal(SIGPIPE, SIG_DFL);
    pid_t child = fork();
    if (child == 0)
        _exit(write(ends[1], "x", 1) == 1);
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(SIGPIPE, WTERMSIG(status));
}

CASE(the_limit_of_a_file_size)
{
    struct rlimit limit = {10, RLIM_INFINITY};
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    getrlimit(RLIMIT_FSIZE, &limit), limit.rlim_cur = 10;
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
    signal(SIGXFSZ, catch);
    CHECK_EQ(8, write(fd, "12345678", 8));
    CHECK_EQ(2, write(fd, "90ab", 4)); /* as much as is allowed */
    CHECK_EQ(0, caught);
    CHECK_ERRNO(EFBIG, write(fd, "c", 1));
    CHECK_EQ(SIGXFSZ, caught);
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    CHECK_EQ(4, write(fd, "wxyz", 4));
}

CASE(errors)
{
    int fd = open("f", O_CREAT | O_RDONLY, 0600), folder = open(".", O_RDONLY);
    CHECK_ERRNO(EBADF, write(99, "x", 1));
    CHECK_ERRNO(EBADF, write(-1, "x", 1));
    CHECK_ERRNO(EBADF, write(fd, "x", 1));
    CHECK_ERRNO(EBADF, write(fd, BAD, 1));
    CHECK_ERRNO(EBADF, write(fd, "x", 0));
    CHECK_ERRNO(EBADF, write(folder, "x", 1));
}
