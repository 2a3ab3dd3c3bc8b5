/* System calls whose arguments have names and structures, for a tracer to show. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fds[2], pair[2];
    char text[8];
    struct stat stat;
    long fd = syscall(SYS_openat, AT_FDCWD, "made", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    syscall(SYS_fcntl, fd, F_GETFD);
    syscall(SYS_fcntl, fd, F_SETFL, O_APPEND);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 5};
    syscall(SYS_fcntl, fd, F_SETLK, &lock);
    syscall(SYS_fstat, fd, &stat);
    syscall(SYS_newfstatat, AT_FDCWD, "nosuch", &stat, AT_SYMLINK_NOFOLLOW);
    struct timespec times[2] = {{1, 0}, {2, 5}};
    syscall(SYS_utimensat, AT_FDCWD, "made", times, 0);
    syscall(SYS_pipe2, fds, O_NONBLOCK);
    struct iovec out[2] = {{"one\n", 4}, {"\0\377\t", 3}}, in[2] = {{text, 3}, {text + 3, 5}};
    syscall(SYS_writev, fds[1], out, 2);
    struct pollfd files[2] = {{fds[0], POLLIN | POLLPRI, 0}, {fds[1], POLLOUT, 0}};
    struct timespec limit = {0, 5};
    unsigned long mask = ~2ul;
    syscall(SYS_ppoll, files, 2, &limit, &mask, 8);
    syscall(SYS_readv, fds[0], in, 2);
    fd_set readers, writers;
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    FD_SET(fds[0], &readers);
    limit.tv_nsec = 1000;
    syscall(SYS_pselect6, 6, &readers, &writers, NULL, &limit, NULL);
    unsigned long action[3] = {1, 0x50000000, 1ul << (SIGHUP - 1) | 1ul << (SIGCHLD - 1)}, old[3], set = 1ul << (SIGUSR2 - 1);
    syscall(SYS_rt_sigaction, SIGUSR1, action, old, 8);
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, old, 8);
    syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
    struct sockaddr_un name = {AF_UNIX, "\0ab\n"}, path = {AF_UNIX, "no/where"};
    syscall(SYS_bind, pair[0], &name, 6);
    syscall(SYS_connect, pair[1], &path, 11);
    long at = syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    syscall(SYS_mprotect, at, 4096, PROT_NONE);
    syscall(SYS_munmap, at, 4096);
    struct rlimit core = {0, RLIM_INFINITY};
    syscall(SYS_prlimit64, 0, RLIMIT_CORE, &core, NULL);
    syscall(SYS_lseek, fd, -1, SEEK_END);
    syscall(SYS_umask, 022);
    syscall(SYS_kill, 0, 0);
    syscall(SYS_wait4, -1, NULL, WNOHANG, NULL);
    syscall(SYS_readv, fd, at, -1);
    syscall(SYS_ppoll, at, 3000000000u, NULL, NULL, 0);
    syscall(SYS_getrandom, text, 4, 0x103);
    syscall(SYS_writev, -1, at, 1024);
    syscall(SYS_prctl, PR_SET_NAME, "subject", 0, 0, 0);
    syscall(SYS_exit_group, 0);
}
