#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include "threads.h"
#include <stdint.h>

static long pending_(void *set, size_t size)
{
    return syscall(SYS_rt_sigpending, set, size);
}

#define BIT(number) (1ull << ((number) - 1))

CASE(blocked_ones_that_came)
{
    uint64_t set = 77;
    CHECK_EQ(0, pending_(&set, 8));
    CHECK_EQ(0, set);
    block_signal(SIGUSR1);
    block_signal(SIGUSR2);
    block_signal(SIGRTMAX);
    CHECK_EQ(0, kill(getpid(), SIGUSR1));
    CHECK_EQ(0, syscall(SYS_tkill, getpid(), SIGRTMAX));
    CHECK_EQ(0, pending_(&set, 8));
    CHECK_EQ(BIT(SIGUSR1) | BIT(SIGRTMAX), set);
    pid_t pid = forked();
    if (pid == 0)
        _exit(pending_(&set, 8) != 0 || set != 0);
    CHECK_EQ(0, status_of(pid));
}

CASE(an_ignored_one_is_kept_while_it_is_blocked)
{
    signal(SIGUSR1, SIG_IGN);
    block_signal(SIGUSR1);
    CHECK_EQ(0, raise(SIGUSR1));
    CHECK_EQ(1, is_pending(SIGUSR1));
}

static uint64_t seen;

static void looks(void *done)
{
    pending_(&seen, 8);
    *(volatile int *)done = 1;
}

CASE(threads_see_the_processs_and_their_own)
{
    int done = 0;
    block_signal(SIGUSR1);
    block_signal(SIGUSR2);
    CHECK_EQ(0, kill(getpid(), SIGUSR1));
    CHECK_EQ(0, syscall(SYS_tkill, getpid(), SIGUSR2));
    start_thread(looks, &done);
    waits_until_set(&done);
    CHECK_EQ(BIT(SIGUSR1), seen);
}

CASE(the_size)
{
    uint32_t halves[2] = {0, 77};
    block_signal(SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQ(0, pending_(halves, 4)); /* a smaller set gets the first signals */
    CHECK(halves[0] == BIT(SIGUSR1) && halves[1] == 77);
    CHECK_EQ(0, pending_(BAD, 0));
    CHECK_ERRNO(EINVAL, pending_(BAD, 9));
    CHECK_ERRNO(EFAULT, pending_(BAD, 8));
    CHECK_ERRNO(EFAULT, pending_(at_edge(4), 8));
}
