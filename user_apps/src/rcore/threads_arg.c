/* Shows a thread's argument: one function, three threads, each with a pointer to its own data. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

struct argument {
    char letter;
    int code;
};

static void print_letters(void *pointer)
{
    const struct argument *argument = pointer;
    for (int i = 0; i < 200; i++)
        putchar(argument->letter);
    exit(argument->code);
}

int main(void)
{
    static struct argument arguments[] = {{'a', 1}, {'b', 2}, {'c', 3}};
    enum { THREADS = sizeof arguments / sizeof *arguments };
    long tids[THREADS];
    for (int i = 0; i < THREADS; i++)
        tids[i] = thread_create(print_letters, &arguments[i]);
    for (int i = 0; i < THREADS; i++) {
        long code = waittid(tids[i]);
        printf("\nthread %ld exited with code %ld.\n", tids[i], code);
        assert(code == arguments[i].code);
    }
    printf("threads_arg passed.\n");
    return 0;
}
