/* Shows nothing for a while: sleep SECONDS, which may have a decimal fraction. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* "12", "0.5" or ".25" as a time; 0 if the text is something else. */
static int parse_seconds(const char *text, struct timespec *time)
{
    *time = (struct timespec){0};
    int digits = 0;
    for (; isdigit((unsigned char)*text) && time->tv_sec < 1000000000; text++, digits++)
        time->tv_sec = time->tv_sec * 10 + (*text - '0');
    if (*text == '.') {
        long unit = 100000000;
        for (text++; isdigit((unsigned char)*text); text++, digits++, unit /= 10)
            time->tv_nsec += (*text - '0') * unit;
    }
    return digits > 0 && *text == '\0';
}

int main(int argc, char **argv)
{
    struct timespec left;
    if (argc != 2 || !parse_seconds(argv[1], &left)) {
        dprintf(STDERR_FILENO, "usage: sleep SECONDS\n");
        return 2;
    }
    while (nanosleep(&left, &left) < 0) {
        if (errno != EINTR) {
            dprintf(STDERR_FILENO, "sleep: %s\n", strerror(errno));
            return 1;
        }
    }
    return 0;
}
