/* Measures fork + exec + wait of a small static program, 200 times. The program is /bin/true; arguments name another
 * command, which is how this runs under an emulator that cannot execute riscv64 programs itself:
 * `qemu-riscv64 bench_forkexec /usr/bin/qemu-riscv64 true`. */
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char **argv)
{
    char *small[] = {"/bin/true", NULL};
    char **command = argc > 1 ? argv + 1 : small;
    long start = now_ns();
    for (int i = 0; i < 200; i++) {
        pid_t child = fork();
        if (child == 0) {
            execve(command[0], command, environ);
            _exit(127);
        }
        int status;
        require(child > 0 && waitpid(child, &status, 0) == child && status == 0, "fork, exec and wait");
    }
    return report("forkexec", start);
}
