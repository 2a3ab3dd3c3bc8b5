/* Lets processes, or single lwps of them, go on that pstop or a signal has stopped: prun PID[/LWP]... */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <solproc.h>
#include <stdio.h>
#include <unistd.h>

/* Process-level: as often as there are lwps that stand at an event of their own. */
static bool run(int ctl, int pid)
{
    pstatus_t status;
    for (bool again = true; again;) {
        if (!sol_tell_long(ctl, PCRUN, 0) && errno != EBUSY)
            return false;
        again = sol_get(pid, "status", &status, sizeof status) && status.pr_flags & PR_ISTOP;
    }
    return true;
}

int main(int argc, char **argv)
{
    int failed = 0;
    begin("prun", "usage: prun PID[/LWP]...\n", argc, argv);
    if (argc < 2)
        wrong_usage();
    for (int i = 1; i < argc; i++) {
        int pid, lwp;
        char name[32] = "ctl";
        pstatus_t status;
        if (!sol_pid(argv[i], &pid, &lwp)) {
            failed = 1;
            continue;
        }
        if (lwp)
            snprintf(name, sizeof name, "lwp/%d/lwpctl", lwp);
        int ctl = sol_open(pid, name, O_WRONLY | O_EXCL); /* who traces it would be confused */
        bool good = ctl >= 0 && sol_get(pid, "status", &status, sizeof status);
        if (good && status.pr_lwp.pr_why == PR_JOBCONTROL)
            good = kill(pid, SIGCONT) == 0;
        if (good && lwp)
            good = sol_tell_long(ctl, PCRUN, 0) || errno == EBUSY; /* EBUSY: it does not stand */
        else if (good)
            good = run(ctl, pid);
        if (!good) {
            sol_complain(pid);
            failed = 1;
        }
        if (ctl >= 0)
            close(ctl);
    }
    return failed;
}
