/* A process for tools to look at: two lwps, each deep in calls, one of them in a handler; a file open, a signal held, a
 * child that has ended and that nobody waits for.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int never;

__attribute__((noinline)) static void innermost(void)
{
    while (!never)
        pause();
}

__attribute__((noinline)) static int recursive(int depth)
{
    if (depth == 0)
        innermost();
    else
        never += recursive(depth - 1);
    return never + depth;
}

__attribute__((noinline)) static int with_large_frame(int depth)
{
    char buffer[20000];
    memset(buffer, depth, sizeof buffer);
    int result = recursive(depth);
    return result + buffer[result & 0xfff];
}

static void in_handler(int number) { never += with_large_frame(number - SIGUSR1 + 1); }

__attribute__((noinline)) static void *second_lwp(void *unused)
{
    raise(SIGUSR1);
    never++;
    return unused;
}

int main(void)
{
    pthread_t thread;
    sigset_t held;
    struct sigaction action = {.sa_handler = in_handler, .sa_flags = SA_RESTART};
    sigaddset(&action.sa_mask, SIGALRM);
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&held);
    sigaddset(&held, SIGUSR2);
    sigprocmask(SIG_BLOCK, &held, NULL);
    int fd = open("/tmp/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (write(fd, "twelve bytes", 12) != 12)
        return 1;
    if (fork() == 0)
        _exit(7);
    pthread_create(&thread, NULL, second_lwp, NULL);
    return with_large_frame(3);
}
