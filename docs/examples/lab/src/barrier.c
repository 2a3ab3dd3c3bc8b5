/* Exercise 3. */
#include "barrier.h"

void barrier_init(struct barrier *barrier, int threads)
{
    (void)barrier, (void)threads; /* your barrier in place of this */
}

void barrier_wait(struct barrier *barrier)
{
    (void)barrier;
}
