/* Shows a data race that regular time slices hide: the threads are done before the first slice ends, so each adds alone.
 * Slices of other lengths (rvsim run --seed N) stop one of them between its reading and its writing, now and then. */
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 4, ADDITIONS = 2000, LOST_UPDATES = 1 };

static volatile long counter;

static void add(void *unused)
{
    (void)unused;
    for (int i = 0; i < ADDITIONS; i++)
        counter = counter + 1;
    exit(0);
}

int main(void)
{
    long tids[THREADS];
    for (int i = 0; i < THREADS; i++)
        tids[i] = thread_create(add, NULL);
    for (int i = 0; i < THREADS; i++)
        waittid(tids[i]);
    printf("race_adder_hidden: counted %ld of %d.\n", counter, THREADS * ADDITIONS);
    return counter == THREADS * ADDITIONS ? 0 : LOST_UPDATES;
}
