/* Shows how long a command takes: time COMMAND [ARGUMENT...] prints its real, user and system time. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void show(const char *what, time_t seconds, long milliseconds)
{
    dprintf(STDERR_FILENO, "%s\t%ld.%03ld s\n", what, (long)seconds, milliseconds);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        dprintf(STDERR_FILENO, "usage: time COMMAND [ARGUMENT...]\n");
        return 2;
    }
    struct timespec start, end;
    struct rusage usage;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        int code = errno == ENOENT ? 127 : 126;
        dprintf(STDERR_FILENO, "time: %s: %s\n", argv[1], strerror(errno));
        _exit(code);
    }
    if (child < 0) {
        perror("time: fork");
        return 1;
    }
    signal(SIGINT, SIG_IGN); /* ^C is for the command; the times are still of interest */
    while (wait4(child, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            perror("time: wait");
            return 1;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    long nanoseconds = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
    show("real", nanoseconds / 1000000000, nanoseconds / 1000000 % 1000);
    show("user", usage.ru_utime.tv_sec, usage.ru_utime.tv_usec / 1000);
    show("sys", usage.ru_stime.tv_sec, usage.ru_stime.tv_usec / 1000);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
