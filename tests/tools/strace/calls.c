/* Every kind of argument and result that strace decodes, by number, so that each C library makes the same calls.
 * Run on the host under strace and in rvsim: the traces must be the same from BEGIN to END.
 * The working directory is empty and writable. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define S(...) syscall(__VA_ARGS__)
#define HERE AT_FDCWD

static char buf[8192];

static void files(void) {
    int fd = S(SYS_openat, HERE, "file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    S(SYS_write, fd, "tab\tnl\n\1\0012\377\"\\ and a text that is cut at thirty-two", 60L);
    S(SYS_lseek, fd, 0L, SEEK_SET);
    S(SYS_read, fd, buf, 100L);
    S(SYS_read, fd, buf, 100L);
    S(SYS_read, 99L, buf, 100L);
    S(SYS_pread64, fd, buf, 5L, 2L);
    S(SYS_pwrite64, fd, "abc", 3L, 1L);
    struct iovec out[2] = {{"ab", 2}, {"cde", 3}}, in[2] = {{buf, 4}, {buf + 10, 100}};
    S(SYS_writev, fd, out, 2L);
    S(SYS_lseek, fd, 0L, SEEK_SET);
    S(SYS_readv, fd, in, 2L);
    S(SYS_preadv, fd, in, 2L, 3L, 0L);
    S(SYS_fstat, fd, buf);
    S(SYS_fstat, 99L, buf);
    S(SYS_newfstatat, HERE, "none", buf, 0L);
    S(SYS_newfstatat, HERE, "/dev/null", buf, (long)AT_SYMLINK_NOFOLLOW);
    S(SYS_statx, HERE, "none", AT_SYMLINK_NOFOLLOW, STATX_MODE | STATX_SIZE, buf);
    S(SYS_fcntl, fd, F_GETFD);
    S(SYS_fcntl, fd, F_SETFD, (long)FD_CLOEXEC);
    S(SYS_fcntl, fd, F_SETFL, O_RDWR | O_APPEND | O_NONBLOCK);
    S(SYS_fcntl, fd, F_GETFL);
    S(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 100L);
    S(SYS_fcntl, fd, 77L, 5L);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
    S(SYS_fcntl, fd, F_SETLK, &lock);
    S(SYS_fcntl, fd, F_GETLK, &lock);
    S(SYS_flock, fd, 6L);
    S(SYS_dup3, fd, 50L, (long)O_CLOEXEC);
    S(SYS_close, 50L);
    S(SYS_close, 51L);
    S(SYS_ftruncate, fd, 100L);
    S(SYS_fsync, fd);
    S(SYS_fallocate, fd, 1L, 0L, 100L);
    S(SYS_mkdirat, HERE, "dir", 0755L);
    S(SYS_symlinkat, "target", HERE, "link");
    S(SYS_readlinkat, HERE, "link", buf, 100L);
    S(SYS_linkat, HERE, "file", HERE, "hard", 0L);
    S(SYS_renameat2, HERE, "hard", HERE, "kept", 1L);
    S(SYS_unlinkat, HERE, "kept", 0L);
    S(SYS_unlinkat, HERE, "link", 0L);
    int dir = S(SYS_openat, HERE, "dir", (long)(O_RDONLY | O_DIRECTORY));
    S(SYS_getdents64, dir, buf, 4096L);
    S(SYS_getdents64, dir, buf, 4096L);
    S(SYS_unlinkat, HERE, "dir", (long)AT_REMOVEDIR);
    S(SYS_mknodat, HERE, "fifo", (long)(S_IFIFO | 0600), 0L);
    S(SYS_fchmodat, HERE, "fifo", 0640L);
    S(SYS_fchownat, HERE, "fifo", -1, -1, AT_SYMLINK_NOFOLLOW);
    S(SYS_fchmod, fd, 07L);
    struct timespec times[2] = {{1, 2}, {0, UTIME_NOW}};
    S(SYS_utimensat, HERE, "fifo", times, 0L);
    S(SYS_utimensat, HERE, "fifo", 0L, (long)AT_SYMLINK_NOFOLLOW);
    S(SYS_unlinkat, HERE, "fifo", 0L);
    S(SYS_faccessat, HERE, "file", R_OK | W_OK);
    S(SYS_faccessat, HERE, "none", F_OK);
    S(SYS_umask, 022L);
    S(SYS_fchdir, 99L);
    S(SYS_truncate, "file", 5L);
    S(SYS_fadvise64, fd, 0L, 0L, 2L);
    S(SYS_openat, HERE, 8L, (long)(O_RDONLY | O_PATH | O_NOFOLLOW));
    S(SYS_openat, HERE, "none", (long)(O_WRONLY | O_NOATIME | O_DIRECT | O_SYNC));
    S(SYS_unlinkat, HERE, "file", 0L);
}

static void waiting(void) {
    int ends[2];
    S(SYS_pipe2, ends, (long)(O_CLOEXEC | O_NONBLOCK));
    S(SYS_read, ends[0], buf, 10L);
    struct pollfd fds[3] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT | POLLIN, 0}, {-1, POLLPRI, 0}};
    struct timespec short_time = {0, 1000000}, time = short_time;
    S(SYS_ppoll, fds, 3L, &time, 0L, 8L);
    time = short_time;
    S(SYS_ppoll, fds, 1L, &time, 0L, 8L);
    unsigned long reads = 1ul << ends[0], writes = 1ul << ends[1];
    S(SYS_pselect6, (long)ends[1] + 1, &reads, &writes, 0L, 0L, 0L);
    reads = 1ul << ends[0];
    time = short_time;
    S(SYS_pselect6, (long)ends[1] + 1, &reads, 0L, 0L, &time, 0L);
    int word = 1;
    S(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2L, 0L);
    S(SYS_futex, &word, FUTEX_WAKE, 1L);
    S(SYS_futex, &word, FUTEX_WAIT, 1L, &short_time);
    S(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 1L, &short_time, 0L, 0xffffffffl);
    S(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1L, 2L, &word, 7L);
    S(SYS_futex, &word, 77L, 1L, 2L, 3L, 4L);
    S(SYS_nanosleep, &short_time, 0L);
    S(SYS_clock_nanosleep, 1L, 1L, &short_time, 0L);
}

static void memory(void) {
    char *at = (char *)S(SYS_mmap, 0L, 8192L, 3L, 0x22L, -1L, 0L);
    S(SYS_mprotect, at, 4096L, 1L);
    S(SYS_madvise, at, 4096L, 4L);
    S(SYS_madvise, at, 4096L, 77L);
    S(SYS_msync, at, 4096L, 4L);
    S(SYS_mremap, at, 4096L, 4096L, 0L, 0L);
    S(SYS_munmap, at, 8192L);
    S(SYS_mmap, 0L, 0L, 0L, 2L, 0L, 4096L);
    S(SYS_mlock, buf, 10L);
    S(SYS_munlock, buf, 10L);
    S(SYS_brk, 0L);
}

static void on_signal(int number) { (void)number; }

static void signals(void) {
    S(SYS_rt_sigaction, 9L, 0L, 0L, 8L);
    S(SYS_rt_sigaction, 10L, 8L, 0L, 8L);
    S(SYS_rt_sigaction, (long)SIGPIPE, 0L, buf, 8L);
    unsigned long set = 1ul << (SIGINT - 1) | 1ul << (SIGCHLD - 1) | 1ul << 35;
    S(SYS_rt_sigprocmask, (long)SIG_BLOCK, &set, 0L, 8L);
    set = -1ul;
    S(SYS_rt_sigprocmask, (long)SIG_SETMASK, &set, &set, 8L);
    set = 0;
    S(SYS_rt_sigprocmask, (long)SIG_SETMASK, &set, 0L, 8L);
    S(SYS_rt_sigprocmask, 7L, &set, 0L, 4L);
    S(SYS_rt_sigpending, &set, 8L);
    stack_t stack = {.ss_sp = buf, .ss_flags = 0, .ss_size = 8192};
    S(SYS_sigaltstack, &stack, 0L);
    S(SYS_sigaltstack, 0L, &stack);
    set = 1ul << (SIGUSR2 - 1);
    struct timespec time = {0, 1000};
    S(SYS_rt_sigtimedwait, &set, 0L, &time, 8L);
    S(SYS_kill, S(SYS_getpid), (long)SIGUSR1);
    long pid = S(SYS_getpid), tid = S(SYS_gettid);
    S(SYS_tgkill, pid, tid, (long)SIGUSR1);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGUSR1;
    info.si_code = SI_QUEUE;
    info.si_pid = 5;
    info.si_value.sival_int = 42;
    S(SYS_rt_sigqueueinfo, S(SYS_getpid), (long)SIGUSR1, &info);
    struct itimerval timer = {{0, 0}, {0, 20000}};
    S(SYS_setitimer, 0L, &timer, 0L);
    S(SYS_ppoll, 0L, 0L, 0L, 0L, 8L);
    S(SYS_getitimer, 0L, &timer);
    timer.it_value.tv_usec = 20000;
    time.tv_sec = 5;
    S(SYS_setitimer, 0L, &timer, 0L);
    S(SYS_nanosleep, &time, 0L);
    int ends[2];
    S(SYS_pipe2, ends, 0L);
    S(SYS_setitimer, 0L, &timer, 0L);
    S(SYS_read, ends[0], buf, 1L);
}

static void facts(void) {
    struct rlimit limit = {8192 * 1024, RLIM_INFINITY};
    S(SYS_prlimit64, 0L, (long)RLIMIT_STACK, &limit, 0L);
    S(SYS_prlimit64, 0L, (long)RLIMIT_STACK, 0L, &limit);
    S(SYS_prctl, (long)PR_SET_NAME, "a-name");
    S(SYS_prctl, (long)PR_GET_NAME, buf);
    S(SYS_prctl, (long)PR_SET_PDEATHSIG, (long)SIGTERM);
    S(SYS_prctl, (long)PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
    S(SYS_prctl, (long)PR_SET_DUMPABLE, 1L);
    S(SYS_prctl, (long)PR_GET_DUMPABLE);
    S(SYS_prctl, 77L, 1L, 2L, 3L, 4L);
    S(SYS_ioctl, 99L, 0x5401L, buf);
    int ends[2], number = 0;
    S(SYS_pipe2, ends, 0L);
    S(SYS_ioctl, ends[0], 0x541bL, &number);
    S(SYS_ioctl, ends[0], 0x12345678L, 5L);
    S(SYS_sched_yield);
    S(SYS_sched_getscheduler, 0L);
    S(SYS_getpriority, 0L, 0L);
    S(SYS_setpriority, 0L, 0L, 0L);
    S(SYS_setresuid, -1, -1, -1);
    S(SYS_personality, 0xffffffffl);
    S(SYS_clock_gettime, 77L, buf);
    S(SYS_clock_getres, 1L, buf);
    S(SYS_getrandom, 8L, 8L, 1L);
    S(SYS_uname, 8L);
    S(SYS_execve, "none", (char *[]){"none", "an argument that is longer than thirty-two bytes", 0}, (char *[]){"A=1", 0});
    S(SYS_tgkill, S(SYS_getpid), 999999L, 0L);
    S(999L, 1L, 2L, 3L, 4L, 5L, 6L);
}

static void children(void) {
    int status;
    struct rusage usage;
    for (int kind = 0; kind < 3; kind++) {
        long child = S(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
        if (!child) {
            if (kind == 0)
                S(SYS_exit_group, 3L);
            if (kind == 1)
                S(SYS_kill, S(SYS_getpid), (long)SIGTERM);
            *(volatile int *)16 = 0;
        }
        if (kind == 1)
            S(SYS_waitid, 1L, child, buf, 4L | 0x01000000L, 0L);
        S(SYS_wait4, kind ? -1L : child, &status, 0L, kind ? 0 : &usage);
    }
    S(SYS_wait4, -1L, &status, 1L, 0L);
    S(SYS_wait4, -1L, 0L, -1l & 0xffffffffl, 0L);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, 0);
    sigaction(SIGALRM, &action, 0);
    S(SYS_write, 1L, "BEGIN\n", 6L);
    files();
    waiting();
    memory();
    signals();
    facts();
    children();
    S(SYS_write, 1L, "END\n", 4L);
    S(SYS_exit_group, 0L);
}
