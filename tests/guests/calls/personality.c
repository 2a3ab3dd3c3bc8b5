#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include <sys/personality.h>

#define ASK 0xffffffffu

CASE(asking_changes_nothing)
{
    CHECK_EQ(PER_LINUX, syscall(SYS_personality, ASK) & PER_MASK);
    CHECK_EQ(syscall(SYS_personality, ASK), syscall(SYS_personality, ASK));
}

CASE(it_is_set_and_handed_on)
{
    long before = syscall(SYS_personality, ASK);
    if (syscall(SYS_personality, ADDR_NO_RANDOMIZE) == -1 && errno == EPERM)
        return; /* a sandbox forbids it */
    CHECK_EQ(ADDR_NO_RANDOMIZE, syscall(SYS_personality, ASK));
    pid_t pid = forked();
    if (pid == 0)
        _exit(syscall(SYS_personality, ASK) != ADDR_NO_RANDOMIZE || syscall(SYS_personality, 0) != ADDR_NO_RANDOMIZE
              || syscall(SYS_personality, ASK) != 0);
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(ADDR_NO_RANDOMIZE, syscall(SYS_personality, before)); /* the child's was its own */
    CHECK_EQ(before, syscall(SYS_personality, ASK));
}

CASE(helper_shows_it)
{
    if (strcmp(check_argv[0], "helper") == 0)
        _exit(syscall(SYS_personality, ASK) == ADDR_NO_RANDOMIZE ? 7 : 8);
}

CASE(exec_keeps_it)
{
    pid_t pid = forked();
    if (pid == 0) {
        if (syscall(SYS_personality, ADDR_NO_RANDOMIZE) == -1 && errno == EPERM)
            _exit(7);
        execv("/proc/self/exe", (char *[]){"helper", "helper_shows_it", NULL});
        _exit(9);
    }
    CHECK_EQ(7 << 8, status_of(pid));
}
