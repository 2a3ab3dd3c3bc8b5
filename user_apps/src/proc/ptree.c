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
};

static struct process *processes;
static int count;

static struct process *find(int pid)
{
    for (int i = 0; i < count; i++)
        if (processes[i].info.pr_pid == pid)
            return &processes[i];
    return NULL;
}

static void want_below(int pid)
{
    for (int i = 0; i < count; i++)
        if (processes[i].info.pr_ppid == pid && processes[i].info.pr_pid != pid && !processes[i].wanted) {
            processes[i].wanted = true;
            want_below(processes[i].info.pr_pid);
        }
}

static void show(const struct process *process, int depth)
{
    const psinfo_t *info = &process->info;
    if (process->wanted) {
        const char *text = *info->pr_psargs ? info->pr_psargs : info->pr_fname;
        printf("%*s%-6d%.*s\n", 2 * depth, "", info->pr_pid, PRARGSZ, info->pr_nlwp ? text : "<defunct>");
    }
    for (int i = 0; i < count; i++)
        if (processes[i].info.pr_ppid == info->pr_pid && &processes[i] != process)
            show(&processes[i], depth + process->wanted);
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
            want_below(pid);
            for (; process && !process->wanted; process = find(process->info.pr_ppid))
                process->wanted = true;
        }
    }
    for (int i = 0; i < count; i++)
        if (!find(processes[i].info.pr_ppid))
            show(&processes[i], 0);
    return failed;
}
