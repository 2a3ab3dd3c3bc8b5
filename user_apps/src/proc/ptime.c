/* Shows how long a command takes, from what the kernel keeps of it after its end: ptime [-m] COMMAND [ARGUMENT...]. -m
 * shows all the states that time goes to, of which this kernel knows running and sleeping, and what was counted.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <solproc.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, pr_timespec_t time)
{
    dprintf(STDERR_FILENO, "%-8s%5ld.%09ld\n", what, (long)time.tv_sec, (long)time.tv_nsec);
}

static void show_all(const prusage_t *usage)
{
    show("trap", usage->pr_ttime);
    show("tflt", usage->pr_tftime);
    show("dflt", usage->pr_dftime);
    show("kflt", usage->pr_kftime);
    show("lock", usage->pr_ltime);
    show("slp", usage->pr_slptime);
    show("lat", usage->pr_wtime);
    show("stop", usage->pr_stoptime);
    dprintf(STDERR_FILENO, "faults  %lu minor, %lu major; switches %lu voluntary, %lu involuntary; signals %lu\n",
            usage->pr_minf, usage->pr_majf, usage->pr_vctx, usage->pr_ictx, usage->pr_sigs);
}

int main(int argc, char **argv)
{
    bool all = false;
    int status;
    psinfo_t info;
    prusage_t usage;
    siginfo_t ended;
    begin("ptime", "usage: ptime [-m] COMMAND [ARGUMENT...]\n", argc, argv);
    int first = 1;
    if (first < argc && strcmp(argv[first], "-m") == 0) {
        all = true;
        first++;
    }
    if (first >= argc || argv[first][0] == '-')
        wrong_usage();
    pid_t child = fork();
    if (child < 0)
        err(1, "fork");
    if (child == 0) {
        execvp(argv[first], argv + first);
        int code = errno == ENOENT ? 127 : 126;
        warn("%s", argv[first]);
        _exit(code);
    }
    signal(SIGINT, SIG_IGN); /* ^C is for the command; the times are still of interest */
    signal(SIGQUIT, SIG_IGN);
    while (waitid(P_PID, child, &ended, WEXITED | WNOWAIT) < 0)
        if (errno != EINTR)
            err(1, "waitid");
    if (!sol_get(child, "psinfo", &info, sizeof info) || !sol_get(child, "usage", &usage, sizeof usage))
        err(1, "%s", sol_path(child, "usage"));
    waitpid(child, &status, 0);
    dprintf(STDERR_FILENO, "\n");
    show("real", usage.pr_rtime);
    show("user", usage.pr_utime);
    show("sys", usage.pr_stime);
    if (all)
        show_all(&usage);
    return WIFSIGNALED(info.pr_wstat) ? 128 + WTERMSIG(info.pr_wstat) : WEXITSTATUS(info.pr_wstat);
}
