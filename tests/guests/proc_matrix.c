/* What each file of a process gives, to each way of using it, in each stage of the process's life: one line for each.
 *
 * A line is `STAGE FILE USE RESULT`; a result is an errno as a number below 0, or what the call gave, or `+`: some bytes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const files[] = {
    "auxv", "cgroup", "clear_refs", "cmdline", "comm", "coredump_filter", "environ", "gid_map", "io", "limits",
    "loginuid", "maps", "mem", "mountinfo", "mounts", "mountstats", "oom_adj", "oom_score", "oom_score_adj", "pagemap",
    "personality", "projid_map", "sched", "schedstat", "sessionid", "setgroups", "smaps", "smaps_rollup", "stat",
    "statm", "status", "syscall", "timers", "timerslack_ns", "uid_map", "wchan", "fdinfo/0", "task", "fd", "fdinfo",
    "ns", "net", "map_files", "cwd", "root", "exe", "fd/0", "ns/pid", "ns/mnt", "ns/net", "ns/pid_for_children"};
enum { FILES = sizeof files / sizeof *files };
static char data[1 << 17];

static void say(const char *stage, const char *file, const char *use, long result)
{
    if (result < 0)
        printf("%s %s %s %d\n", stage, file, use, -errno);
    else
        printf("%s %s %s %s\n", stage, file, use, result ? "+" : "0");
}

static void say_number(const char *stage, const char *file, const char *use, long result)
{
    printf("%s %s %s %ld\n", stage, file, use, result < 0 ? -(long)errno : result);
}

/* What reads give to whoever has it open. */
static void reads(const char *stage, const char *file, int fd)
{
    say(stage, file, "read", read(fd, data, 64));
    say(stage, file, "read_on", read(fd, data, sizeof data));
    say(stage, file, "pread_0", pread(fd, data, 64, 0));
    say(stage, file, "pread_8", pread(fd, data, 8, 8));
    say(stage, file, "pread_far", pread(fd, data, 8, 1 << 20));
    say(stage, file, "getdents", syscall(SYS_getdents64, fd, data, 4096) >= 0 ? 0 : -1);
}

static void uses(const char *stage, const char *file, int fd)
{
    say(stage, file, "seek_set", lseek(fd, 5, SEEK_SET));
    say(stage, file, "seek_cur", lseek(fd, 0, SEEK_CUR));
    say(stage, file, "seek_below", lseek(fd, -1, SEEK_SET));
    say_number(stage, file, "seek_end", lseek(fd, 0, SEEK_END));
    say(stage, file, "seek_data", lseek(fd, 0, SEEK_DATA));
    lseek(fd, 0, SEEK_SET);
    struct pollfd one = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDNORM, 0};
    poll(&one, 1, 0);
    say_number(stage, file, "poll", one.revents);
    int epoll = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {0}};
    say(stage, file, "epoll", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    close(epoll);
    struct stat info;
    if (fstat(fd, &info) < 0)
        say(stage, file, "fstat", -1);
    else
        say_number(stage, file, "fstat", S_ISREG(info.st_mode) ? info.st_size : 0);
}

static void all_of(const char *stage, pid_t pid, int full)
{
    for (int at = 0; at < FILES; at++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, files[at]);
        struct stat info;
        if (lstat(path, &info) < 0) {
            say(stage, files[at], "lstat", -1);
            continue;
        }
        printf("%s %s mode %o\n", stage, files[at], info.st_mode);
        say(stage, files[at], "readlink", readlink(path, data, sizeof data));
        int fd = open(path, O_RDONLY | O_NONBLOCK);
        say(stage, files[at], "open", fd < 0 ? -1 : 0);
        if (fd >= 0) {
            reads(stage, files[at], fd);
            if (full)
                uses(stage, files[at], fd);
            close(fd);
        }
        if (full && !S_ISLNK(info.st_mode)) {
            fd = open(path, O_WRONLY | O_NONBLOCK);
            say(stage, files[at], "write_open", fd < 0 ? -1 : 0);
            if (fd >= 0 && strcmp(files[at], "sched") != 0) {
                say(stage, files[at], "write", write(fd, "x", 1));
                close(fd);
            }
        }
        say(stage, files[at], "create", open(path, O_CREAT | O_EXCL | O_RDWR, 0600));
        say(stage, files[at], "unlink", unlink(path));
        say(stage, files[at], "rmdir", rmdir(path));
        say(stage, files[at], "mkdir", mkdir(path, 0700));
        if (!S_ISLNK(info.st_mode))     /* it would be followed to what is not ours */
            say(stage, files[at], "chmod", chmod(path, info.st_mode & 07777));
        say(stage, files[at], "rename", rename(path, "/proc/new"));
    }
}

/* What files and directories give that were opened while it lived. */
static void held(const char *stage, const int *fds, int directory, const int *directories)
{
    static const char *const below[] = {".", "stat", "task", "fd", "fdinfo", "ns", "net", "map_files", "cwd", "nothing"};
    for (int at = 0; at < FILES; at++)
        if (fds[at] >= 0)
            reads(stage, files[at], fds[at]);
    struct stat info;
    say(stage, "directory", "fstat", fstat(directory, &info));
    say(stage, "directory", "getdents", syscall(SYS_getdents64, directory, data, 4096) > 0 ? 1 : -1);
    for (unsigned at = 0; at < sizeof below / sizeof *below; at++) {
        char name[64];
        snprintf(name, sizeof name, "below_%s", below[at]);
        say(stage, name, "openat", openat(directory, below[at], O_RDONLY));
        if (at < 8 && at > 1) {
            say(stage, name, "fstat_held", fstat(directories[at], &info));
            say(stage, name, "getdents_held", syscall(SYS_getdents64, directories[at], data, 4096) >= 0 ? 0 : -1);
            say(stage, name, "openat_held", openat(directories[at], "0", O_RDONLY));
        }
    }
}

static pid_t child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static void open_all(pid_t pid, int *fds, int *directory, int *directories)
{
    static const char *const below[] = {".", "stat", "task", "fd", "fdinfo", "ns", "net", "map_files"};
    char path[64];
    for (int at = 0; at < FILES; at++) {
        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, files[at]);
        fds[at] = open(path, O_RDONLY | O_NONBLOCK);
    }
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    *directory = open(path, O_RDONLY);
    for (int at = 0; at < 8; at++) {
        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, below[at]);
        directories[at] = open(path, O_RDONLY);
    }
}

int main(void)
{
    int fds[FILES], directory, directories[8];
    int null = open("/dev/null", O_RDONLY);
    dup2(null, 0);
    pid_t pid = child();
    usleep(20000);
    all_of("alive", pid, 1);
    open_all(pid, fds, &directory, directories);
    kill(pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    all_of("zombie", pid, 0);
    held("held_zombie", fds, directory, directories);
    waitpid(pid, NULL, 0);
    all_of("reaped", pid, 0);
    held("held_reaped", fds, directory, directories);
    return 0;
}
