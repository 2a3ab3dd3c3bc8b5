/* Stops processes, or single lwps of them, where they are, through /system/proc: pstop PID[/LWP]... It is not a signal:
 * nothing in the process or its parent sees it. prun lets them go on.
 */
#include <err.h>
#include <fcntl.h>
#include <solproc.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int failed = 0;
    begin("pstop", "usage: pstop PID[/LWP]...\n", argc, argv);
    if (argc < 2)
        wrong_usage();
    for (int i = 1; i < argc; i++) {
        int pid, lwp;
        char name[32] = "ctl";
        if (!sol_pid(argv[i], &pid, &lwp)) {
            failed = 1;
            continue;
        }
        if (lwp)
            snprintf(name, sizeof name, "lwp/%d/lwpctl", lwp);
        int ctl = pid == getpid() ? -1 : sol_open(pid, name, O_WRONLY);
        if (pid == getpid()) {
            warnx("%d: that is pstop itself", pid);
            failed = 1;
        } else if (ctl < 0 || !sol_tell(ctl, PCDSTOP, "", 0)) {
            sol_complain(pid);
            failed = 1;
        }
        if (ctl >= 0)
            close(ctl);
    }
    return failed;
}
