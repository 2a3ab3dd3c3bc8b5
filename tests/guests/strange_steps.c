/* Threads, a signal with a handler, a fork and a fault: what a stepper can be asked strange things about. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 3, ADDITIONS = 100 };

int counter;

static void on_signal(int signo) { counter += signo; }

static void *work(void *unused)
{
    for (int i = 0; i < ADDITIONS; i++)
        __atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    signal(SIGUSR1, on_signal);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    kill(getpid(), SIGUSR1);
    pid_t child = fork();
    if (child == 0) {
        volatile int *nowhere = (volatile int *)8;
        *nowhere = 1;
        _exit(3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("%d %d\n", counter, WTERMSIG(status));
    return 0;
}
