/* Random system calls in the ABI rcore; see script.h. Prints "alive" when all is over and programs still run. */
#include <rcore.h>
#include <stdio.h>

#include "script.h"

int main(void)
{
    long fd = open("script", O_RDONLY);
    if (read((int)fd, &script, sizeof script) < 16)
        return 1;
    close(fd);
    edge = (uintptr_t)buffer + sizeof buffer;
    closed = 0x3000000000;
    long pid = fork(), me = getpid();
    if (pid == 0) {
        run_script();
        exit(0);
    }
    for (int i = 0; i < 300 && waitpid_nb(-1, NULL) != WAIT_NO_CHILD; i++)
        yield();
    for (int round = 0; waitpid_nb(-1, NULL) != WAIT_NO_CHILD && round < 2000; round++) {
        for (long other = 0; other < 600; other++)
            if (other != me)
                kill(other, SIGKILL);
        yield();
    }
    static const char *const args[] = {"hello_world", NULL};
    pid = fork();
    if (pid == 0) {
        exec("/bin/hello_world", args);
        exit(1);
    }
    int code = -1;
    if (pid < 0 || waitpid(pid, &code) != pid || code != 0)
        return 2;
    puts("alive");
    return 0;
}
