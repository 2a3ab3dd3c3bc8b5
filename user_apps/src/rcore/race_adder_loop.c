/* Shows a data race that is sure to bite: every thread reads the counter, gives the hart away, and writes back what it
 * read plus one. What the others added meanwhile is lost. */
enum { THREADS = 8, ADDITIONS = 100 };

#include "race_adder.h"

static void add_one(void)
{
    long seen = counter;
    yield();
    counter = seen + 1;
}

int main(void)
{
    return run_race_adder("race_adder_loop");
}
