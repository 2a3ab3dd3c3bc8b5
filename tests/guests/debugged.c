/* What a debugger is tried on: calls inside calls, a counter that is stored to, faults, a fork, a signal, input. */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

volatile long counter = 5;
static volatile char page[3 * 4096];
static volatile int handled;

__attribute__((noinline)) long innermost(long n)
{
    counter += n;               /* the line that a breakpoint is set at */
    return counter;
}

__attribute__((noinline)) long recursive(long depth)
{
    if (depth == 0)
        return innermost(100);
    long below = recursive(depth - 1);
    __asm__ volatile("" : "+r"(below));     /* no loop instead of the call */
    return below + depth;
}

static void handler(int signo)
{
    handled = signo;
}

__attribute__((noinline)) void touch(void)
{
    page[4096] = 1;
}

int main(int argc, char **argv)
{
    long sum = 0;
    for (long i = 0; i < 10; i++)
        sum += innermost(i);
    printf("sum %ld\n", sum);
    fflush(stdout);
    touch();
    long deep = recursive(3);
    signal(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    pid_t child = fork();
    if (child == 0) {
        touch();
        counter = 77;
        _exit(3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("deep %ld handled %d child %d\n", deep, handled, WEXITSTATUS(status));
    fflush(stdout);
    char line[64];
    if (argc > 1 && strcmp(argv[1], "read") == 0) {
        long got = read(0, line, sizeof line);
        printf("read %ld\n", got);
    }
    if (argc > 1 && strcmp(argv[1], "crash") == 0)
        *(volatile int *)8 = 1;
    return (int)counter & 0x7f;
}
