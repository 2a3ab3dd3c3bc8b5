/* Runs programs of the other ABI, and is run by one: argv[1] is the program, the rest its arguments. */
#include <rcore.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        puts("no arguments");
        return 5;
    }
    long pid = fork();
    if (pid == 0) {
        exec(argv[1], (const char *const *)argv + 1);
        exit(98);
    }
    int code = 0;
    waitpid(pid, &code);
    printf("code %d\n", code);
    return 0;
}
