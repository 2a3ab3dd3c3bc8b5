/* Shows what processes do with each signal: psig PID... default, ignored, or caught (where, with which flags, and what
 * is held meanwhile); whether the lwp that stands for the process holds it back, and whether one is pending.
 */
#include <err.h>
#include <errno.h>
#include <names.h>
#include <signal.h>
#include <solproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <symbols.h>

static const struct {
    unsigned bit;
    const char *name;
} flags[] = {{0x80000000, "RESETHAND"}, {0x40000000, "NODEFER"}, {0x10000000, "RESTART"}, {0x8000000, "ONSTACK"},
             {4, "SIGINFO"}, {2, "NOCLDWAIT"}, {1, "NOCLDSTOP"}};

static bool in_set(const pr_sigset_t *set, int number) { return SYS_IN(set, number); }

static void show_caught(struct image *image, const pr_sigaction_t *action)
{
    char where[160];
    const char *comma = "";
    printf("caught\t%s\t", image_where(image, action->psa_handler, where, sizeof where));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if ((unsigned)action->psa_flags & flags[i].bit) {
            printf("%s%s", comma, flags[i].name);
            comma = ",";
        }
    comma = "\t";
    for (int number = 1; number <= 64; number++)
        if (in_set(&action->psa_mask, number)) {
            printf("%s%s", comma, signal_name(number));
            comma = ",";
        }
    putchar('\n');
}

static bool show(int pid)
{
    psinfo_t info;
    pstatus_t status;
    size_t size;
    struct image image;
    pr_sigaction_t *actions = sol_all(pid, "sigact", &size);
    if (!actions)
        return false;
    if (!sol_get(pid, "psinfo", &info, sizeof info) || !sol_get(pid, "status", &status, sizeof status)
        || !image_open(&image, pid)) {
        free(actions);
        return false;
    }
    sol_title(&info);
    for (int number = 1; number <= (int)(size / sizeof *actions); number++) {
        const pr_sigaction_t *action = &actions[number - 1];
        bool blocked = in_set(&status.pr_lwp.pr_lwphold, number);
        bool pending = in_set(&status.pr_sigpend, number) || in_set(&status.pr_lwp.pr_lwppend, number);
        if (number > 31 && !action->psa_handler && !blocked && !pending)
            continue; /* the real-time signals, of which nobody wants to see thirty that are not used */
        printf("%s\t%s%s", signal_name(number), blocked ? "blocked," : "", pending ? "pending," : "");
        if (action->psa_handler > 1)
            show_caught(&image, action);
        else
            printf("%s\n", action->psa_handler ? "ignored" : "default");
    }
    image_close(&image);
    free(actions);
    return true;
}

int main(int argc, char **argv)
{
    int failed = 0;
    begin("psig", "usage: psig PID...\n", argc, argv);
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
