/* Shows many producers and one consumer around a buffer of eight: one semaphore counts free places, one counts items,
 * one protects the buffer. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { PRODUCERS = 4, ITEMS_EACH = 100, PLACES = 8 };

static long free_places, items, buffer_lock;
static long buffer[PLACES];
static int head, tail;

static void produce(void *argument)
{
    for (int i = 0; i < ITEMS_EACH; i++) {
        semaphore_down(free_places);
        semaphore_down(buffer_lock);
        buffer[tail] = (long)argument;
        tail = (tail + 1) % PLACES;
        semaphore_up(buffer_lock);
        semaphore_up(items);
    }
    exit(0);
}

static void consume(void *unused)
{
    (void)unused;
    int taken[PRODUCERS] = {0};
    for (int i = 0; i < PRODUCERS * ITEMS_EACH; i++) {
        semaphore_down(items);
        semaphore_down(buffer_lock);
        long producer = buffer[head];
        head = (head + 1) % PLACES;
        semaphore_up(buffer_lock);
        semaphore_up(free_places);
        taken[producer]++;
        printf("%ld ", producer);
    }
    printf("\n");
    for (int i = 0; i < PRODUCERS; i++)
        if (taken[i] != ITEMS_EACH)
            exit(1);
    exit(0);
}

int main(void)
{
    free_places = semaphore_create(PLACES);
    items = semaphore_create(0);
    buffer_lock = semaphore_create(1);
    long tids[PRODUCERS + 1];
    for (long i = 0; i < PRODUCERS; i++)
        tids[i] = thread_create(produce, (void *)i);
    tids[PRODUCERS] = thread_create(consume, NULL);
    for (int i = 0; i <= PRODUCERS; i++)
        assert(waittid(tids[i]) == 0);
    printf("mpsc_sem passed.\n");
    return 0;
}
