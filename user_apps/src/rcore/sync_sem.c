/* Shows a semaphore of zero as an event: the second thread waits until the first has done its work. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

static long done;
static volatile int work;

static void first(void *unused)
{
    (void)unused;
    sleep_ms(10);
    work = 1;
    printf("first has worked and wakes second.\n");
    semaphore_up(done);
    exit(0);
}

static void second(void *unused)
{
    (void)unused;
    printf("second waits for first.\n");
    semaphore_down(done);
    assert(work == 1);
    printf("second goes on.\n");
    exit(0);
}

int main(void)
{
    done = semaphore_create(0);
    long tids[] = {thread_create(first, NULL), thread_create(second, NULL)};
    for (int i = 0; i < 2; i++)
        assert(waittid(tids[i]) == 0);
    printf("sync_sem passed.\n");
    return 0;
}
