/* What the files of /proc that belong to no process give to each way of using them; nothing is written to them.
 *
 * A line is `FILE USE RESULT`; a result is an errno as a number below 0, or what the call gave, or `+`: some bytes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

static char data[1 << 17];

static void say(const char *file, const char *use, long result)
{
    if (result < 0)
        printf("%s %s %d\n", file, use, -errno);
    else
        printf("%s %s %s\n", file, use, result ? "+" : "0");
}

static void uses(const char *file, mode_t mode)
{
    struct stat info;
    int fd = open(file, O_RDONLY | O_NONBLOCK);
    say(file, "open", fd < 0 ? -1 : 0);
    if (fd >= 0) {
        say(file, "read_1", read(fd, data, 1));
        say(file, "read_2", read(fd, data, 1));
        say(file, "pread_0", pread(fd, data, 1, 0));
        say(file, "pread_1", pread(fd, data, 1, 1));
        say(file, "pread_far", pread(fd, data, 1, 1 << 24));
        say(file, "read_0", read(fd, data, 0));
        lseek(fd, 0, SEEK_SET);
        say(file, "seek_set", lseek(fd, 5, SEEK_SET));
        say(file, "seek_cur", lseek(fd, 0, SEEK_CUR));
        say(file, "seek_below", lseek(fd, -1, SEEK_SET));
        say(file, "seek_end", lseek(fd, 0, SEEK_END));
        say(file, "seek_data", lseek(fd, 0, SEEK_DATA));
        lseek(fd, 0, SEEK_SET);
        struct pollfd one = {fd, POLLIN | POLLOUT | POLLPRI, 0};
        poll(&one, 1, 0);
        printf("%s poll %d\n", file, one.revents);
        int epoll = epoll_create1(0);
        struct epoll_event event = {EPOLLIN, {0}};
        say(file, "epoll", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
        close(epoll);
        fstat(fd, &info);
        printf("%s size %ld\n", file, S_ISREG(mode) ? (long)info.st_size : 0);
        close(fd);
    }
    fd = open(file, O_WRONLY | O_NONBLOCK);
    say(file, "write_open", fd < 0 ? -1 : 0);
    if (fd >= 0) {
        say(file, "read_write_only", read(fd, data, 1));
        close(fd);
    }
    if (mode & 0222)
        return;
    say(file, "create", open(file, O_CREAT | O_EXCL | O_RDWR, 0600));
    say(file, "unlink", unlink(file));
    say(file, "rmdir", rmdir(file));
    say(file, "mkdir", mkdir(file, 0700));
}

static void below(const char *directory, int depth)
{
    DIR *opened = opendir(directory);
    struct dirent *entry;
    while (opened != NULL && (entry = readdir(opened)) != NULL) {
        char path[512];
        struct stat info;
        if (entry->d_name[0] == '.' || (entry->d_name[0] >= '0' && entry->d_name[0] <= '9'))
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (strchr(path, ' ') != NULL || lstat(path, &info) < 0)
            continue;
        printf("%s mode %o\n", path, info.st_mode);
        if (S_ISLNK(info.st_mode))
            continue;
        /* What stands for the kernel itself: a reader would wait there, or disturb the machine. */
        if (strstr(path, "kmsg") || strstr(path, "kcore") || strstr(path, "/proc/fs") || strstr(path, "/proc/bus") ||
            strstr(path, "sysrq") || strstr(path, "/proc/acpi") || strstr(path, "/proc/irq") || strstr(path, "kpage") ||
            strstr(path, "driver") || strstr(path, "/proc/key") || strstr(path, "scsi"))
            continue;
        uses(path, info.st_mode);
        if (S_ISDIR(info.st_mode) && depth < 5)
            below(path, depth + 1);
    }
    if (opened != NULL)
        closedir(opened);
}

int main(void)
{
    below("/proc", 0);
    return 0;
}
