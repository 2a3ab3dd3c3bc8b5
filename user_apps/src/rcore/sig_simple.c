/* Shows a signal to oneself: kill, the handler runs before the next instruction, sigreturn goes back to it. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

static volatile int handled;

static void handler(int number)
{
    handled = number;
    printf("handler of signal %d runs.\n", number);
    sigreturn();
}

int main(void)
{
    struct sigaction action = {.handler = handler}, old;
    assert(sigaction(SIGUSR1, &action, &old) == 0);
    assert(old.handler == NULL);
    printf("sending signal %d to myself.\n", SIGUSR1);
    assert(kill(getpid(), SIGUSR1) == 0);
    assert(handled == SIGUSR1);
    printf("sig_simple passed.\n");
    return 0;
}
