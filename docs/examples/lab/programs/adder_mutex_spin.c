/* Threads add 1 to one counter many times, and now and then give the hart away between reading it and writing it. Ends
 * with 0 if the sum is right, with 1 if additions were lost. Given. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "lock.h"

enum { THREADS = 4, ROUNDS = 10000, OFTEN = 1000 };

static struct lock mutex = {ATOMIC_FLAG_INIT};
static volatile long counter;

static void *add(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        lock(&mutex);
        long seen = counter;
        if (i % OFTEN == 0)
            sched_yield();
        counter = seen + 1;
        unlock(&mutex);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, add, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("counted %ld of %d\n", counter, THREADS * ROUNDS);
    return counter == THREADS * ROUNDS ? 0 : 1;
}
