/* Shows a tree of processes: every node forks two children down to a depth of four, and prints its path from the root.
 * A node that ends before its children leaves them to initproc, so the root finds its own two only
 * (unless it is the first process itself). */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH = 4 };

static void grow(const char *path);

static void branch(const char *path, char side)
{
    char longer[DEPTH + 1];
    if (strlen(path) >= DEPTH)
        return;
    snprintf(longer, sizeof longer, "%s%c", path, side);
    if (fork() == 0) {
        grow(longer);
        yield();
        exit(0);
    }
}

static void grow(const char *path)
{
    printf("pid %ld: \"%s\"\n", getpid(), path);
    branch(path, '0');
    branch(path, '1');
}

int main(void)
{
    grow("");
    int code;
    while (wait(&code) != WAIT_NO_CHILD)
        assert(code == 0);
    sleep_ms(300); /* time for the deeper nodes to print */
    printf("forktree passed.\n");
    return 0;
}
