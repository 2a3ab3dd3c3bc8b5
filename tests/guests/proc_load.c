/* Many processes, and readers of /proc among them. argv[1]: how many; argv[2]: what to do: nothing, "storm", or "run" and
 * a command, which is run among them.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void fail(const char *what, long number)
{
    printf("%s: %ld\n", what, number);
    fflush(stdout);
    kill(0, SIGKILL);
}

/* Read the directory once: every process's stat with the pid that its name says. Returns how many there were. */
static long walk(int may_vanish)
{
    DIR *directory = opendir("/proc");
    struct dirent *entry;
    long count = 0, last = 0;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        char path[64], text[512];
        long pid = atol(entry->d_name);
        if (pid <= last)
            fail("out of order", pid);
        last = pid;
        snprintf(path, sizeof path, "/proc/%ld/stat", pid);
        int fd = open(path, O_RDONLY);
        long got = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
        if (fd >= 0)
            close(fd);
        if (got <= 0 && !may_vanish)
            fail("no stat", pid);
        if (got > 0) {
            text[got] = 0;
            if (atol(text) != pid)
                fail("another's stat", pid);
        }
        count++;
    }
    closedir(directory);
    return count;
}

/* Fork and reap as fast as it goes, while others walk and hold files of the dead. */
static void storm(int rounds)
{
    for (int reader = 0; reader < 3; reader++)
        if (fork() == 0) {
            int held[64], n = 0;
            for (int round = 0; round < rounds; round++) {
                walk(1);
                DIR *directory = opendir("/proc");
                struct dirent *entry;
                while ((entry = readdir(directory)) != NULL && n < 64) {
                    char path[64], text[256];
                    if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
                        continue;
                    snprintf(path, sizeof path, "/proc/%s/status", entry->d_name);
                    int fd = open(path, O_RDONLY);
                    if (fd >= 0)
                        held[n++] = fd;
                    (void)!(fd >= 0 && read(fd, text, 10));
                }
                closedir(directory);
                while (n > 32) {
                    char text[256];
                    long got = pread(held[--n], text, sizeof text, 0);
                    if (got == 0)
                        fail("an empty status", n);
                    close(held[n]);
                }
            }
            _exit(0);
        }
    for (int round = 0; round < rounds * 20; round++) {
        pid_t child = fork();
        if (child == 0)
            _exit(round & 0x7f);
        int status;
        if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != (round & 0x7f))
            fail("another child", child);
    }
    while (wait(NULL) > 0)
        ;
    printf("passed\n");
}

/* What the command takes of the processor, on standard error. */
static void run(char **command)
{
    struct rusage used;
    int status;
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (wait4(child, &status, 0, &used) != child || status != 0)
        fail("the command", status);
    fprintf(stderr, "%ld us\n", used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec);
}

int main(int argc, char **argv)
{
    int many = argc > 1 ? atoi(argv[1]) : 10;
    if (argc > 2 && strcmp(argv[2], "storm") == 0) {
        storm(many);
        return 0;
    }
    long before = walk(0);
    pid_t *children = malloc(sizeof *children * (size_t)many);
    for (int at = 0; at < many; at++) {
        children[at] = fork();
        if (children[at] == 0)
            for (;;)
                pause();
        if (children[at] < 0)
            fail("no fork", at);
    }
    if (argc > 3) {
        run(argv + 3);
    } else {
        long start = now_us();
        long seen = walk(0);
        printf("%ld processes in %ld us\n", seen - before, now_us() - start);
    }
    for (int at = 0; at < many; at++)
        kill(children[at], SIGKILL);
    while (wait(NULL) > 0)
        ;
    if (walk(0) != before)
        fail("left behind", walk(0));
    printf("passed\n");
    return 0;
}
