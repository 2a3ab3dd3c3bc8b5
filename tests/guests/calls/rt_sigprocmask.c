#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include <stdint.h>

static long mask_(int how, const void *set, void *old, size_t size)
{
    return syscall(SYS_rt_sigprocmask, how, set, old, size);
}

#define BIT(number) (1ull << ((number) - 1))

CASE(three_ways)
{
    uint64_t set = BIT(SIGUSR1) | BIT(SIGUSR2), old = 77, other = BIT(SIGUSR2) | BIT(64);
    CHECK_EQ(0, mask_(SIG_SETMASK, &set, &old, 8));
    CHECK_EQ(0, old);
    CHECK_EQ(0, mask_(SIG_BLOCK, &other, &old, 8));
    CHECK_EQ(set, old);
    CHECK_EQ(0, mask_(SIG_UNBLOCK, &set, &old, 8));
    CHECK_EQ(set | other, old);
    CHECK_EQ(0, mask_(99, NULL, &old, 8)); /* asking: how does not matter */
    CHECK_EQ(BIT(64), old);
}

CASE(some_cannot_be_blocked)
{
    uint64_t all = ~0ull, old;
    CHECK_EQ(0, mask_(SIG_BLOCK, &all, NULL, 8));
    CHECK_EQ(0, mask_(SIG_BLOCK, NULL, &old, 8));
    CHECK_EQ(~(BIT(SIGKILL) | BIT(SIGSTOP)), old);
}

CASE(unblocking_delivers)
{
    uint64_t none = 0;
    catch_signal(SIGUSR1, 0);
    catch_signal(SIGRTMIN, 0);
    block_signal(SIGUSR1);
    block_signal(SIGRTMIN);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(0, kill(getpid(), SIGUSR1));
        CHECK_EQ(0, kill(getpid(), SIGRTMIN));
    }
    CHECK_EQ(0, times_caught);
    CHECK_EQ(0, mask_(SIG_SETMASK, &none, NULL, 8));
    CHECK_EQ(4, times_caught); /* one SIGUSR1, three real-time ones, before the call returns */
}

CASE(children_inherit_it)
{
    uint64_t set = BIT(SIGUSR1), got = 0;
    CHECK_EQ(0, mask_(SIG_SETMASK, &set, NULL, 8));
    pid_t pid = forked();
    if (pid == 0) {
        mask_(SIG_BLOCK, NULL, &got, 8);
        _exit(got != set);
    }
    CHECK_EQ(0, status_of(pid));
}

CASE(errors)
{
    uint64_t set = BIT(SIGUSR1), old = 0;
    CHECK_ERRNO(EINVAL, mask_(SIG_BLOCK, BAD, BAD, 4));
    CHECK_ERRNO(EINVAL, mask_(SIG_BLOCK, &set, NULL, 128));
    CHECK_ERRNO(EFAULT, mask_(99, BAD, NULL, 8));
    CHECK_ERRNO(EINVAL, mask_(99, &set, BAD, 8));
    CHECK_ERRNO(EINVAL, mask_(-1, &set, NULL, 8));
    CHECK_ERRNO(EFAULT, mask_(SIG_SETMASK, &set, BAD, 8));
    CHECK_EQ(0, mask_(SIG_BLOCK, NULL, &old, 8));
    CHECK_EQ(set, old); /* it was set all the same */
    CHECK_ERRNO(EFAULT, mask_(SIG_BLOCK, NULL, at_edge(4), 8));
}
