/* Shows a signal to another process: the parent sends it while the child sleeps, and waits for the child to end. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

static volatile int handled;

static void handler(int number)
{
    handled = number;
    printf("child: handler of signal %d runs.\n", number);
    sigreturn();
}

int main(void)
{
    long child = fork();
    if (child == 0) {
        struct sigaction action = {.handler = handler}, old;
        assert(sigaction(SIGUSR1, &action, &old) == 0);
        for (int i = 0; i < 100 && !handled; i++)
            sleep_ms(10);
        printf("child: done.\n");
        return handled == SIGUSR1 ? 0 : 1;
    }
    sleep_ms(50);
    printf("parent: sending signal %d.\n", SIGUSR1);
    assert(kill(child, SIGUSR1) == 0);
    int code;
    assert(waitpid(child, &code) == child);
    assert(code == 0);
    printf("sig_simple2 passed.\n");
    return 0;
}
