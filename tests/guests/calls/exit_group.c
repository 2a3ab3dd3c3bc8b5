#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

static int ends[2];
static volatile int counter;

static void waits(void *kind)
{
    char byte;
    if ((long)kind == 0)
        syscall(SYS_exit_group, read(ends[0], &byte, 1));
    if ((long)kind == 1)
        for (;;)
            counter++;
    for (;;)
        pause_ms(1000);
}

static void start_threads(void)
{
    CHECK_EQ(0, pipe(ends));
    for (long kind = 0; kind < 3; kind++)
        start_thread(waits, (void *)kind);
    pause_ms(5);
}

CASE(the_status_is_eight_bits)
{
    static const int codes[] = {0, 1, 255, 256, 257, -1, -2};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        pid_t pid = forked();
        if (pid == 0)
            syscall(SYS_exit_group, codes[i]);
        CHECK_EQ((codes[i] & 255) << 8, status_of(pid));
    }
}

CASE(every_thread_ends)
{
    pid_t pid = forked();
    if (pid == 0) {
        start_threads();
        syscall(SYS_exit_group, 3);
    }
    CHECK_EQ(3 << 8, status_of(pid));
}

CASE(another_thread_may_call_it)
{
    pid_t pid = forked();
    if (pid == 0) {
        start_threads();
        if (write(ends[1], "x", 1) != 1)
            _exit(2);
        for (;;)
            pause_ms(1000);
    }
    CHECK_EQ(1 << 8, status_of(pid)); /* what read gave */
}

CASE(what_it_lets_go_of)
{
    int pipes[2];
    char byte;
    CHECK_EQ(0, pipe(pipes));
    pid_t pid = child_that_exits(0);
    close(pipes[1]);
    CHECK_EQ(0, read(pipes[0], &byte, 1)); /* the child's end is closed, too */
    CHECK_EQ(0, kill(pid, 0)); /* a zombie keeps its number */
    CHECK_EQ(0, status_of(pid));
    CHECK_ERRNO(ESRCH, kill(pid, 0));
}
