/* Shows a semaphore of one as a lock: down takes it, up gives it back. */
#include "adder.h"

static long semaphore;

static void enter(long id)
{
    (void)id;
    semaphore_down(semaphore);
}

static void leave(long id)
{
    (void)id;
    semaphore_up(semaphore);
}

int main(void)
{
    semaphore = semaphore_create(1);
    return semaphore < 0 ? 2 : run_adder("adder_semaphore", 4, 2000);
}
