/* Shows processes that sleep for different times: they end in the order of their alarms, not of their birth. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { CHILDREN = 30, STEP_MS = 40 };

int main(void)
{
    for (int i = 0; i < CHILDREN; i++) {
        int place = (i * 7 + 3) % CHILDREN; /* 7 and 30 have no common divisor: every place occurs once */
        if (fork() == 0) {
            printf("pid %ld sleeps for %d ms.\n", getpid(), (place + 1) * STEP_MS);
            sleep_ms((size_t)((place + 1) * STEP_MS));
            printf("pid %ld woke up.\n", getpid());
            exit(place);
        }
    }
    int code, in_order = 1;
    for (int i = 0; i < CHILDREN; i++) {
        assert(wait(&code) > 0);
        in_order &= code == i;
    }
    assert(wait(&code) == WAIT_NO_CHILD);
    printf("they ended %s. forktest2 passed.\n", in_order ? "in the order of their alarms" : "in some other order");
    return 0;
}
