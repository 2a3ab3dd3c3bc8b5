/* Shows the open files of processes: pfiles PID... What fstat and fcntl say, and the path, is asked by an agent lwp inside
 * the process, which stands for that time. Where none can be put there (the process is at rest for job control, or is
 * pfiles itself), what fd/ in /system/proc shows must do: type, mode, owner and size.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linuxproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

enum { SYS_FCNTL = 25, SYS_LSEEK = 62, SYS_READLINKAT = 78, SYS_FSTAT = 80, SYS_PRLIMIT64 = 261, RLIMIT_NOFILE = 7 };

static const struct {
    int bit;
    const char *name;
} flags[] = {{O_APPEND, "O_APPEND"}, {O_NONBLOCK, "O_NONBLOCK"}, {O_DIRECTORY, "O_DIRECTORY"}, {010000, "O_DSYNC"},
             {0100000, "O_LARGEFILE"}, {010000000, "O_PATH"}};

static const char *type_name(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR: return "S_IFDIR";
    case S_IFCHR: return "S_IFCHR";
    case S_IFBLK: return "S_IFBLK";
    case S_IFIFO: return "S_IFIFO";
    case S_IFSOCK: return "S_IFSOCK";
    case S_IFLNK: return "S_IFLNK";
    case S_IFREG: return "S_IFREG";
    default: return "S_IF?"; /* an anonymous inode: eventfd and its like */
    }
}

static void show_stat(int fd, const struct stat *stat, bool place)
{
    printf("%4d: %s mode:%04o", fd, type_name(stat->st_mode), stat->st_mode & 07777);
    if (place)
        printf(" dev:%u,%u ino:%lu", (unsigned)(stat->st_dev >> 8 & 0xfff), (unsigned)(stat->st_dev & 0xff),
               (unsigned long)stat->st_ino);
    printf(" uid:%u gid:%u", stat->st_uid, stat->st_gid);
    if (S_ISCHR(stat->st_mode) || S_ISBLK(stat->st_mode))
        printf(" rdev:%u,%u\n", (unsigned)(stat->st_rdev >> 8 & 0xfff), (unsigned)(stat->st_rdev & 0xff));
    else
        printf(" size:%ld\n", (long)stat->st_size);
}

static void show_asked(struct agent *agent, int fd)
{
    struct stat stat;
    char link[32], path[1024];
    if (agent_call(agent, SYS_FSTAT, fd, (long)agent->room, 0, 0) < 0
        || pread(agent->as, &stat, sizeof stat, (off_t)agent->room) != sizeof stat)
        return; /* closed meanwhile */
    show_stat(fd, &stat, true);
    long how = agent_call(agent, SYS_FCNTL, fd, F_GETFL, 0, 0);
    printf("      %s", (how & 3) == O_RDONLY ? "O_RDONLY" : (how & 3) == O_WRONLY ? "O_WRONLY" : "O_RDWR");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (how & flags[i].bit)
            printf("|%s", flags[i].name);
    if (agent_call(agent, SYS_FCNTL, fd, F_GETFD, 0, 0) & FD_CLOEXEC)
        printf(" FD_CLOEXEC");
    long offset = S_ISREG(stat.st_mode) ? agent_call(agent, SYS_LSEEK, fd, 0, SEEK_CUR, 0) : -1;
    if (offset >= 0)
        printf(" offset:%ld", offset);
    putchar('\n');
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    pwrite(agent->as, link, strlen(link) + 1, (off_t)agent->room);
    long length = agent_call(agent, SYS_READLINKAT, -100, (long)agent->room, (long)agent->room + 64, sizeof path);
    if (length > 0 && length <= (long)sizeof path
        && pread(agent->as, path, (size_t)length, (off_t)agent->room + 64) == length)
        printf("      %.*s\n", (int)length, path);
}

static void show_limit(struct agent *agent)
{
    uint64_t limit[2];
    if (agent_call(agent, SYS_PRLIMIT64, 0, RLIMIT_NOFILE, 0, (long)agent->room) == 0
        && pread(agent->as, limit, sizeof limit, (off_t)agent->room) == sizeof limit)
        printf("  Current rlimit: %lu file descriptors\n", (unsigned long)limit[0]);
}

static bool show(int pid)
{
    psinfo_t info;
    struct agent agent;
    int *fds;
    char name[32];
    if (!sol_get(pid, "psinfo", &info, sizeof info))
        return false;
    bool inside = pid != getpid() && agent_begin(&agent, pid);
    if (!inside && pid != getpid() && errno != EAGAIN && errno != EFAULT)
        return false;
    sol_title(&info);
    if (inside)
        show_limit(&agent);
    int count = proc_numbers(sol_path(pid, "fd"), &fds);
    for (int i = 0; i < count; i++) {
        struct stat stat_;
        snprintf(name, sizeof name, "fd/%d", fds[i]);
        if (inside)
            show_asked(&agent, fds[i]);
        else if (stat(sol_path(pid, name), &stat_) == 0)
            show_stat(fds[i], &stat_, false);
    }
    if (inside)
        agent_end(&agent);
    if (count >= 0)
        free(fds);
    return count >= 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    begin("pfiles", "usage: pfiles PID...\n", argc, argv);
    if (argc < 2)
        wrong_usage();
    for (int i = 1; i < argc; i++) {
        int pid;
        if (!sol_pid(argv[i], &pid, NULL)) {
            failed = 1;
        } else if (!show(pid)) {
            sol_complain(pid);
            failed = 1;
        }
    }
    return failed;
}
