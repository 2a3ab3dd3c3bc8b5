/* Shows that a sleeping child does not keep its parent from waiting: five sleeps of 100 ms, then the exit code. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { ROUNDS = 5, PERIOD_MS = 100 };

static void sleepy(void)
{
    for (int i = 1; i <= ROUNDS; i++) {
        sleep_ms(PERIOD_MS);
        printf("slept %d x %d ms.\n", i, PERIOD_MS);
    }
    exit(0);
}

int main(void)
{
    long start = get_time();
    long child = fork();
    if (child == 0)
        sleepy();
    int code;
    assert(waitpid(child, &code) == child && code == 0);
    long took = get_time() - start;
    assert(took >= ROUNDS * PERIOD_MS);
    printf("took %ld ms. sleep_test passed.\n", took);
    return 0;
}
