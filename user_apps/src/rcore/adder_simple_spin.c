/* Shows a lock that is none: between finding the flag down and raising it, another thread may do the same. By itself
 * that is rare, and so worse than no lock: the program passes its tests. To show it in every run, thread 0 is unlucky
 * here: each time it loses the hart at just that point. */
#include "adder.h"

static volatile int taken;

static void enter(long id)
{
    while (taken)
        ;
    if (id == 0)
        yield();
    taken = 1;
}

static void leave(long id)
{
    (void)id;
    taken = 0;
}

int main(void) { return run_adder("adder_simple_spin", 4, 10000); }
