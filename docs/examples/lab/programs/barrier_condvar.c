/* Threads print letters, each at another pace: nobody may print b before everybody has printed a, nor c before everybody
 * has printed b. Ends with 0 if it was so. Given. */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include "barrier.h"

enum { THREADS = 3, LETTERS = 20, PHASES = 3 };

static struct barrier after[PHASES];
static atomic_int printed[PHASES], too_early;

static void *print_letters(void *argument)
{
    long pace = (long)argument;
    for (int phase = 0; phase < PHASES; phase++) {
        for (int i = 0; i < LETTERS; i++) {
            if (phase > 0 && printed[phase - 1] < THREADS * LETTERS)
                too_early = 1;
            putchar('a' + phase);
            printed[phase]++;
            for (long wait = 0; wait < pace; wait++)
                sched_yield();
        }
        barrier_wait(&after[phase]);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (int phase = 0; phase < PHASES; phase++)
        barrier_init(&after[phase], THREADS);
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, print_letters, (void *)(i + 1));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    putchar('\n');
    return too_early;
}
