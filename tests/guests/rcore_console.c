/* A child waits for a key while its parent goes on. */
#include <rcore.h>
#include <stdio.h>

int main(void)
{
    long pid = fork();
    if (pid == 0) {
        char key = 0;
        exit(read(0, &key, 1) == 1 ? key : -1);
    }
    for (int i = 0; i < 10; i++)
        yield();
    puts("ready");
    int code = 0;
    while (waitpid_nb(pid, &code) == WAIT_RUNNING)
        yield();
    printf("got %c\n", code);
    return 0;
}
