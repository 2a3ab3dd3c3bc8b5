/* Shows the letters of barrier_condvar without its barrier: each thread goes through a, b and c at its own pace. */
#include <rcore.h>
#include <stdio.h>

enum { THREADS = 3, LETTERS = 100 };

static void thread(void *unused)
{
    (void)unused;
    for (char letter = 'a'; letter <= 'c'; letter++) {
        for (int i = 0; i < LETTERS; i++)
            putchar(letter);
    }
    exit(0);
}

int main(void)
{
    long tids[THREADS];
    for (int i = 0; i < THREADS; i++)
        tids[i] = thread_create(thread, NULL);
    for (int i = 0; i < THREADS; i++)
        waittid(tids[i]);
    printf("\nbarrier_fail: the letters came as they came.\n");
    return 0;
}
