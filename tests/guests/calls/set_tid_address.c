#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"

static char stack[65536] __attribute__((aligned(16)));
static int *words;

static int ends(void *unused)
{
    (void)unused;
    if (syscall(SYS_set_tid_address, words) != syscall(SYS_gettid))
        words[1] = 1;
    pause_ms(5);
    _exit(0);
}

CASE(it_gives_the_tid)
{
    int word = 5;
    CHECK_EQ(syscall(SYS_gettid), syscall(SYS_set_tid_address, &word));
    CHECK_EQ(5, word);
    CHECK_EQ(getpid(), syscall(SYS_set_tid_address, BAD)); /* not looked at now, and no error at the end */
    CHECK_EQ(getpid(), syscall(SYS_set_tid_address, NULL));
}

CASE(the_word_is_cleared_and_woken)
{
    words = shared_memory(4096);
    words[0] = 5;
    pid_t pid = clone(ends, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    CHECK(pid > 0);
    while (words[0] == 5) {
        struct timespec limit = {5, 0};
        long result = syscall(SYS_futex, words, 0 /* FUTEX_WAIT */, 5, &limit, NULL, 0);
        CHECK(result == 0 || errno == EAGAIN);
    }
    CHECK_EQ(0, words[0]);
    CHECK_EQ(0, words[1]);
    CHECK_EQ(0, status_of(pid));
}

CASE(not_if_the_memory_has_no_other_user)
{
    words = shared_memory(4096);
    words[0] = 5;
    pid_t pid = forked();
    if (pid == 0)
        ends(NULL);
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(5, words[0]);
}

CASE(a_bad_place_does_not_matter)
{
    pid_t pid = forked();
    if (pid == 0) {
        words = (int *)readonly_page();
        clone(ends, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
        pause_ms(20);
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
}
