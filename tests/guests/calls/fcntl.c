#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <limits.h>
#include <signal.h>
#include <time.h>

static long fcntl_of(int fd, unsigned command, const void *argument)
{
    return syscall(SYS_fcntl, fd, command, argument);
}

CASE(another_number)
{
    int fd = file_of("f", "abc");
    CHECK_EQ(40, fcntl(fd, F_DUPFD, 40));
    CHECK_EQ(41, fcntl(fd, F_DUPFD, 40)); /* the lowest from there on */
    CHECK_EQ(42, fcntl(fd, F_DUPFD_CLOEXEC, 40));
    CHECK_EQ(0, fcntl(41, F_GETFD));
    CHECK_EQ(FD_CLOEXEC, fcntl(42, F_GETFD));
    CHECK_EQ(2, lseek(40, 2, SEEK_SET));
    CHECK_EQ(2, lseek(fd, 0, SEEK_CUR));
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    CHECK_ERRNO(EINVAL, fcntl(fd, F_DUPFD, -1));
    CHECK_ERRNO(EINVAL, fcntl(fd, F_DUPFD, (int)limit.rlim_cur));
    CHECK_ERRNO(EBADF, fcntl(99, F_DUPFD, -1));
    limit.rlim_cur = 43;
    CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
    CHECK_ERRNO(EMFILE, fcntl(fd, F_DUPFD, 41));
}

CASE(flags)
{
    int fd = file_of("f", "abc");
    CHECK_EQ(0, fcntl(fd, F_SETFD, FD_CLOEXEC));
    CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
    CHECK_EQ(0, fcntl(fd, F_SETFD, 0xfffe)); /* one bit counts */
    CHECK_EQ(0, fcntl(fd, F_GETFD));
    CHECK_EQ(0, fcntl_of(fd, F_SETFL, (void *)(O_WRONLY | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC | O_SYNC)));
    CHECK_EQ(O_RDWR | O_APPEND | O_NONBLOCK, fcntl_of(fd, F_GETFL, NULL) & ~0100000);
    CHECK_EQ(1, write(fd, "d", 1));
    check_file("f", "abcd");
    CHECK_EQ(0, fcntl(fd, F_SETFL, 0));
    CHECK_EQ(O_RDWR, fcntl_of(fd, F_GETFL, NULL) & ~0100000);
    CHECK_EQ(0, fcntl(fd, F_SETFL, O_ASYNC)); /* a file sends no SIGIO: nothing stays of this */
    CHECK_EQ(O_RDWR, fcntl_of(fd, F_GETFL, NULL) & ~0100000);
}

static struct flock lock_of(int type, long start, long length)
{
    return (struct flock){.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static int set(int fd, int command, int type, long start, long length)
{
    struct flock lock = lock_of(type, start, length);
    return fcntl(fd, command, &lock);
}

/* What stands in the way of a child that wants [start, start + length): start * 1000 + length, 0: nothing. */
static int in_the_way(int fd, int type, long start, long length)
{
    int status;
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        struct flock lock = lock_of(type, start, length);
        if (fcntl(fd, F_GETLK, &lock) != 0 || (lock.l_type != F_UNLCK && lock.l_pid != parent))
            _exit(255);
        _exit(lock.l_type == F_UNLCK ? 0 : (int)(lock.l_start * 10 + lock.l_len));
    }
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

CASE(locks_of_a_process)
{
    int fd = file_of("f", "abc");
    CHECK_EQ(0, set(fd, F_SETLK, F_WRLCK, 2, 6));
    CHECK_EQ(0, in_the_way(fd, F_WRLCK, 0, 2));
    CHECK_EQ(26, in_the_way(fd, F_RDLCK, 0, 3));
    CHECK_EQ(26, in_the_way(fd, F_WRLCK, 7, 0));
    CHECK_EQ(0, in_the_way(fd, F_WRLCK, 8, 0));
    CHECK_EQ(0, set(fd, F_SETLK, F_UNLCK, 4, 2)); /* splits it */
    CHECK_EQ(22, in_the_way(fd, F_WRLCK, 0, 0));
    CHECK_EQ(62, in_the_way(fd, F_WRLCK, 4, 0));
    CHECK_EQ(0, set(fd, F_SETLK, F_RDLCK, 3, 4)); /* takes part of both */
    CHECK_EQ(21, in_the_way(fd, F_WRLCK, 0, 0));
    CHECK_EQ(34, in_the_way(fd, F_WRLCK, 3, 0));
    CHECK_EQ(0, in_the_way(fd, F_RDLCK, 3, 4));
    CHECK_EQ(0, set(fd, F_SETLK, F_WRLCK, 0, 0)); /* as far as the file may ever reach */
    CHECK_EQ(0, in_the_way(fd, F_WRLCK, LONG_MAX - 1, 0) - 0);
    CHECK_EQ(0, set(fd, F_SETLK, F_UNLCK, 0, 0));
    CHECK_EQ(0, in_the_way(fd, F_WRLCK, 0, 0));
}

CASE(places_of_locks)
{
    int fd = file_of("f", "0123456789");
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -4, .l_len = 2};
    CHECK_EQ(0, fcntl(fd, F_SETLK, &lock));
    CHECK_EQ(62, in_the_way(fd, F_WRLCK, 0, 0));
    CHECK_EQ(0, set(fd, F_SETLK, F_UNLCK, 0, 0));
    CHECK_EQ(5, lseek(fd, 5, SEEK_SET));
    lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 0, .l_len = -3}; /* what lies before */
    CHECK_EQ(0, fcntl(fd, F_SETLK, &lock));
    CHECK_EQ(23, in_the_way(fd, F_WRLCK, 0, 0));
    CHECK_ERRNO(EINVAL, set(fd, F_SETLK, F_WRLCK, -1, 1));
    CHECK_ERRNO(EINVAL, set(fd, F_SETLK, F_WRLCK, 2, -3));
    CHECK_ERRNO(EOVERFLOW, set(fd, F_SETLK, F_WRLCK, LONG_MAX, 2));
    lock.l_whence = 3;
    CHECK_ERRNO(EINVAL, fcntl(fd, F_SETLK, &lock));
}

CASE(locks_that_are_held)
{
    int fd = file_of("f", "abc"), gate[2], status;
    char byte;
    CHECK_EQ(0, pipe(gate) | set(fd, F_SETLK, F_WRLCK, 0, 1));
    pid_t child = fork();
    if (child == 0) {
        if (set(fd, F_SETLK, F_WRLCK, 0, 1) != -1 || errno != EAGAIN)
            _exit(1);
        if (set(fd, F_SETLK, F_WRLCK, 1, 1) != 0)
            _exit(2);
        close(gate[1]);
        _exit(set(fd, F_SETLKW, F_WRLCK, 0, 1) != 0 ? 3 : 0); /* waits */
    }
    close(gate[1]);
    CHECK_EQ(0, read(gate[0], &byte, 1));
    struct timespec nap = {0, 5000000};
    nanosleep(&nap, NULL);
    CHECK_ERRNO(EDEADLK, set(fd, F_SETLKW, F_WRLCK, 1, 1)); /* each would wait for the other */
    CHECK_EQ(0, set(fd, F_SETLK, F_UNLCK, 0, 1));
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
    CHECK_EQ(0, set(fd, F_SETLK, F_WRLCK, 0, 2)); /* with the process its locks went */
}

static void handler(int signo)
{
    (void)signo;
}

CASE(a_signal_ends_the_wait_for_a_lock)
{
    int fd = file_of("f", "abc"), status;
    CHECK_EQ(0, set(fd, F_SETLK, F_WRLCK, 0, 1));
    pid_t child = fork();
    if (child == 0) {
        struct sigaction action = {.sa_handler = handler};
        sigaction(SIGUSR1, &action, NULL);
        _exit(set(fd, F_SETLKW, F_WRLCK, 0, 1) != -1 || errno != EINTR);
    }
    do {
        struct timespec nap = {0, 5000000};
        nanosleep(&nap, NULL);
        kill(child, SIGUSR1);
    } while (waitpid(child, &status, WNOHANG) == 0);
    CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1)); /* it came before the handler */
}

#ifndef F_OFD_SETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif

CASE(locks_of_an_open_file)
{
    int fd = file_of("f", "abc"), same = dup(fd), other = open("f", O_RDWR);
    CHECK_EQ(0, set(fd, F_OFD_SETLK, F_WRLCK, 0, 0) | set(same, F_OFD_SETLK, F_WRLCK, 0, 0));
    CHECK_ERRNO(EAGAIN, set(other, F_OFD_SETLK, F_RDLCK, 1, 1)); /* in one process, too */
    CHECK_ERRNO(EAGAIN, set(fd, F_SETLK, F_WRLCK, 0, 1)); /* and against its own record locks */
    struct flock lock = lock_of(F_WRLCK, 0, 0);
    CHECK_EQ(0, fcntl(other, F_GETLK, &lock));
    CHECK_EQ(-1, lock.l_pid);
    close(fd);
    CHECK_ERRNO(EAGAIN, set(other, F_OFD_SETLK, F_RDLCK, 1, 1));
    close(same);
    CHECK_EQ(0, set(other, F_OFD_SETLK, F_RDLCK, 1, 1));
    lock = lock_of(F_WRLCK, 0, 0), lock.l_pid = 1;
    CHECK_ERRNO(EINVAL, fcntl(other, F_OFD_SETLK, &lock));
    CHECK_ERRNO(EINVAL, fcntl(other, F_OFD_GETLK, &lock));
}

CASE(errors_of_locks)
{
    int fd = file_of("f", "abc"), in = open("f", O_RDONLY), out = open("f", O_WRONLY);
    CHECK_ERRNO(EBADF, set(99, F_SETLK, F_WRLCK, 0, 0));
    CHECK_ERRNO(EBADF, set(in, F_SETLK, F_WRLCK, 0, 0));
    CHECK_ERRNO(EBADF, set(out, F_SETLK, F_RDLCK, 0, 0));
    CHECK_EQ(0, set(in, F_SETLK, F_RDLCK, 0, 0) | set(out, F_SETLK, F_UNLCK, 0, 0));
    CHECK_ERRNO(EINVAL, set(fd, F_SETLK, 7, 0, 0));
    CHECK_ERRNO(EINVAL, set(in, F_SETLK, F_WRLCK, -1, 0)); /* the place before the right */
    CHECK_ERRNO(EINVAL, set(fd, F_GETLK, F_UNLCK, 0, 0));
    CHECK_ERRNO(EFAULT, fcntl_of(fd, F_SETLK, BAD));
    CHECK_ERRNO(EFAULT, fcntl_of(fd, F_GETLK, NULL));
    CHECK_ERRNO(EFAULT, fcntl_of(in, F_SETLK, at_edge(31)));
    struct flock *shown = (struct flock *)readonly_page();
    CHECK_ERRNO(EFAULT, fcntl_of(fd, F_GETLK, shown));
}

CASE(sizes_of_pipes)
{
    int ends[2], fd = file_of("f", "");
    static char block[8192];
    CHECK_EQ(0, pipe2(ends, O_NONBLOCK));
    CHECK_EQ(65536, fcntl(ends[0], F_GETPIPE_SZ));
    CHECK_EQ(8192, fcntl(ends[0], F_SETPIPE_SZ, 5000)); /* the next power of two */
    CHECK_EQ(8192, fcntl(ends[1], F_GETPIPE_SZ));
    CHECK_EQ(8192, write(ends[1], block, 8192));
    CHECK_ERRNO(EBUSY, fcntl(ends[1], F_SETPIPE_SZ, 4096));
    CHECK_EQ(16384, fcntl(ends[1], F_SETPIPE_SZ, 16384));
    CHECK_EQ(8192, write(ends[1], block, 8192));
    CHECK_ERRNO(EAGAIN, write(ends[1], block, 1));
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(4096, fcntl(ends[0], F_SETPIPE_SZ, 0));
    CHECK_ERRNO(EINVAL, fcntl(ends[0], F_SETPIPE_SZ, -1));
    CHECK_ERRNO(EBADF, fcntl(fd, F_GETPIPE_SZ));
    CHECK_ERRNO(EBADF, fcntl(fd, F_SETPIPE_SZ, 4096));
    as_ordinary_user();
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(1 << 20, fcntl(ends[0], F_SETPIPE_SZ, 1 << 20)); /* pipe-max-size as it comes */
    CHECK_ERRNO(EPERM, fcntl(ends[0], F_SETPIPE_SZ, (1 << 20) + 1));
}

CASE(errors)
{
    int fd = file_of("f", "abc"), path = open("f", O_PATH);
    CHECK_ERRNO(EBADF, fcntl(99, F_GETFD));
    CHECK_ERRNO(EBADF, fcntl_of(99, 12345, NULL));
    CHECK_ERRNO(EINVAL, fcntl_of(fd, 12345, NULL));
    CHECK_ERRNO(EBADF, fcntl_of(path, 12345, NULL));
    CHECK_ERRNO(EBADF, fcntl(path, F_SETFL, O_APPEND));
    CHECK_ERRNO(EBADF, set(path, F_SETLK, F_RDLCK, 0, 0));
    CHECK_EQ(0, fcntl(path, F_GETFD) | fcntl(path, F_SETFD, 0));
    CHECK_EQ(50, fcntl(path, F_DUPFD, 50));
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, fcntl(fd, F_SETFL, O_NOATIME));
    CHECK_EQ(0, fcntl(fd, F_SETFL, 0) | fchmod(fd, 0666));
    as_ordinary_user();
    CHECK_ERRNO(EPERM, fcntl(fd, F_SETFL, O_NOATIME));
}
