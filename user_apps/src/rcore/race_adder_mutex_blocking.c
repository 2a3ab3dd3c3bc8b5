/* Shows the cure for a race of yielding threads: a blocking mutex held over the whole addition, yield included. */
enum { THREADS = 8, ADDITIONS = 100 };

#include "race_adder.h"

static long mutex;

static void add_one(void)
{
    mutex_lock(mutex);
    long seen = counter;
    yield();
    counter = seen + 1;
    mutex_unlock(mutex);
}

int main(void)
{
    mutex = mutex_create(true);
    return run_race_adder("race_adder_mutex_blocking");
}
