/* What the race_adder programs share: threads that each add to one counter, again and again. A program says how many
 * THREADS and ADDITIONS there are, includes this, and defines what one addition is.
 *
 * The exit code is 0 if the sum is right and LOST_UPDATES if it is not.
 */
#ifndef RACE_ADDER_H
#define RACE_ADDER_H

#include <rcore.h>
#include <stdio.h>

enum { LOST_UPDATES = 1 };

static volatile long counter;

static void add_one(void);

static void add(void *unused)
{
    (void)unused;
    for (int i = 0; i < ADDITIONS; i++)
        add_one();
    exit(0);
}

static int run_race_adder(const char *name)
{
    long tids[THREADS];
    for (int i = 0; i < THREADS; i++)
        tids[i] = thread_create(add, NULL);
    for (int i = 0; i < THREADS; i++)
        waittid(tids[i]);
    printf("%s: counted %ld of %d.\n", name, counter, THREADS * ADDITIONS);
    return counter == THREADS * ADDITIONS ? 0 : LOST_UPDATES;
}

#endif
