/* Shows fork: one call, two returns, and two processes with memory of their own. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

static int value = 1;

int main(void)
{
    assert(wait(NULL) == WAIT_NO_CHILD);
    printf("sys_wait without a child: ok.\nparent starts, pid = %ld.\n", getpid());
    long child = fork();
    if (child == 0) {
        value = 2;
        printf("hello from the child: value is %d here.\n", value);
        exit(100);
    }
    int code = 0;
    assert(wait(&code) == child);
    assert(code == 100);
    assert(value == 1);
    printf("child %ld exited with %d; value is still %d in the parent. forktest_simple passed.\n", child, code, value);
    return 0;
}
