/* A barrier: nobody goes on before all are there. Exercise 3. */
#include <pthread.h>

struct barrier {
    pthread_mutex_t mutex;
    pthread_cond_t all_there;
    int missing;
};

/* Make a barrier for so many threads. */
void barrier_init(struct barrier *barrier, int threads);

/* Return when all threads have called this. */
void barrier_wait(struct barrier *barrier);
