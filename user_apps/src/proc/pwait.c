/* Waits until processes have ended, whoever's children they are: pwait [-v] PID... -v says how each ended. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <names.h>
#include <poll.h>
#include <solproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(int pid, int psinfo)
{
    psinfo_t info;
    if (pread(psinfo, &info, sizeof info, 0) != sizeof info) {
        printf("%d: terminated, wait status not available\n", pid); /* its parent was faster */
    } else if (WIFSIGNALED(info.pr_wstat)) {
        printf("%d: terminated by SIG%s%s\n", pid, signal_name(WTERMSIG(info.pr_wstat)),
               info.pr_wstat & 0x80 ? " (core dumped)" : "");
    } else {
        printf("%d: terminated, wait status 0x%.4x\n", pid, (unsigned)info.pr_wstat);
    }
}

int main(int argc, char **argv)
{
    bool verbose = false;
    int failed = 0, count = 0;
    begin("pwait", "usage: pwait [-v] PID...\n", argc, argv);
    for (int option; (option = getopt(argc, argv, "v")) >= 0;) {
        if (option != 'v')
            wrong_usage();
        verbose = true;
    }
    if (optind >= argc)
        wrong_usage();
    struct pollfd *files = must(calloc((size_t)argc, sizeof *files));
    int *pids = must(calloc((size_t)argc, sizeof *pids));
    for (int i = optind; i < argc; i++) {
        if (!sol_pid(argv[i], &pids[count], NULL)) {
            failed = 1;
        } else if (pids[count] == getpid()) {
            warnx("%d: that is pwait itself", pids[count]);
            failed = 1;
        } else if ((files[count].fd = sol_open(pids[count], "psinfo", O_RDONLY)) < 0) {
            sol_complain(pids[count]);
            failed = 1;
        } else {
            count++;
        }
    }
    while (count > 0) {
        if (poll(files, (unsigned long)count, -1) < 0 && errno != EINTR)
            err(1, "poll");
        for (int i = 0; i < count;) {
            if (!(files[i].revents & (POLLHUP | POLLERR | POLLNVAL))) {
                i++;
                continue;
            }
            if (verbose)
                tell(pids[i], files[i].fd);
            close(files[i].fd);
            count--;
            memmove(files + i, files + i + 1, (size_t)(count - i) * sizeof *files);
            memmove(pids + i, pids + i + 1, (size_t)(count - i) * sizeof *pids);
        }
    }
    return failed;
}
