/* Shows a data race that regular time slices hide: the threads are done before the first slice ends, so each adds alone.
 * Slices of other lengths (rvsim run --seed N) stop one of them between its reading and its writing, now and then. */
enum { THREADS = 4, ADDITIONS = 2000 };

#include "race_adder.h"

static void add_one(void)
{
    counter = counter + 1;
}

int main(void)
{
    return run_race_adder("race_adder_hidden");
}
