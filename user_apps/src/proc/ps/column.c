/* The columns of ps: what each shows of a process, and how wide. Widths as in procps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ps.h"

static long boot_time, memory_kib;
static unsigned long uptime;

void columns_begin(void)
{
    char *text = proc_read("/proc/meminfo", NULL);
    memory_kib = text ? proc_key(text, "MemTotal:") : 1;
    free(text);
    boot_time = proc_boot_time();
    uptime = proc_uptime();
}

#define COLUMN(name) static void name(const struct process *process, char *to, size_t size)
#define NUMBER(name, value) COLUMN(name) { snprintf(to, size, "%ld", (long)(value)); }

NUMBER(pid, process->pid)
NUMBER(tid, process->stat.pid)
NUMBER(ppid, process->stat.ppid)
NUMBER(pgid, process->stat.pgrp)
NUMBER(sid, process->stat.session)
NUMBER(nlwp, process->stat.threads)
NUMBER(uid, process->euid)
NUMBER(vsz, process->stat.vsize >> 10)
NUMBER(rss, process->stat.rss * 4)
NUMBER(nice, process->stat.nice)
NUMBER(priority, 39 - process->stat.priority)

COLUMN(user) { snprintf(to, size, "%s", user_name(process->euid)); }
COLUMN(tty) { (void)process; snprintf(to, size, "%s", tty_name(process->stat.tty)); }
COLUMN(state) { snprintf(to, size, "%c", process->stat.state); }
COLUMN(comm) { snprintf(to, size, "%s%s", process->stat.comm, process->stat.state == 'Z' ? " <defunct>" : ""); }
COLUMN(args) { snprintf(to, size, "%s", process->command); }

/* The letters of ps(1), PROCESS STATE CODES. */
COLUMN(stat)
{
    const struct proc_stat *of = &process->stat;
    snprintf(to, size, "%c%s%s%s%s", of->state, of->nice < 0 ? "<" : of->nice > 0 ? "N" : "",
             of->session == process->pid ? "s" : "", of->threads > 1 ? "l" : "",
             of->tpgid >= 0 && of->tpgid == of->pgrp ? "+" : "");
}

static unsigned long seconds_of(const struct process *process)
{
    return (process->stat.utime + process->stat.stime) / 100;
}

COLUMN(cputime)
{
    unsigned long seconds = seconds_of(process);
    int length = seconds >= 86400 ? snprintf(to, size, "%lu-", seconds / 86400) : 0;
    snprintf(to + length, size - (size_t)length, "%02lu:%02lu:%02lu", seconds / 3600 % 24, seconds / 60 % 60,
             seconds % 60);
}

COLUMN(bsdtime)
{
    unsigned long seconds = seconds_of(process);
    snprintf(to, size, "%lu:%02lu", seconds / 60, seconds % 60);
}

static unsigned long age(const struct process *process)
{
    return uptime > process->stat.start ? uptime - process->stat.start : 0;
}

COLUMN(etime)
{
    unsigned long seconds = age(process) / 100;
    int length = seconds >= 86400 ? snprintf(to, size, "%lu-", seconds / 86400) : 0;
    if (seconds >= 3600)
        length += snprintf(to + length, size - (size_t)length, "%02lu:", seconds / 3600 % 24);
    snprintf(to + length, size - (size_t)length, "%02lu:%02lu", seconds / 60 % 60, seconds % 60);
}

/* Time used over the time since the start, in tenths of a percent. */
static unsigned long share(const struct process *process)
{
    return age(process) ? (process->stat.utime + process->stat.stime) * 1000 / age(process) : 0;
}

COLUMN(pcpu)
{
    unsigned long tenths = share(process);
    snprintf(to, size, tenths >= 1000 ? "%lu" : "%lu.%lu", tenths / 10, tenths % 10);
}

COLUMN(percent)
{
    unsigned long whole = share(process) / 10;
    snprintf(to, size, "%lu", whole > 99 ? 99 : whole);
}

COLUMN(pmem)
{
    long tenths = process->stat.rss * 4 * 1000 / memory_kib;
    snprintf(to, size, "%ld.%ld", tenths / 10, tenths % 10);
}

/* The time of day for what started today, else the day. UTC. */
COLUMN(start)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t began = boot_time + (time_t)(process->stat.start / 100), now = boot_time + (time_t)(uptime / 100);
    struct tm then, today;
    gmtime_r(&began, &then);
    gmtime_r(&now, &today);
    if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday)
        snprintf(to, size, "%02d:%02d", then.tm_hour, then.tm_min);
    else
        snprintf(to, size, "%.3s%02d", months + 3 * then.tm_mon, then.tm_mday);
}

COLUMN(wchan)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/wchan", process->pid, process->stat.pid);
    char *text = proc_read(path, NULL);
    snprintf(to, size, "%s", text && strcmp(text, "0") != 0 ? text : "-");
    free(text);
}

static const struct column columns[] = {
    {"args", "COMMAND", -27, args}, {"bsdtime", "TIME", 6, bsdtime}, {"c", "C", 2, percent}, {"cmd", "CMD", -27, args},
    {"comm", "COMMAND", -15, comm}, {"command", "COMMAND", -27, args}, {"%cpu", "%CPU", 4, pcpu},
    {"pcpu", "%CPU", 4, pcpu}, {"etime", "ELAPSED", 11, etime}, {"euid", "EUID", 5, uid}, {"euser", "EUSER", -8, user},
    {"lwp", "LWP", 7, tid}, {"%mem", "%MEM", 4, pmem}, {"pmem", "%MEM", 4, pmem}, {"ni", "NI", 3, nice},
    {"nice", "NI", 3, nice}, {"nlwp", "NLWP", 4, nlwp}, {"pgid", "PGID", 7, pgid}, {"pgrp", "PGRP", 7, pgid},
    {"pid", "PID", 7, pid}, {"ppid", "PPID", 7, ppid}, {"pri", "PRI", 3, priority}, {"rss", "RSS", 5, rss},
    {"s", "S", -1, state}, {"sess", "SESS", 7, sid}, {"sid", "SID", 7, sid}, {"spid", "SPID", 7, tid},
    {"start", "START", 5, start}, {"stat", "STAT", -4, stat}, {"state", "S", -1, state}, {"stime", "STIME", 5, start},
    {"tid", "TID", 7, tid}, {"time", "TIME", 8, cputime}, {"tname", "TTY", -8, tty}, {"tt", "TT", -8, tty},
    {"tty", "TT", -8, tty}, {"TTY", "TTY", -8, tty}, {"UID", "UID", -8, user}, {"uid", "UID", 5, uid},
    {"user", "USER", -8, user}, {"vsz", "VSZ", 6, vsz}, {"wchan", "WCHAN", -6, wchan}, {"CMD", "CMD", -1, comm},
};

const struct column *find_column(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strlen(columns[i].name) == length && strncmp(columns[i].name, name, length) == 0)
            return &columns[i];
    return NULL;
}
