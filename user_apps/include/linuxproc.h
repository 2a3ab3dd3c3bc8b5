/* Linux's /proc, read as ps and its like read it. */
#ifndef LINUXPROC_H
#define LINUXPROC_H

#include <stdbool.h>
#include <sys/types.h>

struct proc_stat { /* proc_pid_stat(5); times in hundredths of a second */
    int pid, ppid, pgrp, session, tty, tpgid;
    char comm[32], state;
    unsigned long flags, utime, stime, cutime, cstime, start, vsize;
    long priority, nice, threads, rss;
};

struct cpu_time { /* since boot, in hundredths of a second */
    unsigned long user, nice, system, idle, iowait, irq, softirq, steal;
};

char *proc_read(const char *path, size_t *size); /* a whole file and a NUL behind it, to be freed; NULL: see errno */
int proc_numbers(const char *directory, int **numbers); /* the entries that are numbers, ascending; -1: see errno */
bool proc_stat(const char *directory, struct proc_stat *stat); /* /proc/N or /proc/N/task/N; false: it is gone */
long proc_key(const char *text, const char *key); /* what stands behind `key` at the start of a line; -1: no such line */
char *proc_command(int pid); /* the arguments with blanks between them, to be freed; "" of one that has none */
bool proc_cpu(struct cpu_time *time);
unsigned long proc_uptime(void); /* hundredths of a second */
long proc_boot_time(void);       /* seconds since 1970 */

const char *tty_name(int tty);      /* "pts/0", "?" */
const char *user_name(unsigned uid); /* from /etc/passwd, else the number */
int user_number(const char *name);  /* -1: unknown */

#endif
