/* Starts echo with posix_spawn, which stands still until the child has its program (CLONE_VFORK). */
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(void)
{
    pid_t child;
    char *arguments[] = {"echo", "spawned", NULL};
    if (posix_spawn(&child, "/bin/echo", NULL, NULL, arguments, environ) != 0)
        return 1;
    return waitpid(child, NULL, 0) == child ? 7 : 2;
}
