/* Coverage: what children and threads run counts as the program's. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int only_in_the_child(int x)
{
    if (x > 100)
        return 0;
    return x + 1;
}

static int in_nobody(int x)
{
    return x - 1;
}

static void *work(void *argument)
{
    long number = (long)argument;
    if (number == 1)
        return (void *)10L;
    else if (number == 2)
        return (void *)20L;
    else if (number == 3)
        return (void *)30L;
    return 0;
}

static void in_another_program(void)
{
    puts("again");
    exit(0);
}

static void start(char **argv)
{
    char *again[] = {argv[0], "again", 0};
    execv("/proc/self/exe", again);
    puts("exec failed");                 /* gcov is wrong: did not run */
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    int status;
    if (argc > 1 && strcmp(argv[1], "again") == 0)
        in_another_program();
    if (argc > 5)
        return in_nobody(argc);
    fflush(stdout);
    if (fork() == 0) {
        status = only_in_the_child(2);
        exit(status);
    }
    wait(&status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
        puts("child");
    for (long i = 0; i < 2; i++)
        pthread_create(&threads[i], 0, work, (void *)(i + 1));
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    fflush(stdout);
    if (fork() == 0)
        start(argv);
    wait(&status);
    return WEXITSTATUS(status);
}
