/* Shows files one after the other; standard input if none is named, or for "-". */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int copy(int from, const char *name)
{
    static char buffer[65536];
    ssize_t length;
    while ((length = read(from, buffer, sizeof buffer)) > 0) {
        for (ssize_t at = 0; at < length;) {
            ssize_t written = write(STDOUT_FILENO, buffer + at, (size_t)(length - at));
            if (written < 0) {
                dprintf(STDERR_FILENO, "cat: cannot write: %s\n", strerror(errno));
                return 1;
            }
            at += written;
        }
    }
    if (length < 0)
        dprintf(STDERR_FILENO, "cat: %s: %s\n", name, strerror(errno));
    return length < 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc == 1)
        return copy(STDIN_FILENO, "standard input");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-") == 0) {
            failed |= copy(STDIN_FILENO, "standard input");
            continue;
        }
        int fd = open(argv[i], O_RDONLY);
        if (fd < 0) {
            dprintf(STDERR_FILENO, "cat: %s: %s\n", argv[i], strerror(errno));
            failed = 1;
            continue;
        }
        failed |= copy(fd, argv[i]);
        close(fd);
    }
    return failed;
}
