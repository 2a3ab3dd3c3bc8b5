/* Shows a barrier from a mutex and a condition variable: nobody prints b before everybody has printed a. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 3, LETTERS = 100 };

struct barrier {
    long mutex, condition;
    int arrived;
};

static struct barrier after_a, after_b;
static int printed[3];

static void barrier_init(struct barrier *barrier)
{
    *barrier = (struct barrier){.mutex = mutex_create(true), .condition = condvar_create()};
}

static void barrier_wait(struct barrier *barrier)
{
    mutex_lock(barrier->mutex);
    barrier->arrived++;
    while (barrier->arrived < THREADS)
        condvar_wait(barrier->condition, barrier->mutex);
    condvar_signal(barrier->condition); /* each wakes the next */
    mutex_unlock(barrier->mutex);
}

static void print_letters(int which)
{
    for (int i = 0; i < LETTERS; i++) {
        if (which > 0)
            assert(printed[which - 1] == THREADS * LETTERS);
        putchar('a' + which);
        __atomic_fetch_add(&printed[which], 1, __ATOMIC_RELAXED);
    }
}

static void thread(void *unused)
{
    (void)unused;
    print_letters(0);
    barrier_wait(&after_a);
    print_letters(1);
    barrier_wait(&after_b);
    print_letters(2);
    exit(0);
}

int main(void)
{
    long tids[THREADS];
    barrier_init(&after_a);
    barrier_init(&after_b);
    for (int i = 0; i < THREADS; i++)
        tids[i] = thread_create(thread, NULL);
    for (int i = 0; i < THREADS; i++)
        waittid(tids[i]);
    printf("\nbarrier_condvar passed.\n");
    return 0;
}
