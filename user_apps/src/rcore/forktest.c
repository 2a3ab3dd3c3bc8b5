/* Shows many forks: 30 children, each ends at once, each is found by wait exactly once. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

enum { CHILDREN = 30 };

int main(void)
{
    for (int i = 0; i < CHILDREN; i++) {
        long pid = fork();
        if (pid == 0) {
            printf("I am child %d.\n", i);
            exit(i);
        }
        assert(pid > 0);
        printf("forked child pid = %ld.\n", pid);
    }
    int code, sum = 0;
    for (int i = 0; i < CHILDREN; i++) {
        assert(wait(&code) > 0);
        sum += code;
    }
    assert(sum == CHILDREN * (CHILDREN - 1) / 2);
    assert(wait(&code) == WAIT_NO_CHILD);
    printf("forktest passed.\n");
    return 0;
}
