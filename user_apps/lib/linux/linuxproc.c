/* Linux's /proc for programs that show processes. */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linuxproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *proc_read(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    size_t used = 0, room = 4096;
    char *text = must(malloc(room));
    for (;;) {
        ssize_t got = read(fd, text + used, room - 1 - used);
        if (got <= 0) {
            int why = errno;
            close(fd);
            if (got < 0) {
                free(text);
                errno = why;
                return NULL;
            }
            break;
        }
        used += (size_t)got;
        if (used == room - 1)
            text = must(realloc(text, room *= 2));
    }
    text[used] = '\0';
    if (size)
        *size = used;
    return text;
}

static int ascending(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

int proc_numbers(const char *path, int **numbers)
{
    DIR *directory = opendir(path);
    if (!directory)
        return -1;
    int count = 0, room = 64;
    *numbers = must(malloc((size_t)room * sizeof **numbers));
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!isdigit(entry->d_name[0]))
            continue;
        if (count == room)
            *numbers = must(realloc(*numbers, (size_t)(room *= 2) * sizeof **numbers));
        (*numbers)[count++] = atoi(entry->d_name);
    }
    closedir(directory);
    qsort(*numbers, (size_t)count, sizeof **numbers, ascending);
    return count;
}

bool proc_stat(const char *directory, struct proc_stat *stat)
{
    char path[64];
    long field[23]; /* the numbers from the fourth on */
    snprintf(path, sizeof path, "%s/stat", directory);
    char *text = proc_read(path, NULL);
    if (!text)
        return false;
    char *open = strchr(text, '('), *close = strrchr(text, ')'); /* the name may hold both */
    bool good = open && close > open && close[1] == ' ' && close[2];
    if (good) {
        *close = '\0';
        snprintf(stat->comm, sizeof stat->comm, "%s", open + 1);
        stat->state = close[2];
        char *at = close + 3;
        for (size_t i = 0; i < sizeof field / sizeof *field; i++)
            field[i] = strtol(at, &at, 10);
        stat->pid = atoi(text);
        stat->ppid = (int)field[0];
        stat->pgrp = (int)field[1];
        stat->session = (int)field[2];
        stat->tty = (int)field[3];
        stat->tpgid = (int)field[4];
        stat->flags = (unsigned long)field[5];
        stat->utime = (unsigned long)field[10];
        stat->stime = (unsigned long)field[11];
        stat->cutime = (unsigned long)field[12];
        stat->cstime = (unsigned long)field[13];
        stat->priority = field[14];
        stat->nice = field[15];
        stat->threads = field[16];
        stat->start = (unsigned long)field[18];
        stat->vsize = (unsigned long)field[19];
        stat->rss = field[20];
    }
    free(text);
    return good;
}

long proc_key(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, key, length) == 0)
            return strtol(line + length, NULL, 10);
    return -1;
}

char *proc_command(int pid)
{
    char path[40];
    size_t size;
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    char *text = proc_read(path, &size);
    if (!text)
        return must(strdup(""));
    while (size > 0 && !text[size - 1])
        size--;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < ' ')
            text[i] = text[i] ? '?' : ' ';
    return text;
}

bool proc_cpu(struct cpu_time *time)
{
    char *text = proc_read("/proc/stat", NULL), *at = text;
    if (!text || strncmp(text, "cpu ", 4) != 0)
        return false;
    unsigned long *field[] = {&time->user, &time->nice, &time->system, &time->idle,
                              &time->iowait, &time->irq, &time->softirq, &time->steal};
    at += 4;
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        *field[i] = strtoul(at, &at, 10);
    free(text);
    return true;
}

unsigned long proc_uptime(void)
{
    char *text = proc_read("/proc/uptime", NULL), *end;
    if (!text)
        return 0;
    unsigned long seconds = strtoul(text, &end, 10);
    unsigned long hundredths = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
    free(text);
    return seconds * 100 + hundredths;
}

long proc_boot_time(void)
{
    char *text = proc_read("/proc/stat", NULL);
    long seconds = text ? proc_key(text, "btime ") : 0;
    free(text);
    return seconds > 0 ? seconds : 0;
}

/* Numbers: Documentation/admin-guide/devices.txt; how the field is put together: proc_pid_stat(5). */
const char *tty_name(int tty)
{
    static char name[24];
    unsigned major = (unsigned)tty >> 8 & 0xfff, minor = ((unsigned)tty & 0xff) | ((unsigned)tty >> 12 & 0xfff00);
    if (!tty)
        return "?";
    if (major >= 136 && major <= 143)
        snprintf(name, sizeof name, "pts/%u", (major - 136) << 8 | minor);
    else if (major == 5 && minor == 1)
        return "console";
    else if (major == 4)
        snprintf(name, sizeof name, minor < 64 ? "tty%u" : "ttyS%u", minor < 64 ? minor : minor - 64);
    else
        snprintf(name, sizeof name, "%u:%u", major, minor);
    return name;
}

/* The line of /etc/passwd whose field `wanted` (0: the name, 2: the uid) is `value`, its name and uid taken. */
static bool in_passwd(int wanted, const char *value, char *name, size_t size, int *uid)
{
    static char *passwd;
    static bool looked;
    if (!looked)
        passwd = proc_read("/etc/passwd", NULL);
    looked = true;
    for (const char *line = passwd; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        const char *field[3] = {line};
        for (int i = 1; i < 3 && field[i - 1]; i++) {
            const char *colon = strchr(field[i - 1], ':');
            field[i] = colon ? colon + 1 : NULL;
        }
        if (!field[2] || strncmp(field[wanted], value, strlen(value)) != 0 || field[wanted][strlen(value)] != ':')
            continue;
        snprintf(name, size, "%.*s", (int)strcspn(line, ":"), line);
        *uid = atoi(field[2]);
        return true;
    }
    return false;
}

const char *user_name(unsigned uid)
{
    static char name[40];
    char text[16];
    int same;
    snprintf(text, sizeof text, "%u", uid);
    if (!in_passwd(2, text, name, sizeof name, &same))
        snprintf(name, sizeof name, "%u", uid);
    return name;
}

int user_number(const char *name)
{
    char same[40], *end;
    int uid;
    long number = strtol(name, &end, 10);
    if (end != name && !*end)
        return (int)number;
    return in_passwd(0, name, same, sizeof same, &uid) ? uid : -1;
}
