/* Shows Peterson's algorithm for two threads, with plain loads and stores and one fence: each says that it wants to
 * enter and lets the other go first. This form gives the hart away while it waits. */
#include <stdatomic.h>

#include "adder.h"

static volatile int wants[2];
static volatile long turn;

static void enter(long id)
{
    long other = 1 - id;
    wants[id] = 1;
    turn = other;
    atomic_thread_fence(memory_order_seq_cst);
    while (wants[other] && turn == other)
        yield();
}

static void leave(long id)
{
    atomic_thread_fence(memory_order_seq_cst);
    wants[id] = 0;
}

int main(void) { return run_adder("adder_peterson_yield", 2, 4000); }
