#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

CASE(of_the_first_thread_it_is_the_process)
{
    CHECK_EQ(getpid(), syscall(SYS_gettid));
    pid_t pid = forked();
    if (pid == 0)
        _exit(syscall(SYS_gettid) != getpid());
    CHECK_EQ(0, status_of(pid));
}

static volatile int done;

CASE(of_others_it_is_theirs_and_free_when_they_end)
{
    pid_t first = start_thread(waits_until_set, (void *)&done), second = start_thread(waits_until_set, (void *)&done);
    CHECK(first > 0 && second > 0 && first != second && first != getpid() && second != getpid());
    CHECK_EQ(0, syscall(SYS_tgkill, getpid(), first, 0));
    done = 1;
    thread_gone(first);
    thread_gone(second);
}
