/* Shows the cure for a race of yielding threads: a spinning mutex held over the whole addition, yield included. */
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 8, ADDITIONS = 100 };

static volatile long counter;
static long mutex;

static void add(void *unused)
{
    (void)unused;
    for (int i = 0; i < ADDITIONS; i++) {
        mutex_lock(mutex);
        long seen = counter;
        yield();
        counter = seen + 1;
        mutex_unlock(mutex);
    }
    exit(0);
}

int main(void)
{
    long tids[THREADS];
    mutex = mutex_create(false);
    for (int i = 0; i < THREADS; i++)
        tids[i] = thread_create(add, NULL);
    for (int i = 0; i < THREADS; i++)
        waittid(tids[i]);
    printf("race_adder_mutex_spin: counted %ld of %d.\n", counter, THREADS * ADDITIONS);
    return counter == THREADS * ADDITIONS ? 0 : 1;
}
