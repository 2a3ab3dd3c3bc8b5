/* LR/SC across a context switch: the reservation is gone, whatever the others did.
 * Unprivileged specification, "Load-Reserved/Store-Conditional Instructions": software invalidates a reservation with a
 * store-conditional to a scratch word during a preemptive context switch; Linux does so on each return to user mode. */
#include "check.h"

enum { SYS_sched_yield = 124 };

/* lr, sched_yield, sc: what sc gave. */
static long across_a_yield(u64 *word)
{
    register long a7 __asm__("a7") = SYS_sched_yield;
    register long a0 __asm__("a0");
    long fail;
    __asm__ volatile("lr.d t0, (%2)\n ecall\n addi t0, t0, 1\n sc.d %0, t0, (%2)"
                     : "=&r"(fail), "=r"(a0) : "r"(word), "r"(a7) : "t0", "memory");
    return fail;
}

int main(void)
{
    u64 *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int succeeded = 0;
    pid_t child = fork();
    for (int i = 0; i < 100; i++)
        succeeded += across_a_yield(shared) == 0;
    if (child == 0)
        _exit(succeeded);
    int status;
    waitpid(child, &status, 0);
    CHECK(0, succeeded);
    CHECK(0, status);
    CHECK(0, *shared);
    /* Counting with lr and sc in two processes that are preempted loses nothing. */
    child = fork();
    for (int i = 0; i < 20000; i++) {
        long fail;
        do
            __asm__ volatile("lr.d t0, (%1)\n addi t0, t0, 1\n sc.d %0, t0, (%1)" : "=&r"(fail) : "r"(shared) : "t0", "memory");
        while (fail);
    }
    if (child == 0)
        _exit(0);
    waitpid(child, &status, 0);
    CHECK(40000, *shared);
    return finish();
}
