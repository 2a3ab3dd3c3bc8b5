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

CASE(of_others_it_is_theirs_and_free_when_they_end)
{
    pid_t first = start_thread(sleeps_a_while, (void *)5), second = start_thread(sleeps_a_while, (void *)5);
    CHECK(first > 0 && second > 0 && first != second && first != getpid() && second != getpid());
    CHECK_EQ(0, syscall(SYS_tgkill, getpid(), first, 0));
    thread_gone(first);
    thread_gone(second);
}
