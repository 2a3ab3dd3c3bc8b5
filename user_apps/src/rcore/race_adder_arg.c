/* Shows a race that the threads' arguments decide: thread i waits i turns before each addition. With enough waiting no
 * two ever meet, with little they do; either way the program only reports what it counted. */
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 4, ADDITIONS = 300 };

static volatile long counter;

static void add(void *argument)
{
    for (int i = 0; i < ADDITIONS; i++) {
        long seen = counter;
        for (long turn = 0; turn < (long)argument; turn++)
            yield();
        counter = seen + 1;
    }
    exit(0);
}

int main(void)
{
    long tids[THREADS];
    for (long i = 0; i < THREADS; i++)
        tids[i] = thread_create(add, (void *)i);
    for (int i = 0; i < THREADS; i++)
        waittid(tids[i]);
    printf("race_adder_arg: counted %ld of %d.\n", counter, THREADS * ADDITIONS);
    return counter >= ADDITIONS && counter < THREADS * ADDITIONS ? 0 : 1;
}
