/* Shows waiting for a condition with a condition variable: wait gives the mutex back and sleeps in one step, and has
 * the mutex again when it returns. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

static long changed, mutex;
static int value;

static void first(void *unused)
{
    (void)unused;
    sleep_ms(10);
    mutex_lock(mutex);
    value = 1;
    printf("first sets the value to 1 and wakes second.\n");
    condvar_signal(changed);
    mutex_unlock(mutex);
    exit(0);
}

static void second(void *unused)
{
    (void)unused;
    mutex_lock(mutex);
    while (value == 0) {
        printf("second: the value is %d, waiting.\n", value);
        condvar_wait(changed, mutex);
    }
    printf("second: the value is %d, going on.\n", value);
    mutex_unlock(mutex);
    exit(0);
}

int main(void)
{
    changed = condvar_create();
    mutex = mutex_create(true);
    long tids[] = {thread_create(first, NULL), thread_create(second, NULL)};
    for (int i = 0; i < 2; i++)
        assert(waittid(tids[i]) == 0);
    printf("condsync_condvar passed.\n");
    return 0;
}
