/* Measures a reading of the directory /proc while argv[1] processes sleep: the mean of several. */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static long names(void)
{
    DIR *directory = opendir("/proc");
    long count = 0;
    require(directory != NULL, "opendir /proc");
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int many = argc > 1 ? atoi(argv[1]) : 10, turns = many > 500 ? 10 : 100;
    pid_t *children = malloc(sizeof *children * (size_t)many);
    struct timespec long_time = {1000, 0};
    for (int i = 0; i < many; i++) {
        children[i] = fork();
        require(children[i] >= 0, "fork");
        if (children[i] == 0)
            for (;;)
                nanosleep(&long_time, NULL);
    }
    long start = now_ns(), seen = 0;
    for (int turn = 0; turn < turns; turn++)
        seen = names();
    long mean = (now_ns() - start) / turns;
    for (int i = 0; i < many; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    require(seen >= many, "a name for each process");
    printf("procdir %ld\n", mean);
    return 0;
}
