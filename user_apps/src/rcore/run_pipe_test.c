/* Shows that nothing is left over: pipe_large_test runs five times, and each time has all it needs. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>

int main(void)
{
    for (int i = 0; i < 5; i++) {
        long child = fork();
        if (child == 0) {
            const char *const command[] = {"pipe_large_test", NULL};
            exec(command[0], command);
            return 127;
        }
        int code;
        assert(waitpid(child, &code) == child && code == 0);
        printf("iteration %d ok.\n", i);
    }
    return 0;
}
