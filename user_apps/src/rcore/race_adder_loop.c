/* Shows a data race that is sure to bite: every thread reads the counter, gives the hart away, and writes back what it
 * read plus one. What the others added meanwhile is lost. */
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 8, ADDITIONS = 100, LOST_UPDATES = 1 };

static volatile long counter;

static void add(void *unused)
{
    (void)unused;
    for (int i = 0; i < ADDITIONS; i++) {
        long seen = counter;
        yield();
        counter = seen + 1;
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
    printf("race_adder_loop: counted %ld of %d.\n", counter, THREADS * ADDITIONS);
    return counter == THREADS * ADDITIONS ? 0 : LOST_UPDATES;
}
