/* Shows the kernel's mutex in the form that spins: a thread that finds it taken gives the hart away and tries again. */
#include "adder.h"

static long mutex;

static void enter(long id)
{
    (void)id;
    mutex_lock(mutex);
}

static void leave(long id)
{
    (void)id;
    mutex_unlock(mutex);
}

int main(void)
{
    mutex = mutex_create(false);
    return mutex < 0 ? 2 : run_adder("adder_mutex_spin", 4, 2000);
}
