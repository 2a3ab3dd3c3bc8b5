#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"
#include "threads.h"
#include <stdint.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static char alternate[65536] __attribute__((aligned(16)));
static const stack_t good = {.ss_sp = alternate, .ss_size = sizeof alternate};

static long stack_(const stack_t *new, stack_t *old)
{
    return syscall(SYS_sigaltstack, new, old);
}

CASE(set_and_asked_for)
{
    stack_t old = {.ss_sp = alternate, .ss_flags = 77, .ss_size = 77}, off = {.ss_flags = SS_DISABLE};
    CHECK_EQ(0, stack_(NULL, &old));
    CHECK(old.ss_sp == NULL && old.ss_flags == SS_DISABLE && old.ss_size == 0);
    CHECK_EQ(0, stack_(&good, &old));
    CHECK_EQ(SS_DISABLE, old.ss_flags);
    CHECK_EQ(0, stack_(&off, &old));
    CHECK(old.ss_sp == alternate && old.ss_flags == 0 && old.ss_size == sizeof alternate);
    CHECK_EQ(0, stack_(NULL, &old));
    CHECK(old.ss_sp == NULL && old.ss_flags == SS_DISABLE && old.ss_size == 0);
    stack_t on = {.ss_sp = alternate, .ss_size = sizeof alternate, .ss_flags = SS_ONSTACK};
    CHECK_EQ(0, stack_(&on, NULL)); /* the flag is allowed, and means nothing */
    CHECK_EQ(0, stack_(NULL, &old));
    CHECK_EQ(0, old.ss_flags);
}

static stack_t seen;
static volatile int why;

static void looks(int number)
{
    stack_t off = {.ss_flags = SS_DISABLE};
    (void)number;
    stack_(NULL, &seen);
    errno = 0;
    why = stack_(&off, NULL) == 0 ? 0 : errno;
}

CASE(while_it_is_in_use)
{
    struct sigaction action = {.sa_handler = looks, .sa_flags = SA_ONSTACK};
    CHECK_EQ(0, stack_(&good, NULL));
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK(seen.ss_flags == SS_ONSTACK && seen.ss_sp == alternate);
    CHECK_EQ(EPERM, why);
    CHECK_EQ(0, stack_(NULL, &seen));
    CHECK_EQ(0, seen.ss_flags);
}

CASE(ss_autodisarm)
{
    stack_t old, disarm = {.ss_sp = alternate, .ss_size = sizeof alternate, .ss_flags = (int)SS_AUTODISARM};
    struct sigaction action = {.sa_handler = looks, .sa_flags = SA_ONSTACK};
    CHECK_EQ(0, stack_(&disarm, NULL));
    CHECK_EQ(0, stack_(NULL, &old));
    CHECK_EQ((int)SS_AUTODISARM, old.ss_flags);
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK_EQ(SS_DISABLE, seen.ss_flags); /* off while the handler runs, which may set another */
    CHECK_EQ(0, why);
    CHECK_EQ(0, stack_(NULL, &old)); /* and back after it */
    CHECK(old.ss_sp == alternate && old.ss_flags == (int)SS_AUTODISARM);
}

CASE(a_stack_overflow_can_be_handled)
{
    struct sigaction action = {.sa_handler = looks, .sa_flags = SA_ONSTACK};
    pid_t pid = forked();
    if (pid == 0) { /* a handler on a stack that is no memory, too */
        stack_t nowhere = {.ss_sp = unmapped_page(), .ss_size = 4096};
        no_core();
        stack_(&nowhere, NULL);
        sigaction(SIGUSR1, &action, NULL);
        raise(SIGUSR1);
        _exit(0);
    }
    CHECK_EQ(SIGSEGV, WTERMSIG(status_of(pid)));
}

static void asks(void *done)
{
    stack_(NULL, &seen);
    *(volatile int *)done = 1;
}

CASE(children_keep_it_and_threads_do_not)
{
    stack_t old;
    int done = 0;
    CHECK_EQ(0, stack_(&good, NULL));
    pid_t pid = forked();
    if (pid == 0)
        _exit(stack_(NULL, &old) != 0 || old.ss_sp != alternate);
    CHECK_EQ(0, status_of(pid));
    start_thread(asks, &done);
    waits_until_set(&done);
    CHECK_EQ(SS_DISABLE, seen.ss_flags);
}

CASE(errors)
{
    stack_t small = {.ss_sp = alternate, .ss_size = 1024}, flags = {.ss_sp = alternate, .ss_flags = 4, .ss_size = 8};
    stack_t both = {.ss_sp = alternate, .ss_flags = SS_ONSTACK | SS_DISABLE, .ss_size = sizeof alternate}, old;
    CHECK_ERRNO(ENOMEM, stack_(&small, NULL));
    CHECK_ERRNO(EINVAL, stack_(&flags, NULL)); /* before the size */
    CHECK_ERRNO(EINVAL, stack_(&both, NULL));
    CHECK_ERRNO(EFAULT, stack_(BAD, &old));
    CHECK_ERRNO(EFAULT, stack_((stack_t *)at_edge(16), NULL));
    CHECK_ERRNO(EFAULT, stack_(NULL, BAD));
    CHECK_ERRNO(EFAULT, stack_(&good, BAD));
    CHECK_EQ(0, stack_(NULL, &old));
    CHECK(old.ss_sp == alternate); /* it was set all the same */
}
