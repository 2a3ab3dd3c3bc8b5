#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

CASE(it_comes_back)
{
    for (int i = 0; i < 100; i++)
        CHECK_EQ(0, syscall(SYS_sched_yield));
}

static volatile int turn;

static void answers(void *unused)
{
    (void)unused;
    for (int i = 0; i < 50; i++) {
        while (turn % 2 == 0)
            syscall(SYS_sched_yield);
        turn++;
    }
}

CASE(others_get_their_turn)
{
    start_thread(answers, NULL);
    for (int i = 0; i < 50; i++) {
        while (turn % 2 == 1)
            syscall(SYS_sched_yield);
        turn++;
    }
    while (turn < 100)
        syscall(SYS_sched_yield);
    CHECK_EQ(100, turn);
}
