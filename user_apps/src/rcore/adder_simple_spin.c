/* Shows a lock that is none: between finding the flag down and raising it, another thread may do the same. It fails
 * rarely, and so is worse than no lock: `stopwatch` widens the gap here so that it shows. */
#include "adder.h"

static volatile int taken;

static void stopwatch(void)
{
    for (volatile int i = 0; i < 200; i++)
        ;
}

static void enter(long id)
{
    (void)id;
    while (taken)
        ;
    stopwatch();
    taken = 1;
}

static void leave(long id)
{
    (void)id;
    taken = 0;
}

int main(void) { return run_adder("adder_simple_spin", 4, 5000); }
