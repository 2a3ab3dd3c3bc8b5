/* Coverage: handlers, longjmp, faults in the middle of a line. gcov counts a basic block when it is entered, so of what
 * stands behind a fault it says that it ran; such lines are marked. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sigjmp_buf back;
static volatile int seen;

static void on_fault(int number)
{
    seen = number;
    siglongjmp(back, 1);
}

static void on_user(int number)
{
    seen = number;
}

static void on_never(int number)
{
    seen = -number;
}

static int reads(const volatile int *from)
{
    int first = 1; int second = *from + first;
    first = second * 2;                 /* gcov is wrong: did not run */
    return first;                       /* gcov is wrong: did not run */
}

static void jumps(jmp_buf where, int how)
{
    if (how == 2)
        puts("two");
    longjmp(where, how);
}

static int faults_at_first(const volatile int *from)
{
    int value = *from;
    value += 1;
    return value;
}

int main(void)
{
    jmp_buf here;
    int how;
    static int fine = 41;

    signal(SIGSEGV, on_fault);
    signal(SIGUSR1, on_user);
    signal(SIGUSR2, on_never);
    raise(SIGUSR1);
    if (sigsetjmp(back, 1) == 0) {
        printf("%d\n", reads((int *)16));
        puts("not reached");            /* gcov is wrong: did not run */
    } else {
        puts("fault");
    }
    for (volatile int turn = 0; turn < 2; turn++) {
        if (sigsetjmp(back, 1) == 0)
            printf("%d\n", faults_at_first(turn ? &fine : (int *)32));
    }
    how = setjmp(here);
    if (how == 0)
        jumps(here, 1);
    else if (how == 1)
        puts("one");
    else
        puts("never");
    return seen == SIGSEGV ? 0 : 1;
}
