#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

static volatile int ran;

static void ends_itself(void *milliseconds)
{
    pause_ms((long)milliseconds);
    ran = 1;
    syscall(SYS_exit, 9);
}

CASE(the_only_thread_ends_the_process)
{
    static const int codes[] = {0, 1, 255, 256, -1};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        pid_t pid = forked();
        if (pid == 0)
            syscall(SYS_exit, codes[i]);
        CHECK_EQ((codes[i] & 255) << 8, status_of(pid));
    }
}

CASE(another_thread_ends_alone)
{
    thread_gone(start_thread(ends_itself, NULL));
    CHECK_EQ(1, ran);
}

CASE(the_last_one_gives_the_status)
{
    siginfo_t info;
    pid_t pid = forked();
    if (pid == 0) {
        start_thread(ends_itself, (void *)20);
        syscall(SYS_exit, 1);
    }
    CHECK_EQ(0, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT)); /* no zombie before */
    CHECK_EQ(0, kill(pid, 0));
    CHECK_EQ(9 << 8, status_of(pid));
}

CASE(nothing_is_flushed_or_called)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    pid_t pid = forked();
    if (pid == 0) {
        dup2(ends[1], 1);
        printf("not seen");
        syscall(SYS_exit, 0);
    }
    CHECK_EQ(0, status_of(pid));
    close(ends[1]);
    CHECK_EQ(0, read(ends[0], &byte, 1));
}
