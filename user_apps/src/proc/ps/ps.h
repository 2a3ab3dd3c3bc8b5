/* What the parts of ps share. */
#ifndef PS_H
#define PS_H

#include <linuxproc.h>
#include <stddef.h>

struct process { /* a process, or with -L one thread of it */
    struct proc_stat stat;
    int pid;       /* the process; stat.pid is the thread's own number */
    unsigned euid; /* owner of its directory */
    char *command; /* arguments, or [name] */
};

struct column {
    const char *name, *header;
    int width;  /* least; negative: to the left */
    void (*show)(const struct process *process, char *to, size_t size);
};

const struct column *find_column(const char *name, size_t length); /* NULL: there is none */
void columns_begin(void);                                          /* take the time, the boot time, the memory's size */

#endif
