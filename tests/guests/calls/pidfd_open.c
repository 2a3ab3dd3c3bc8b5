#define _GNU_SOURCE
#include "check.h"
#include "pidfds.h"
#include <sys/resource.h>

CASE(poll_tells_the_end)
{
    pid_t child = child_that_waits();
    int fd = pidfd_of(child);
    CHECK(fd >= 3);
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(O_RDWR, fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
    CHECK_EQ(0, events_of(fd, 0));
    CHECK_EQ(0, kill(child, SIGKILL));
    CHECK_EQ(POLLIN, events_of(fd, 5000));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK(events_of(fd, 0) & POLLIN);
}

CASE(poll_of_one_that_has_ended)
{
    pid_t child = child_that_exits(3);
    await_zombie(child);
    int fd = pidfd_of(child);
    CHECK(fd >= 0);
    CHECK_EQ(POLLIN, events_of(fd, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

CASE(nonblock)
{
    int fd = (int)syscall(SYS_pidfd_open, getpid(), O_NONBLOCK);
    CHECK(fd >= 0);
    CHECK_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
}

CASE(is_no_file_of_bytes)
{
    char byte = 0;
    int fd = pidfd_of(getpid());
    CHECK_ERRNO(EINVAL, read(fd, &byte, 1));
    CHECK_ERRNO(EINVAL, write(fd, &byte, 1));
    CHECK_ERRNO(ESPIPE, lseek(fd, 0, SEEK_CUR));
}

CASE(shown_in_fdinfo)
{
    char path[64], text[512], wanted[64];
    pid_t child = child_that_waits();
    int fd = pidfd_of(child);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    snprintf(wanted, sizeof wanted, "\nPid:\t%d\nNSpid:\t%d", child, child);
    int info = open(path, O_RDONLY);
    text[read(info, text, sizeof text - 1)] = 0;
    CHECK(strstr(text, wanted) != NULL);
    end(child);
    lseek(info, 0, SEEK_SET);
    close(info);
    info = open(path, O_RDONLY);
    text[read(info, text, sizeof text - 1)] = 0;
    CHECK(strstr(text, "\nPid:\t-1\n") != NULL);
}

CASE(errors)
{
    struct rlimit limit = {3, 3};
    pid_t child = child_that_exits(0);
    CHECK_ERRNO(EINVAL, syscall(SYS_pidfd_open, 0, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_pidfd_open, -1, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_pidfd_open, -1, 1));
    CHECK_ERRNO(EINVAL, syscall(SYS_pidfd_open, getpid(), 1));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK_ERRNO(ESRCH, syscall(SYS_pidfd_open, child, 0));
    CHECK_ERRNO(ESRCH, syscall(SYS_pidfd_open, 0x3fffffff, 0));
    CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
    CHECK_ERRNO(EMFILE, syscall(SYS_pidfd_open, getpid(), 0));
}

#ifdef __riscv
#include <pthread.h>

static pid_t thread_id;
static int to_end[2];

static void *ends_when_told(void *unused)
{
    char byte;
    thread_id = (pid_t)syscall(SYS_gettid);
    write(to_end[1], "r", 1);
    read(to_end[0], &byte, 1);
    return unused;
}

/* PIDFD_THREAD came with Linux 6.9; what a plain pidfd of a thread gives is ours, 6.12's. kernel/pid.c */
CASE(of_a_thread)
{
    pthread_t thread;
    int ready[2];
    char byte;
    CHECK_EQ(0, pipe(to_end));
    CHECK_EQ(0, pipe(ready));
    int hold = to_end[1];
    to_end[1] = ready[1];
    CHECK_EQ(0, pthread_create(&thread, NULL, ends_when_told, NULL));
    CHECK_EQ(1, read(ready[0], &byte, 1));
    CHECK_ERRNO(EINVAL, syscall(SYS_pidfd_open, thread_id, 0));
    int fd = (int)syscall(SYS_pidfd_open, thread_id, O_EXCL);
    CHECK(fd >= 0);
    CHECK_EQ(O_EXCL, fcntl(fd, F_GETFL) & O_EXCL);
    CHECK_EQ(0, events_of(fd, 0));
    write(hold, "x", 1);
    CHECK_EQ(0, pthread_join(thread, NULL));
    CHECK_EQ(POLLIN | POLLHUP, events_of(fd, 5000));
}
#endif
