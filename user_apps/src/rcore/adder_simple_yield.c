/* Shows the same broken lock as adder_simple_spin, polite: it gives the hart away while it waits, and is as wrong. */
#include "adder.h"

static volatile int taken;

static void enter(long id)
{
    while (taken)
        yield();
    if (id == 0)
        yield();
    taken = 1;
}

static void leave(long id)
{
    (void)id;
    taken = 0;
}

int main(void) { return run_adder("adder_simple_yield", 4, 10000); }
