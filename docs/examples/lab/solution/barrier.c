/* Exercise 3. */
#include "barrier.h"

void barrier_init(struct barrier *barrier, int threads)
{
    pthread_mutex_init(&barrier->mutex, NULL);
    pthread_cond_init(&barrier->all_there, NULL);
    barrier->missing = threads;
}

void barrier_wait(struct barrier *barrier)
{
    pthread_mutex_lock(&barrier->mutex);
    if (--barrier->missing == 0)
        pthread_cond_broadcast(&barrier->all_there);
    while (barrier->missing > 0)
        pthread_cond_wait(&barrier->all_there, &barrier->mutex);
    pthread_mutex_unlock(&barrier->mutex);
}
