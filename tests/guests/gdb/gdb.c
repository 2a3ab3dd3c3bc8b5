/* What a person looks at with gdb: one part for each word on the command line. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct pair {
    int left;
    double right;
};

volatile long counter;
volatile long read_only_so_far = 7;
struct pair pair = {3, 1.5};
__thread int own = 11;
char text[32] = "before";

__attribute__((noinline)) int add(int left, int right)
{
    int sum = left + right;
    return sum;
}

__attribute__((noinline)) double half(double value) { return value / 2; }

__attribute__((noinline)) int factorial(int number)
{
    if (number <= 1)
        return 1;
    return number * factorial(number - 1);
}

static int count(void)
{
    for (int i = 0; i < 10; i++) {
        counter += i;           /* count */
        if (i == 5)
            text[0] = 'B';
    }
    long seen = read_only_so_far;
    return counter == 45 && seen == 7 ? 0 : 1;
}

static int calls(void)
{
    int result = add(2, 3);
    result += factorial(5);
    double other = half(5.0);
    printf("%d %g %s\n", result, other, text);
    return 0;
}

static int forks(void)
{
    int pid = fork();
    if (pid == 0) {
        counter = 100;          /* child */
        _exit(add(3, 4));
    }
    int status = 0;
    waitpid(pid, &status, 0);
    counter = 200;              /* parent */
    printf("child %d\n", WEXITSTATUS(status));
    return 0;
}

static int vforks(char *self)
{
    int pid = vfork();
    if (pid == 0) {
        execl("/proc/self/exe", self, "ends", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    printf("child %d\n", WEXITSTATUS(status));
    return 0;
}

static pthread_barrier_t barrier;

static void *thread(void *arg)
{
    own = (int)(long)arg;
    pthread_barrier_wait(&barrier);
    counter += add(own, 0);     /* thread */
    return NULL;
}

static int threads(void)
{
    pthread_t made[3];
    pthread_barrier_init(&barrier, NULL, 4);
    for (long i = 0; i < 3; i++)
        pthread_create(&made[i], NULL, thread, (void *)(i + 1));
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; i++)
        pthread_join(made[i], NULL);
    printf("%ld\n", counter);
    return 0;
}

static volatile int caught;
static void handler(int signo, siginfo_t *info, void *context)
{
    (void)context;
    caught = signo * 100 + info->si_value.sival_int;
}

static int signals(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5});
    printf("caught %d\n", caught);
    return 0;
}

static int fault(void)
{
    volatile int *nowhere = (int *)0x10;
    *nowhere = 1;               /* fault */
    return 0;
}

static int spins(void)
{
    while (counter >= 0)
        counter++;
    return 0;
}

static int reads(void)
{
    char line[16] = "";
    long got = read(0, line, sizeof line - 1);
    printf("read %ld\n", got);
    return 0;
}

static int sleeps(void)
{
    sleep(1000);
    printf("slept\n");
    return 0;
}

int main(int argc, char **argv)
{
    char *part = argc > 1 ? argv[1] : "count";
    if (!strcmp(part, "count"))
        return count();
    if (!strcmp(part, "calls"))
        return calls();
    if (!strcmp(part, "forks"))
        return forks();
    if (!strcmp(part, "vforks"))
        return vforks(argv[0]);
    if (!strcmp(part, "threads"))
        return threads();
    if (!strcmp(part, "signals"))
        return signals();
    if (!strcmp(part, "fault"))
        return fault();
    if (!strcmp(part, "spins"))
        return spins();
    if (!strcmp(part, "reads"))
        return reads();
    if (!strcmp(part, "sleeps"))
        return sleeps();
    return !strcmp(part, "ends") ? add(20, 2) : 99;
}
