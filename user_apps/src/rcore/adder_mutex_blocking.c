/* Shows the kernel's mutex in the form that blocks: a thread that finds it taken
 * sleeps in the mutex's queue until it is handed over. */
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
    mutex = mutex_create(true);
    return mutex < 0 ? 2 : run_adder("adder_mutex_blocking", 4, 2000);
}
