/* The syscall layer of the ABI `linux`. Numbers: include/uapi/asm-generic/unistd.h, as riscv64 uses them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../abi.h"
#include "../syscall.h"
#include "numbers.h"

#define AT_FDCWD (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_REMOVEDIR 0x200

char **environ;

/* A result in [-4095, -1] is minus an errno. */
static long check(long result)
{
    if (result < 0 && result >= -4095) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

#define CALL0(number) check(syscall3(number, 0, 0, 0))
#define CALL1(number, a) check(syscall3(number, (long)(a), 0, 0))
#define CALL2(number, a, b) check(syscall3(number, (long)(a), (long)(b), 0))
#define CALL3(number, a, b, c) check(syscall3(number, (long)(a), (long)(b), (long)(c)))
#define CALL4(number, a, b, c, d) check(syscall6(number, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0))

/* ---- processes ---- */

_Noreturn void _exit(int code)
{
    for (;;)
        syscall3(SYS_EXIT_GROUP, code, 0, 0);
}

pid_t fork(void)
{
    fflush(stdout); /* or parent and child would both write what is buffered */
    return (pid_t)check(syscall6(SYS_CLONE, SIGCHLD, 0, 0, 0, 0, 0));
}

int execve(const char *path, char *const argv[], char *const environment[])
{
    return (int)CALL3(SYS_EXECVE, path, argv, environment);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    return (pid_t)CALL4(SYS_WAIT4, pid, status, options, usage);
}

pid_t waitpid(pid_t pid, int *status, int options) { return wait4(pid, status, options, NULL); }

int waitid(int kind, pid_t id, siginfo_t *info, int options)
{
    return (int)check(syscall6(SYS_WAITID, kind, id, (long)info, options, 0, 0));
}

pid_t wait(int *status) { return wait4(-1, status, 0, NULL); }
pid_t getpid(void) { return (pid_t)CALL0(SYS_GETPID); }
pid_t getppid(void) { return (pid_t)CALL0(SYS_GETPPID); }
uid_t getuid(void) { return (uid_t)CALL0(SYS_GETUID); }
uid_t geteuid(void) { return (uid_t)CALL0(SYS_GETEUID); }
int setpgid(pid_t pid, pid_t group) { return (int)CALL2(SYS_SETPGID, pid, group); }
pid_t getpgid(pid_t pid) { return (pid_t)CALL1(SYS_GETPGID, pid); }
pid_t getpgrp(void) { return getpgid(0); }
pid_t setsid(void) { return (pid_t)CALL0(SYS_SETSID); }
int sched_yield(void) { return (int)CALL0(SYS_SCHED_YIELD); }

/* ---- descriptors ---- */

ssize_t read(int fd, void *to, size_t size) { return CALL3(SYS_READ, fd, to, size); }
ssize_t write(int fd, const void *from, size_t size) { return CALL3(SYS_WRITE, fd, from, size); }

ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
    return CALL4(SYS_PREAD64, fd, to, size, offset);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t offset)
{
    return CALL4(SYS_PWRITE64, fd, from, size, offset);
}

off_t lseek(int fd, off_t offset, int whence) { return CALL3(SYS_LSEEK, fd, offset, whence); }
int close(int fd) { return (int)CALL1(SYS_CLOSE, fd); }
int dup(int fd) { return (int)CALL1(SYS_DUP, fd); }

int dup2(int fd, int number)
{
    if (fd == number) /* dup3 refuses this; dup2 only asks that fd is open */
        return fcntl(fd, F_GETFD) < 0 ? -1 : fd;
    return (int)CALL3(SYS_DUP3, fd, number, 0);
}

int pipe(int fds[2]) { return (int)CALL2(SYS_PIPE2, fds, 0); }

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return (int)CALL4(SYS_OPENAT, AT_FDCWD, path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    long argument = command == F_GETFD || command == F_GETFL ? 0 : va_arg(args, int);
    va_end(args);
    return (int)CALL3(SYS_FCNTL, fd, command, argument);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    va_start(args, request);
    void *argument = va_arg(args, void *);
    va_end(args);
    return (int)CALL3(SYS_IOCTL, fd, request, argument);
}

int poll(struct pollfd *files, unsigned long count, int milliseconds)
{
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    return (int)check(syscall6(SYS_PPOLL, (long)files, (long)count, milliseconds < 0 ? 0 : (long)&limit, 0, 0, 0));
}

/* ---- paths ---- */

int access(const char *path, int mode) { return (int)CALL3(SYS_FACCESSAT, AT_FDCWD, path, mode); }
int chdir(const char *path) { return (int)CALL1(SYS_CHDIR, path); }
char *getcwd(char *to, size_t size) { return CALL2(SYS_GETCWD, to, size) < 0 ? NULL : to; }
int mkdir(const char *path, mode_t mode) { return (int)CALL3(SYS_MKDIRAT, AT_FDCWD, path, mode); }
int unlink(const char *path) { return (int)CALL3(SYS_UNLINKAT, AT_FDCWD, path, 0); }
int rmdir(const char *path) { return (int)CALL3(SYS_UNLINKAT, AT_FDCWD, path, AT_REMOVEDIR); }
int stat(const char *path, struct stat *to) { return (int)CALL4(SYS_NEWFSTATAT, AT_FDCWD, path, to, 0); }

int lstat(const char *path, struct stat *to)
{
    return (int)CALL4(SYS_NEWFSTATAT, AT_FDCWD, path, to, AT_SYMLINK_NOFOLLOW);
}

int fstat(int fd, struct stat *to) { return (int)CALL2(SYS_FSTAT, fd, to); }

ssize_t readlink(const char *path, char *to, size_t size)
{
    return CALL4(SYS_READLINKAT, AT_FDCWD, path, to, size);
}

/* ---- signals ---- */

int sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    return (int)CALL4(SYS_RT_SIGACTION, number, action, old, sizeof(sigset_t));
}

sighandler_t signal(int number, sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;
    return sigaction(number, &action, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    return (int)CALL4(SYS_RT_SIGPROCMASK, how, set, old, sizeof(sigset_t));
}

int kill(pid_t pid, int number) { return (int)CALL2(SYS_KILL, pid, number); }
int raise(int number) { return kill(getpid(), number); }

/* ---- memory ---- */

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return (void *)check(syscall6(SYS_MMAP, (long)at, (long)size, protection, flags, fd, offset));
}

int munmap(void *at, size_t size) { return (int)CALL2(SYS_MUNMAP, at, size); }

/* The kernel's brk returns the break after the call, which is the old one if it refuses. */
void *sbrk(intptr_t step)
{
    static char *end;
    if (!end)
        end = (char *)syscall3(SYS_BRK, 0, 0, 0);
    char *old = end;
    char *now = (char *)syscall3(SYS_BRK, (long)(old + step), 0, 0);
    if (now != old + step) {
        errno = ENOMEM;
        return (void *)-1;
    }
    end = now;
    return old;
}

/* ---- time ---- */

int clock_gettime(clockid_t clock, struct timespec *now) { return (int)CALL2(SYS_CLOCK_GETTIME, clock, now); }

int nanosleep(const struct timespec *length, struct timespec *rest)
{
    return (int)CALL2(SYS_NANOSLEEP, length, rest);
}

/* ---- for lib/common ---- */

void abi_yield(void) { sched_yield(); }

void abi_write_all(int fd, const char *from, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, from, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        from += written;
        size -= (size_t)written;
    }
}

size_t abi_more_heap(size_t size, void **start)
{
    size_t step = (size + 0xffff) & ~(size_t)0xffff;
    char *at = sbrk(0);
    size_t skew = (16 - ((uintptr_t)at & 15)) & 15;
    if (step < size || sbrk((intptr_t)(step + skew)) == (void *)-1)
        return 0;
    *start = at + skew;
    return step;
}
