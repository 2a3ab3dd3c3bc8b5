/* Shows the first process: it starts the shell, then waits for whatever ends. Processes whose parent is gone become
 * its children, so it is the one that takes them off the kernel's table. When the shell ends, so does the machine, with
 * the shell's exit code. An argument names another program to start instead of the shell. */
#include <rcore.h>
#include <stdio.h>

int main(int argc, const char *const *argv)
{
    const char *const shell[] = {"sh", NULL};
    const char *const *command = argc > 1 ? argv + 1 : shell;
    long first = fork();
    if (first == 0) {
        exec(command[0], command);
        printf("initproc: cannot execute %s\n", command[0]);
        return 127;
    }
    if (first < 0) {
        printf("initproc: cannot fork\n");
        return 1;
    }
    for (;;) {
        int code;
        long ended = wait(&code);
        if (ended == first)
            return code;
        if (ended == WAIT_NO_CHILD)
            yield();
    }
}
