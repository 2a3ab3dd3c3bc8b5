/* File systems in memory share what there is of it: those without a limit, /dev, and memfds. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char data[1 << 20];

/* Fills a file up to 200 MiB; how many MiB went in. */
static int filled(int fd)
{
    int done = 0;
    CHECK(fd >= 0);
    while (done < 200 && write(fd, data, sizeof(data)) == sizeof(data))
        done++;
    return done;
}

CASE(together_they_hold_what_there_is)
{
    int total = 0, memfd = syscall(SYS_memfd_create, "m", 0);
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mkdir("b", 0755));
    CHECK_EQ(0, mount("none", "a", "tmpfs", 0, "size=0"));
    CHECK_EQ(0, mount("none", "b", "tmpfs", 0, "size=1000g"));
    total += filled(open("a/f", O_CREAT | O_WRONLY, 0600));
    total += filled(open("b/f", O_CREAT | O_WRONLY, 0600));
    total += filled(open("/dev/f", O_CREAT | O_WRONLY, 0600));
    total += filled(memfd);
    CHECK(total >= 100 && total <= 128);
    CHECK_ERRNO(ENOSPC, write(memfd, data, sizeof(data)));
    CHECK_EQ(0, unlink("a/f"));
}

CASE(what_is_unmounted_is_free_again)
{
    CHECK_EQ(0, mkdir("a", 0755));
    for (int round = 0; round < 10; round++) {
        CHECK_EQ(0, mount("none", "a", "tmpfs", 0, "size=40m"));
        int file = open("a/f", O_CREAT | O_WRONLY, 0600);
        CHECK_EQ(40, filled(file));
        if (round % 2) {
            CHECK_EQ(0, umount2("a", MNT_DETACH));
            CHECK_EQ(0, close(file));
        } else {
            CHECK_EQ(0, close(file));
            CHECK_EQ(0, umount("a"));
        }
    }
}

CASE(a_map_of_a_full_tree)
{
    CHECK_EQ(0, mkdir("a", 0755));
    CHECK_EQ(0, mount("none", "a", "tmpfs", 0, "size=8k"));
    int file = open("a/f", O_CREAT | O_RDWR, 0600), status;
    CHECK_EQ(0, ftruncate(file, 1 << 20));
    char *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(map != MAP_FAILED);
    map[0] = map[4096] = 1;
    pid_t child = fork();
    if (child == 0) {
        map[8192] = 1;
        _exit(0);
    }
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(SIGBUS, WTERMSIG(status));
    CHECK_ERRNO(EFAULT, read(open("/dev/zero", O_RDONLY), map + 8192, 1));
}
