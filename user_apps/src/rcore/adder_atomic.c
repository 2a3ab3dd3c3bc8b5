/* Shows a spin lock that holds: one atomic exchange both tests the flag and raises it. */
#include <stdatomic.h>

#include "adder.h"

static atomic_flag taken = ATOMIC_FLAG_INIT;

static void enter(long id)
{
    (void)id;
    while (atomic_flag_test_and_set_explicit(&taken, memory_order_acquire))
        yield();
}

static void leave(long id)
{
    (void)id;
    atomic_flag_clear_explicit(&taken, memory_order_release);
}

int main(void) { return run_adder("adder_atomic", 4, 5000); }
