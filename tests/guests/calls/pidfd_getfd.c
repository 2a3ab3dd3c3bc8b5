#define _GNU_SOURCE
#include "check.h"
#include "pidfds.h"

static long getfd(int fd, int number, unsigned flags)
{
    return syscall(SYS_pidfd_getfd, fd, number, flags);
}

CASE(the_same_open_file)
{
    int start[2], file = open("f", O_CREAT | O_RDWR, 0600);
    char byte;
    CHECK_EQ(0, pipe(start));
    pid_t child = fork();
    if (child == 0) {
        int own = open("g", O_CREAT | O_RDWR, 0600);
        dup2(own, 77);
        write(77, "hello", 5);
        write(start[1], "x", 1);
        for (;;)
            pause();
    }
    CHECK_EQ(1, read(start[0], &byte, 1));
    int fd = pidfd_of(child);
    int copy = (int)getfd(fd, 77, 0);
    CHECK(copy > file);
    CHECK_EQ(FD_CLOEXEC, fcntl(copy, F_GETFD));
    CHECK_EQ(5, lseek(copy, 0, SEEK_CUR)); /* the offset is shared */
    end(child);
    CHECK_EQ(5, lseek(copy, 0, SEEK_END)); /* and it lives on */
}

CASE(errors)
{
    pid_t child = child_that_waits();
    int fd = pidfd_of(child);
    CHECK_ERRNO(EINVAL, getfd(-1, -1, 1));
    CHECK_ERRNO(EBADF, getfd(-1, 0, 0));
    CHECK_ERRNO(EBADF, getfd(0, 0, 0)); /* not a pidfd */
    CHECK_ERRNO(EBADF, getfd(fd, 99, 0));
    CHECK_ERRNO(EBADF, getfd(fd, -1, 0));
    CHECK_EQ(0, kill(child, SIGKILL));
    await_zombie(child);
    CHECK_ERRNO(ESRCH, getfd(fd, 0, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    CHECK_ERRNO(ESRCH, getfd(fd, 0, 0));
}

CASE(another_user_may_not)
{
    if (geteuid() != 0)
        return;
    pid_t target = child_that_waits();
    int fd = pidfd_of(target), status = -1;
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(0, setgid(12345));
        CHECK_EQ(0, setuid(12345));
        CHECK_ERRNO(EPERM, getfd(fd, 0, 0));
        CHECK_ERRNO(EPERM, syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
        _exit(0);
    }
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    end(target);
}
