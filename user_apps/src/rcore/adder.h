/* What the adder programs share: threads that each add 1 to one counter many times, with some work between reading the
 * counter and writing it back. A program defines how it enters and leaves that critical section, then calls run_adder.
 *
 * If a thread loses the hart inside an unprotected critical section, the additions of all others are lost when it comes
 * back. The exit code is 0 if the sum is right and LOST_UPDATES if it is not.
 */
#ifndef ADDER_H
#define ADDER_H

#include <rcore.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOST_UPDATES = 1, MOST_THREADS = 16, WORK = 200 };

static void enter(long id);
static void leave(long id);

static volatile long counter;
static long rounds;

static void add(void *argument)
{
    long id = (long)argument;
    unsigned long mixed = 2;
    for (long i = 0; i < rounds; i++) {
        enter(id);
        long seen = counter;
        for (int j = 0; j < WORK; j++)
            mixed = mixed * mixed % 10007;
        counter = seen + 1;
        leave(id);
    }
    exit((int)mixed);
}

static int run_adder(const char *name, long threads, long rounds_each)
{
    long tids[MOST_THREADS];
    rounds = rounds_each;
    long start = get_time();
    for (long id = 0; id < threads; id++)
        tids[id] = thread_create(add, (void *)id);
    for (long id = 0; id < threads; id++)
        waittid(tids[id]);
    printf("%s: counted %ld of %ld in %ld ms: %s.\n", name, counter, threads * rounds, get_time() - start,
           counter == threads * rounds ? "no update was lost" : "updates were lost");
    return counter == threads * rounds ? 0 : LOST_UPDATES;
}

#endif
