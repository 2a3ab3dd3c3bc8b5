#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"

static long get_robust_list(int pid, void **head, size_t *size)
{
    return syscall(SYS_get_robust_list, pid, head, size);
}

static char place[24];

CASE(what_was_set)
{
    void *head = NULL;
    size_t size = 0;
    CHECK_EQ(0, syscall(SYS_set_robust_list, place, sizeof place));
    CHECK_EQ(0, get_robust_list(0, &head, &size));
    CHECK(head == place && size == sizeof place);
    head = NULL;
    CHECK_EQ(0, get_robust_list(getpid(), &head, &size));
    CHECK(head == place);
    CHECK_EQ(0, syscall(SYS_set_robust_list, NULL, sizeof place));
}

CASE(of_a_child)
{
    void *head = place;
    size_t size = 0;
    int *ready = shared_memory(4096);
    pid_t pid = forked();
    if (pid == 0) {
        syscall(SYS_set_robust_list, place + 8, sizeof place);
        *ready = 1;
        pause_ms(1000);
        _exit(0);
    }
    while (!*ready)
        pause_ms(1);
    CHECK_EQ(0, get_robust_list(pid, &head, &size));
    CHECK(head == place + 8 && size == sizeof place);
    kill_and_reap(pid);
}

CASE(errors)
{
    void *head = NULL;
    size_t size = 0;
    CHECK_ERRNO(ESRCH, get_robust_list(NOBODY_HAS_IT, BAD, BAD));
    CHECK_ERRNO(ESRCH, get_robust_list(-1, &head, &size));
    CHECK_ERRNO(EFAULT, get_robust_list(0, BAD, &size));
    CHECK_EQ(sizeof place, size); /* the size goes first */
    CHECK_ERRNO(EFAULT, get_robust_list(0, &head, (size_t *)readonly_page()));
    CHECK(head == NULL);
}

CASE(of_somebody_else)
{
    void *head = NULL;
    size_t size = 0;
    if (!may_change_ids())
        return;
    pid_t pid = child_that_waits();
    become_user();
    CHECK_ERRNO(EPERM, get_robust_list(pid, &head, &size));
    CHECK_EQ(0, get_robust_list(0, &head, &size));
}
