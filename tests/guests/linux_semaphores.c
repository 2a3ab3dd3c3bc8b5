/* POSIX semaphores: of threads, of processes, and with a name. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

enum { ITEMS = 500, SLOTS = 8 };

static sem_t free_slots, filled;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int ring[SLOTS], head, tail;
static volatile long sum;

static void *produces(void *first)
{
    for (int i = 0; i < ITEMS; i++) {
        CHECK_EQ(0, sem_wait(&free_slots));
        pthread_mutex_lock(&mutex);
        ring[head++ % SLOTS] = (int)(long)first + i;
        pthread_mutex_unlock(&mutex);
        CHECK_EQ(0, sem_post(&filled));
    }
    return NULL;
}

static void *consumes(void *unused)
{
    (void)unused;
    for (int i = 0; i < ITEMS; i++) {
        CHECK_EQ(0, sem_wait(&filled));
        pthread_mutex_lock(&mutex);
        sum += ring[tail++ % SLOTS];
        pthread_mutex_unlock(&mutex);
        CHECK_EQ(0, sem_post(&free_slots));
    }
    return NULL;
}

CASE(producers_and_consumers)
{
    pthread_t threads[8];
    CHECK_EQ(0, sem_init(&free_slots, 0, SLOTS));
    CHECK_EQ(0, sem_init(&filled, 0, 0));
    for (long i = 0; i < 8; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, i % 2 ? produces : consumes, (void *)(i * ITEMS)));
    for (int i = 0; i < 8; i++)
        CHECK_EQ(0, pthread_join(threads[i], NULL));
    long expected = 0;
    for (long i = 1; i < 8; i += 2)
        for (long k = 0; k < ITEMS; k++)
            expected += i * ITEMS + k;
    CHECK_EQ(expected, sum);
}

static void note(int number) { (void)number; }

CASE(a_wait_that_ends_without_the_semaphore)
{
    struct timespec until;
    int value;
    CHECK_EQ(0, sem_init(&filled, 0, 1));
    CHECK_EQ(0, sem_trywait(&filled));
    CHECK_ERRNO(EAGAIN, sem_trywait(&filled));
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 20000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    CHECK_ERRNO(ETIMEDOUT, sem_timedwait(&filled, &until));
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    CHECK_ERRNO(EINTR, sem_wait(&filled));
    CHECK_EQ(0, sem_getvalue(&filled, &value));
    CHECK_EQ(0, value);
}

static void to_and_fro(sem_t *there, sem_t *back, volatile int *shared)
{
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 50; i++) {
            sem_wait(there);
            *shared = *shared * 3 % 1009;
            sem_post(back);
        }
        _exit(0);
    }
    int expected = *shared = 1, status;
    for (int i = 0; i < 50; i++) {
        sem_post(there);
        CHECK_EQ(0, sem_wait(back));
        expected = expected * 3 % 1009 + 1;
        CHECK_EQ(expected, ++*shared);
    }
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

static void *shared_memory(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

CASE(semaphores_of_two_processes)
{
    struct { sem_t there, back; int number; } *both = shared_memory();
    CHECK_EQ(0, sem_init(&both->there, 1, 0));
    CHECK_EQ(0, sem_init(&both->back, 1, 0));
    to_and_fro(&both->there, &both->back, &both->number);
}

CASE(semaphores_with_names)
{
    char name[2][40];
    sem_t *made[2];
    for (int i = 0; i < 2; i++) {
        snprintf(name[i], sizeof name[i], "/rvsim-test-%d-%d", getpid(), i);
        made[i] = sem_open(name[i], O_CREAT | O_EXCL, 0600, 0);
        CHECK(made[i] != SEM_FAILED);
        CHECK(sem_open(name[i], O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED && errno == EEXIST);
    }
    to_and_fro(made[0], made[1], shared_memory());
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(0, sem_close(made[i]));
        CHECK_EQ(0, sem_unlink(name[i]));
        CHECK_ERRNO(ENOENT, sem_unlink(name[i]));
    }
}
