/* Shows exit and waitpid: the parent gets the very number its child ended with, once; after that there is no child. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

#define MAGIC (-0x10384)

int main(void)
{
    printf("I am the parent. Forking the child...\n");
    long child = fork();
    if (child == 0) {
        printf("I am the child.\n");
        for (int i = 0; i < 7; i++)
            yield();
        exit(MAGIC);
    }
    printf("I am the parent, of a child of pid %ld.\n", child);

    int code;
    assert(waitpid(child, &code) == child);
    assert(code == MAGIC);
    assert(waitpid(child, &code) == WAIT_NO_CHILD);
    assert(wait(&code) == WAIT_NO_CHILD);
    printf("waitpid %ld: exit code %d. exit passed.\n", child, code);
    return 0;
}
