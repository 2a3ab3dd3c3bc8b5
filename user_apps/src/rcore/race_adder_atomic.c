/* Shows the cure for a race on one number: the addition as one atomic instruction (amoadd.d). */
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 8, ADDITIONS = 100 };

static volatile long counter;

static void add(void *unused)
{
    (void)unused;
    for (int i = 0; i < ADDITIONS; i++) {
        __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
    }
    exit(0);
}

int main(void)
{
    long tids[THREADS];
    for (int i = 0; i < THREADS; i++)
        tids[i] = thread_create(add, NULL);
    for (int i = 0; i < THREADS; i++)
        waittid(tids[i]);
    printf("race_adder_atomic: counted %ld of %d.\n", counter, THREADS * ADDITIONS);
    return counter == THREADS * ADDITIONS ? 0 : 1;
}
