/* Shows processes below each other, each with its arguments, as Solaris has them in /system/proc: ptree [PID...]. With
 * PIDs, the ancestors and descendants of each; without, everything.
 */
#include <err.h>
#include <solproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct process {
    psinfo_t info;
    bool wanted;
    struct process *child, *sibling; /* its first child; its parent's next: by number */
};

static struct process *processes; /* by number */
static int count;

static int by_pid(const void *pid, const void *process)
{
    return *(const int *)pid - ((const struct process *)process)->info.pr_pid;
}

static struct process *find(int pid)
{
    return bsearch(&pid, processes, (size_t)count, sizeof *processes, by_pid);
}

static struct process *parent_of(const struct process *process)
{
    struct process *parent = find(process->info.pr_ppid);
    return parent == process ? NULL : parent;
}

static void link_children(void)
{
    for (int i = count; i-- > 0;) {
        struct process *parent = parent_of(&processes[i]);
        if (parent) {
            processes[i].sibling = parent->child;
            parent->child = &processes[i];
        }
    }
}

static void want_below(struct process *process)
{
    for (struct process *child = process->child; child; child = child->sibling)
        if (!child->wanted) {
            child->wanted = true;
            want_below(child);
        }
}

static void show(const struct process *process, int depth)
{
    const psinfo_t *info = &process->info;
    if (process->wanted) {
        const char *text = *info->pr_psargs ? info->pr_psargs : info->pr_fname;
        printf("%*s%-6d%.*s\n", 2 * depth, "", info->pr_pid, PRARGSZ, info->pr_nlwp ? text : "<defunct>");
    }
    for (const struct process *child = process->child; child; child = child->sibling)
        show(child, depth + process->wanted);
}

int main(int argc, char **argv)
{
    int *pids, failed = 0;
    begin("ptree", "usage: ptree [PID...]\n", argc, argv);
    int found = sol_pids(&pids);
    if (found < 0)
        err(1, "%s", sol_path(0, NULL));
    processes = must(calloc((size_t)found + 1, sizeof *processes));
    for (int i = 0; i < found; i++)
        count += sol_get(pids[i], "psinfo", &processes[count].info, sizeof(psinfo_t));
    link_children();
    for (int i = 0; i < count && argc == 1; i++)
        processes[i].wanted = true;
    for (int i = 1; i < argc; i++) {
        int pid;
        struct process *process = NULL;
        if (!sol_pid(argv[i], &pid, NULL)) {
            failed = 1;
        } else if (!(process = find(pid))) {
            warnx("%d: no such process", pid);
            failed = 1;
        } else {
            want_below(process);
            for (; process && !process->wanted; process = parent_of(process))
                process->wanted = true;
        }
    }
    for (int i = 0; i < count; i++)
        if (!parent_of(&processes[i]))
            show(&processes[i], 0);
    return failed;
}
