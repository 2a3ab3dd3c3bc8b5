/* Shows kill: `until_timeout PROGRAM MS` runs a program and ends it with SIGINT if it takes longer than MS. */
#include <rcore.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, const char *const *argv)
{
    if (argc != 3) {
        printf("usage: until_timeout PROGRAM MILLISECONDS\n");
        return 1;
    }
    long limit = strtol(argv[2], NULL, 10);
    long start = get_time();
    long child = fork();
    if (child == 0) {
        const char *const command[] = {argv[1], NULL};
        exec(command[0], command);
        printf("until_timeout: cannot execute %s\n", argv[1]);
        return 127;
    }
    int code;
    while (get_time() - start <= limit) {
        long found = waitpid_nb(child, &code);
        if (found == child) {
            printf("the child ended by itself within %ld ms, with exit code %d.\n", limit, code);
            return 0;
        }
        yield();
    }
    printf("the child has run for %ld ms: killing it.\n", limit);
    if (kill(child, SIGINT) != 0 || waitpid(child, &code) != child)
        return 1;
    printf("its exit code is %d.\n", code);
    return code == -SIGINT ? 0 : 1;
}
