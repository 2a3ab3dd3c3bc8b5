/* Shows the beginning of files: head [-n LINES | -LINES | -c BYTES] [FILE...]; ten lines without an option, and a header before
 * each of several files. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool by_bytes;
static unsigned long wanted = 10;

/* How much of the buffer is wanted still. */
static size_t take(const char *buffer, size_t length, unsigned long *left)
{
    size_t end = 0;
    if (by_bytes) {
        end = *left < length ? *left : length;
        *left -= end;
    }
    while (!by_bytes && end < length && *left > 0)
        if (buffer[end++] == '\n')
            --*left;
    return end;
}

/* Copy to the standard output; -1 with errno if something fails. */
static int copy(int fd)
{
    static char buffer[65536];
    unsigned long left = wanted;
    while (left > 0) {
        ssize_t length = read(fd, buffer, sizeof buffer), written;
        if (length <= 0)
            return (int)length;
        size_t end = take(buffer, (size_t)length, &left);
        for (size_t at = 0; at < end; at += (size_t)written)
            if ((written = write(STDOUT_FILENO, buffer + at, end - at)) < 0)
                return -1;
    }
    return 0;
}

static bool parse_count(const char *text)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    wanted = strtoul(text, &end, 10);
    return *end == '\0' && errno == 0;
}

int main(int argc, char **argv)
{
    int option, failed = 0;
    if (argc > 1 && argv[1][0] == '-' && parse_count(argv[1] + 1)) {
        argc--;
        argv++;
    }
    while ((option = getopt(argc, argv, "n:c:")) != -1) {
        if (option == '?')
            return 2;
        by_bytes = option == 'c';
        if (!parse_count(optarg)) {
            dprintf(STDERR_FILENO, "head: %s: not a number of %s\n", optarg, by_bytes ? "bytes" : "lines");
            return 2;
        }
    }
    if (optind == argc && copy(STDIN_FILENO) < 0) {
        dprintf(STDERR_FILENO, "head: %s\n", strerror(errno));
        return 1;
    }
    for (int i = optind; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);
        if (fd >= 0 && argc - optind > 1)
            dprintf(STDOUT_FILENO, "%s==> %s <==\n", i > optind ? "\n" : "", argv[i]);
        if (fd < 0 || copy(fd) < 0) {
            dprintf(STDERR_FILENO, "head: %s: %s\n", argv[i], strerror(errno));
            failed = 1;
        }
        if (fd >= 0)
            close(fd);
    }
    return failed;
}
