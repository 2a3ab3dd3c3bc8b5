/* Shows the same broken lock as adder_simple_spin, polite: it gives the hart away while it waits, and is as wrong. */
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
        yield();
    stopwatch();
    taken = 1;
}

static void leave(long id)
{
    (void)id;
    taken = 0;
}

int main(void) { return run_adder("adder_simple_yield", 4, 5000); }
