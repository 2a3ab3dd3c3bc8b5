/* Runs programs of the other ABI, and is run by one: argv[1] is the program, the rest its arguments. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        puts("no arguments");
        fflush(stdout);
        return 6;
    }
    pid_t pid = fork();
    if (pid == 0) {
        execve(argv[1], argv + 1, environ);
        _exit(98);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    printf("status %d\n", status);
    return 0;
}
