/* What a hostile or broken program of the ABI linux may try; only in rvsim. The first process must survive it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "check.h"

static int status_of(pid_t pid)
{
    int status = -1;
    CHECK_EQ(pid, waitpid(pid, &status, 0));
    return status;
}

static long reap_all(void)
{
    long count = 0;
    while (wait(NULL) > 0)
        count++;
    return count;
}

CASE(fork_bomb)
{
    for (int round = 0; round < 2; round++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            for (;;)
                if (fork() < 0)
                    pause();
        usleep(50000);
        while (kill(-1, SIGKILL) == 0)
            reap_all();
    }
}

CASE(takes_all_memory)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;) {
            char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (at == MAP_FAILED)
                pause();
            memset(at, 1, 1 << 20);
        }
    int status = status_of(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

CASE(takes_all_shared_memory)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;) {
            char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            if (at == MAP_FAILED)
                pause();
            memset(at, 1, 1 << 20);
        }
    int status = status_of(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

CASE(fork_when_memory_runs_out)
{
    /* Each generation holds more than fork can double: it fails half-way, and all of it comes back. */
    pid_t pid = fork();
    if (pid == 0) {
        char *at = mmap(NULL, 256l << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        for (long i = 0; i < 256l << 20; i += 2 << 20)
            at[i] = 1; /* a table each */
        for (int i = 0; i < 300; i++)
            if (fork() < 0)
                _exit(errno == ENOMEM || errno == EAGAIN ? 11 : 12);
        sleep(1);
        _exit(13);
    }
    int status = status_of(pid);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 11);
    while (kill(-1, SIGKILL) == 0)
        reap_all();
    CHECK_EQ(0, status_of(fork() ?: (_exit(0), 0)));
}

CASE(maps_everything)
{
    CHECK_ERRNO(ENOMEM, mmap(NULL, 1ul << 38, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    int count = 0;
    while (mmap(NULL, 1ul << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED)
        count++;
    CHECK(count > 100);
    CHECK_EQ(ENOMEM, errno);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(0);
    CHECK_EQ(0, status_of(pid));
}

CASE(unmaps_everything)
{
    for (int which = 0; which < 3; which++) {
        pid_t pid = fork();
        if (pid == 0) {
            uintptr_t here = (uintptr_t)&pid & ~4095ul, code = (uintptr_t)&status_of & ~4095ul;
            syscall(SYS_munmap, which == 0 ? 0 : which == 1 ? here : code & ~0xfffffful,
                    which == 0 ? (1l << 38) - 4096 : which == 1 ? 4096 : 1 << 24);
            _exit(0);
        }
        CHECK_EQ(SIGSEGV, WTERMSIG(status_of(pid)));
    }
}

CASE(many_areas)
{
    char *at = mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; i < 16 << 20; i += 8192)
        CHECK_EQ(0, mprotect(at + i, 4096, PROT_READ | PROT_WRITE));
    for (long i = 0; i < 16 << 20; i += 8192)
        at[i] = 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(munmap(at, 16 << 20));
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(0, munmap(at, 16 << 20));
}

CASE(pipes_full_of_pipes)
{
    int ends[2], made = 0;
    while (pipe(ends) == 0)
        made++;
    CHECK_EQ(EMFILE, errno);
    CHECK(made > 400);
    while (dup(0) >= 0)
        ;
    CHECK_ERRNO(EMFILE, open("/dev/null", O_RDONLY));
    CHECK_ERRNO(EMFILE, dup(0));
    CHECK_ERRNO(EBADF, dup(100000));
    CHECK_ERRNO(EBADF, dup3(0, 0x7fffffff, 0));
}

static int sleeps(void *unused)
{
    (void)unused;
    for (;;)
        pause();
}

CASE(more_tasks_than_allowed)
{
    char *stacks = mmap(NULL, 4096 * 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int made = 0;
    while (clone(sleeps, stacks + 4096 * 16, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD, NULL) > 0)
        made++;
    CHECK_EQ(EAGAIN, errno);
    CHECK(made > 50);
}

CASE(a_file_system_that_is_full)
{
    static char block[1 << 16];
    int fd = open("/tmp/big", O_CREAT | O_WRONLY, 0600);
    long total = 0, n;
    while ((n = write(fd, block, sizeof block)) > 0)
        total += n;
    CHECK(n == -1 && errno == ENOSPC && total > 1 << 20);
    CHECK_EQ(0, close(fd));
    CHECK_EQ(0, unlink("/tmp/big"));
}

CASE(a_sparse_file_is_cheap)
{
    int fd = open("/tmp/sparse", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(0, ftruncate(fd, 1l << 40));
    char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 1l << 39);
    if (at != MAP_FAILED) {
        at[5] = 1;
        CHECK_EQ(0, munmap(at, 1 << 20));
    }
    char byte = 9;
    CHECK_EQ(1, pread(fd, &byte, 1, 1l << 38));
    CHECK_EQ(0, byte);
    CHECK_EQ(0, unlink("/tmp/sparse"));
}

CASE(huge_counts)
{
    char byte = 0;
    int fd = open("/dev/null", O_RDWR);
    CHECK(fd > 2);
    struct iovec vector = {&byte, (size_t)1 << 63};
    CHECK_ERRNO(EINVAL, writev(fd, &vector, 1));
    CHECK_ERRNO(EINVAL, writev(fd, &vector, 1025));
    CHECK_ERRNO(EINVAL, writev(fd, &vector, -1));
    CHECK_ERRNO(EINVAL, poll(NULL, (nfds_t)-1, 0));
    CHECK_ERRNO(EFAULT, getgroups(65536, (gid_t *)8) == 0 ? (errno = EFAULT, -1) : -1);
    CHECK_ERRNO(EINVAL, syscall(SYS_setgroups, 70000, &byte));
    CHECK_ERRNO(EINVAL, pread(fd, &byte, 1, -1));
    CHECK(syscall(SYS_getrandom, (void *)8, 1ul << 40, 0) == -1);
}
