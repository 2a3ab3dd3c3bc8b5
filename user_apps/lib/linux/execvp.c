/* A program found on the PATH. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Comes back only if there is none, or if what is there cannot be executed. */
int execvp(const char *name, char *const argv[])
{
    const char *path = getenv("PATH");
    char file[4096];
    if (strchr(name, '/'))
        return execve(name, argv, environ);
    errno = ENOENT;
    for (path = path ? path : "/bin"; *path; path += *path == ':') {
        size_t length = strcspn(path, ":");
        snprintf(file, sizeof file, "%.*s/%s", (int)length, path, name);
        execve(file, argv, environ);
        if (errno != ENOENT && errno != ENOTDIR)
            break;
        path += length;
    }
    return -1;
}
