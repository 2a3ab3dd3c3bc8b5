/* Random system calls in the ABI linux; see script.h. Prints "alive" when all is over and programs still run. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "script.h"

static void nap(void)
{
    struct timespec length = {0, 1000000};
    nanosleep(&length, NULL);
}

static void ignore(int number) { (void)number; }

/* A call that waits is disturbed after a millisecond, so that the script goes on. */
static void disturb(void)
{
    struct sigaction action = {.sa_handler = ignore};
    static const uint64_t interval[] = {0, 1000, 0, 1000};
    sigaction(SIGALRM, &action, NULL);
    syscall3(103, 0, (long)interval, 0); /* setitimer */
}

int main(void)
{
    int fd = open("/script", O_RDONLY);
    if (read(fd, &script, sizeof script) < 16)
        return 1;
    close(fd);
    edge = (uintptr_t)mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4096;
    munmap((void *)edge, 4096);
    closed = edge;
    pid_t pid = fork();
    if (pid == 0) {
        if (script.flags & 1) {
            syscall3(144, 1000, 0, 0); /* setgid, setuid */
            syscall3(146, 1000, 0, 0);
        }
        disturb();
        run_script();
        _exit(0);
    }
    int status;
    for (int i = 0; i < 60 && waitpid(-1, &status, WNOHANG) >= 0; i++)
        nap();
    for (; kill(-1, SIGKILL) == 0; nap())
        while (waitpid(-1, &status, WNOHANG) > 0)
            ;
    while (waitpid(-1, &status, 0) > 0)
        ;
    pid = fork();
    if (pid == 0) {
        char *args[] = {"hello", NULL};
        execve("/bin/hello", args, args + 1);
        _exit(1);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        return 2;
    puts("alive");
    return 0;
}
