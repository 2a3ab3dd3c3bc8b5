/* What /proc counts: bytes that calls moved, CPU time, context switches, locks. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

struct moved {
    unsigned long long rchar, wchar, syscr, syscw;
};

static char text[8192];

static long slurp(const char *name)
{
    int fd = open(name, O_RDONLY);
    CHECK(fd >= 0);
    long size = read(fd, text, sizeof text - 1); /* one call, so that its own count is known */
    CHECK(size >= 0);
    text[size] = 0;
    close(fd);
    return size;
}

/* The counts before this call; what it reads itself is taken off those that come after. */
static struct moved extra;

static struct moved counts(const char *name)
{
    struct moved found;
    long size = slurp(name);
    CHECK_EQ(4, sscanf(text, "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\n", &found.rchar, &found.wchar,
                       &found.syscr, &found.syscw));
    found.rchar -= extra.rchar;
    found.syscr -= extra.syscr;
    extra.rchar += (unsigned long long)size;
    extra.syscr++;
    return found;
}

CASE(bytes_that_calls_moved)
{
    char data[100] = {0};
    struct iovec parts[2] = {{data, 10}, {data + 10, 20}};
    int fd = open("file", O_RDWR | O_CREAT, 0644), ends[2];
    CHECK(fd >= 0);
    CHECK_EQ(0, pipe(ends));
    struct moved before = counts("/proc/self/io");
    CHECK_EQ(100, write(fd, data, 100));
    CHECK_EQ(30, writev(fd, parts, 2));
    CHECK_EQ(5, pwrite(fd, data, 5, 7));
    CHECK_EQ(3, write(ends[1], data, 3));
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    CHECK_EQ(60, read(fd, data, 60));
    CHECK_EQ(30, readv(fd, parts, 2));
    CHECK_EQ(40, pread(fd, data, 60, 90));
    CHECK_EQ(40, read(fd, data, 100));
    CHECK_EQ(0, read(fd, data, 100)); /* counts as a call */
    CHECK_EQ(3, read(ends[0], data, 100));
    CHECK_EQ(0, fcntl(ends[0], F_SETFL, O_NONBLOCK));
    CHECK_ERRNO(EAGAIN, read(ends[0], data, 100)); /* this too */
    struct moved after = counts("/proc/self/io");
    CHECK_EQ(100 + 30 + 5 + 3, after.wchar - before.wchar);
    CHECK_EQ(4, after.syscw - before.syscw);
    CHECK_EQ(60 + 30 + 40 + 40 + 3, after.rchar - before.rchar);
    CHECK_EQ(7, after.syscr - before.syscr);
}

CASE(sendfile_counts_both_ways)
{
    char data[64] = {0};
    off_t start = 0;
    int from = open("from", O_RDWR | O_CREAT, 0644), to = open("to", O_RDWR | O_CREAT, 0644);
    CHECK_EQ(64, write(from, data, 64));
    struct moved before = counts("/proc/self/io");
    CHECK_EQ(64, sendfile(to, from, &start, 100));
    struct moved after = counts("/proc/self/io");
    CHECK_EQ(64, after.wchar - before.wchar);
    CHECK_EQ(64, after.rchar - before.rchar);
    CHECK_EQ(1, after.syscw - before.syscw);
    CHECK_EQ(1, after.syscr - before.syscr);
}

static int of_thread[2];

static void *writes(void *none)
{
    char data[50] = {0};
    struct moved own = counts("/proc/thread-self/io");
    CHECK_EQ(0, own.wchar);
    CHECK_EQ(50, write(of_thread[1], data, 50));
    own = counts("/proc/thread-self/io");
    CHECK_EQ(50, own.wchar);
    CHECK_EQ(1, own.syscw);
    return none;
}

CASE(a_thread_has_its_own_counts_and_leaves_them_to_the_process)
{
    pthread_t thread;
    char data[64];
    CHECK_EQ(0, pipe(of_thread));
    struct moved before = counts("/proc/self/io");
    CHECK_EQ(0, pthread_create(&thread, NULL, writes, NULL));
    CHECK_EQ(0, pthread_join(thread, NULL));
    CHECK_EQ(50, read(of_thread[0], data, 64));
    struct moved after = counts("/proc/self/io");
    CHECK_EQ(50, after.wchar - before.wchar);
    CHECK_EQ(1, after.syscw - before.syscw);
}

CASE(a_child_leaves_its_counts_when_it_is_waited_for)
{
    char data[10] = {0};
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    struct moved before = counts("/proc/self/io");
    pid_t child = fork();
    if (child == 0)
        _exit(write(ends[1], data, 10) != 10);
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    struct moved between = counts("/proc/self/io");
    CHECK_EQ(0, between.wchar - before.wchar);
    CHECK_EQ(child, waitpid(child, NULL, 0));
    struct moved after = counts("/proc/self/io");
    CHECK_EQ(10, after.wchar - before.wchar);
    CHECK_EQ(1, after.syscw - before.syscw);
}

static unsigned long long number_after(const char *name, const char *key)
{
    static char whole[65536];
    int fd = open(name, O_RDONLY);
    CHECK(fd >= 0);
    long total = 0, got;
    while ((got = read(fd, whole + total, sizeof whole - 1 - (size_t)total)) > 0)
        total += got;
    close(fd);
    whole[total] = 0;
    char *at = strstr(whole, key);
    CHECK(at != NULL);
    return strtoull(at + strlen(key), NULL, 10);
}

CASE(the_counts_of_the_machine_never_go_back)
{
    unsigned long long switches = number_after("/proc/stat", "\nctxt "), made = number_after("/proc/stat", "\nprocesses ");
    struct timespec moment = {0, 1000000};
    for (int at = 0; at < 5; at++) {
        pid_t child = fork();
        if (child == 0) {
            for (int turn = 0; turn < 20; turn++)
                nanosleep(&moment, NULL);
            _exit(0);
        }
        CHECK_EQ(child, waitpid(child, NULL, 0));
        unsigned long long now = number_after("/proc/stat", "\nctxt ");
        CHECK(now >= switches + 20); /* those of the child stay counted */
        switches = now;
    }
    CHECK(number_after("/proc/stat", "\nprocesses ") >= made + 5);
}

CASE(load_rises_with_those_that_run)
{
#ifdef __riscv /* on a host it would take a minute; the numbers are those of kernel/sched/loadavg.c */
    int one, running;
    struct timespec now;
    CHECK_EQ(3, slurp("/proc/loadavg") > 0 ? sscanf(text, "%d.%*d %*s %*s %d/%*d %*d", &one, &running) + 1 : 0);
    CHECK_EQ(0, one);
    CHECK_EQ(1, running);
    pid_t child = fork();
    struct timespec pause = {30, 0};
    if (child == 0) {
        do {
            for (volatile int at = 0; at < 3000000; at++)
                ;
            clock_gettime(CLOCK_MONOTONIC, &now);
        } while (now.tv_sec < 6);
        _exit(0);
    }
    CHECK_EQ(child, waitpid(child, NULL, 0));
    slurp("/proc/loadavg"); /* one sample of one task: 164, 34, 11 of 2048 */
    CHECK_EQ(0, strncmp("0.08 0.02 0.01 1/", text, 17));
    nanosleep(&pause, NULL); /* six samples of none */
    slurp("/proc/loadavg"); /* 96, 28, 5 */
    CHECK_EQ(0, strncmp("0.05 0.01 0.00 1/", text, 17));
#endif
}

/* The line of /proc/locks about this process, without its number and the file's. */
static const char *lock_line(void)
{
    static char shown[128];
    char own[32], *line, *rest = text;
    int size = 0;
    snprintf(own, sizeof own, " %d ", (int)getpid());
    slurp("/proc/locks");
    shown[0] = 0;
    while ((line = strtok_r(rest, "\n", &rest)))
        if (strstr(line, own)) {
            char *kind = strstr(line, ": ") + 2, *pid = strstr(line, own), *range = strchr(strchr(pid, ':') + 1, ':');
            size += snprintf(shown + size, sizeof shown - (size_t)size, "%.*s|%s;", (int)(pid - kind), kind,
                             strchr(range, ' ') + 1);
        }
    return shown;
}

CASE(locks)
{
    struct flock part = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};
    int fd = open("locked", O_RDWR | O_CREAT, 0644), other = open("other", O_RDWR | O_CREAT, 0644);
    CHECK(fd >= 0 && other >= 0);
    CHECK_EQ(0, strcmp("", lock_line()));
    CHECK_EQ(0, fcntl(fd, F_SETLK, &part));
    CHECK_EQ(0, strcmp("POSIX  ADVISORY  READ|10 14;", lock_line()));
    part.l_type = F_WRLCK, part.l_len = 0;
    CHECK_EQ(0, fcntl(fd, F_SETLK, &part));
    CHECK_EQ(0, strcmp("POSIX  ADVISORY  WRITE|10 EOF;", lock_line()));
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
    slurp(name);
    char *shown = strstr(text, "lock:\t1: POSIX  ADVISORY  WRITE ");
    CHECK(shown != NULL);
    CHECK(strstr(shown, " 10 EOF\n") != NULL);
    close(fd);
    CHECK_EQ(0, strcmp("", lock_line()));
    CHECK_EQ(0, flock(other, LOCK_EX));
    CHECK_EQ(0, strcmp("FLOCK  ADVISORY  WRITE|0 EOF;", lock_line()));
    CHECK_EQ(0, flock(other, LOCK_SH));
    CHECK_EQ(0, strcmp("FLOCK  ADVISORY  READ|0 EOF;", lock_line()));
}

static long long field(pid_t pid, int thread, int number)
{
    char name[64];
    snprintf(name, sizeof name, thread ? "/proc/%d/task/%d/stat" : "/proc/%d/stat", (int)pid, (int)pid);
    slurp(name);
    char *at = strrchr(text, ')');
    for (; number > 2; number--)
        at = strchr(at + 1, ' ');
    return strtoll(at, NULL, 10);
}

CASE(fields_of_stat)
{
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    sigprocmask(SIG_BLOCK, &both, NULL);
    kill(getpid(), SIGUSR1);                                 /* waits for the process */
    CHECK_EQ(0, field(getpid(), 0, 31));                     /* shown is only what waits for the thread */
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2);
    CHECK_EQ(1ll << (SIGUSR2 - 1), field(getpid(), 0, 31));
    CHECK_EQ(1ll << (SIGUSR2 - 1), field(getpid(), 1, 31));
    CHECK_EQ(0, field(getpid(), 0, 9) & 0x40);               /* it has run a program */
    CHECK_EQ(0, field(getpid(), 0, 35));                     /* it runs */
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(3);
    }
    siginfo_t info;
    CHECK_EQ(0, waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT));
    CHECK_EQ(SIGSTOP, field(child, 0, 52));
    CHECK_EQ(0, field(child, 1, 52));
    CHECK_EQ(1, field(child, 0, 35));
    CHECK_EQ(0x40, field(child, 0, 9) & 0x40); /* forked, and has run none */
    CHECK_EQ(1, field(child, 0, 20));
    CHECK_EQ(0, waitid(P_PID, (id_t)child, &info, WSTOPPED)); /* told */
    CHECK_EQ(0, field(child, 0, 52));
    kill(child, SIGCONT);
    CHECK_EQ(0, waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    CHECK_EQ(3 << 8, field(child, 0, 52));
    CHECK_EQ(1, field(child, 0, 20));
    CHECK_EQ(4, field(child, 0, 9) & 4); /* exiting */
    CHECK_EQ(SIGCHLD, field(child, 0, 38));
    CHECK_EQ(child, waitpid(child, NULL, 0));
    if (geteuid() == 0) {
        struct sched_param param = {7};
        CHECK_EQ(0, syscall(SYS_sched_setscheduler, 0, SCHED_RR, &param));
        CHECK_EQ(-8, field(getpid(), 0, 18));
        CHECK_EQ(7, field(getpid(), 0, 40));
        CHECK_EQ(SCHED_RR, field(getpid(), 0, 41));
    }
}

static pid_t thread_seen;

static void *looks(void *none)
{
    thread_seen = (pid_t)syscall(SYS_gettid);
    CHECK_EQ(-1, field(thread_seen, 0, 38));                 /* no signal to the parent */
    CHECK_EQ(0x40, field(thread_seen, 0, 9) & 0x40);
    CHECK_EQ(2, field(thread_seen, 0, 20));
    return none;
}

CASE(fields_of_a_thread)
{
    pthread_t thread;
    CHECK_EQ(0, pthread_create(&thread, NULL, looks, NULL));
    CHECK_EQ(0, pthread_join(thread, NULL));
}

CASE(capabilities_that_were_used)
{
    if (geteuid() == 0) {
        pid_t child = fork();
        if (child == 0) {
            int before = (int)(field(getpid(), 0, 9) & 0x100);
            CHECK_EQ(0, setresuid((uid_t)-1, 1, (uid_t)-1));
            CHECK_EQ(0x100, field(getpid(), 0, 9) & 0x100);
            _exit(before);
        }
        int status;
        CHECK_EQ(child, waitpid(child, &status, 0));
        CHECK_EQ(0, status);
        CHECK_EQ(0, setpriority(PRIO_PROCESS, 0, 5)); /* anybody may */
        CHECK_EQ(0, field(getpid(), 0, 9) & 0x100);
    }
}

