/* Does a little of all that a trace tells of. With an argument, it is a program that was run by exec. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int shared_word = 1;
static volatile sig_atomic_t heard;

static void hear(int signo) { heard = signo; }

static int status_of(pid_t pid)
{
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void *thread(void *word)
{
    *(int *)word = 2;
    return NULL;
}

__attribute__((noinline)) static int deep(int left)
{
    char room[16384];
    memset(room, left, sizeof room);
    return left ? deep(left - 1) + room[left] : room[0];
}

static void child_of_signals(void)
{
    char *words[] = {"</script><b>\xff", "run", NULL};
    shared_word = 5;                                     /* copy-on-write */
    signal(SIGUSR1, hear);
    raise(SIGUSR1);
    execv("/proc/self/exe", words);
    _exit(99);
}

int main(int argc, char **argv __attribute__((unused)))
{
    struct timespec pause_ms = {0, 1000000};
    pthread_t other;
    pid_t pid;
    int word = 0, ends[2], i;
    char byte;

    if (argc > 1)
        return heard + 3;
    for (i = 0; i < 100; i++)
        syscall(SYS_getppid);
    if (open("/nowhere", O_RDONLY | O_CLOEXEC) >= 0)
        return 1;
    if (deep(20) == 12345)
        return 2;
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = page[4096] = 1;

    if (!(pid = fork()))
        child_of_signals();
    if (status_of(pid) != 3 << 8)
        return 3;
    if (!(pid = fork()))
        *(volatile int *)16 = 1;
    if (!WIFSIGNALED(status_of(pid)))
        return 4;
    if (pipe(ends))
        return 5;
    if (!(pid = fork())) {
        read(ends[0], &byte, 1);
        pause();
        _exit(98);
    }
    nanosleep(&pause_ms, NULL);
    write(ends[1], "x", 1);
    sched_yield();
    kill(pid, SIGTERM);
    if (WTERMSIG(status_of(pid)) != SIGTERM)
        return 6;
    if (!(pid = fork())) {
        raise(SIGSTOP);
        _exit(0);
    }
    if (waitpid(pid, &i, WUNTRACED) != pid || !WIFSTOPPED(i) || kill(pid, SIGCONT) || status_of(pid))
        return 8;
    pthread_create(&other, NULL, thread, &word);
    pthread_join(other, NULL);
    signal(SIGALRM, hear);
    alarm(1);
    if (pause() != -1 || errno != EINTR || heard != SIGALRM)
        return 7;
    puts("done");
    return word - 2;
}
