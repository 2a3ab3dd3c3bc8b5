/* Shows the cure for a race on one number: the addition as one atomic instruction (amoadd.d). */
enum { THREADS = 8, ADDITIONS = 100 };

#include "race_adder.h"

static void add_one(void)
{
    __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

int main(void)
{
    return run_race_adder("race_adder_atomic");
}
