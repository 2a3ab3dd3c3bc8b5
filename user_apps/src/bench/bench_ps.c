/* Measures one `ps -e`, from its start to its end, while argv[1] processes sleep. Its lines go through a pipe. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* The lines that `ps -e` prints; -1 if it fails. */
static long list(void)
{
    char text[65536], *const words[] = {"ps", "-e", NULL};
    int ends[2], status;
    long lines = 0;
    require(pipe(ends) == 0, "pipe");
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execvp(words[0], words);
        _exit(127);
    }
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], text, sizeof text)) > 0;)
        for (ssize_t i = 0; i < got; i++)
            lines += text[i] == '\n';
    close(ends[0]);
    return waitpid(child, &status, 0) == child && status == 0 ? lines : -1;
}

int main(int argc, char **argv)
{
    int many = argc > 1 ? atoi(argv[1]) : 10;
    pid_t *children = malloc(sizeof *children * (size_t)many);
    struct timespec long_time = {1000, 0};
    for (int i = 0; i < many; i++) {
        children[i] = fork();
        require(children[i] >= 0, "fork");
        if (children[i] == 0)
            for (;;)
                nanosleep(&long_time, NULL);
    }
    long start = now_ns();
    long lines = list();
    long took = now_ns() - start;
    for (int i = 0; i < many; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    require(lines > many, "a line for each process");
    printf("ps %ld\n", took);
    return 0;
}
