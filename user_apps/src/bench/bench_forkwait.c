/* Measures fork + exit + wait, a thousand times; the child touches nothing. */
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

int main(void)
{
    long start = now_ns();
    for (int i = 0; i < 1000; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        int status;
        require(child > 0 && waitpid(child, &status, 0) == child && status == 0, "fork and wait");
    }
    return report("forkwait", start);
}
