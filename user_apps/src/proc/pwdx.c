/* Shows the working directories of processes: pwdx PID... It goes there itself, through /system/proc/PID/cwd, and asks
 * where it is.
 */
#include <err.h>
#include <solproc.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int failed = 0;
    char place[4096];
    begin("pwdx", "usage: pwdx PID...\n", argc, argv);
    if (argc < 2)
        wrong_usage();
    for (int i = 1; i < argc; i++) {
        int pid;
        if (!sol_pid(argv[i], &pid, NULL)) {
            failed = 1;
        } else if (chdir(sol_path(pid, "cwd")) < 0) {
            sol_complain(pid);
            failed = 1;
        } else if (!getcwd(place, sizeof place)) {
            warn("%d: the directory has no path any more", pid);
            failed = 1;
        } else {
            printf("%d:\t%s\n", pid, place);
        }
    }
    return failed;
}
