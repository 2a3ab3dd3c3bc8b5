/* Shows that the first thread's exit is the process's: the other thread never finishes its sleep. */
#include <rcore.h>
#include <stdio.h>

static void sleeper(void *unused)
{
    (void)unused;
    printf("the thread falls asleep.\n");
    sleep_ms(1000);
    printf("the thread woke up: nobody must see this!\n");
    exit(1);
}

int main(void)
{
    thread_create(sleeper, NULL);
    sleep_ms(50);
    printf("the first thread exits.\n");
    exit(0);
}
