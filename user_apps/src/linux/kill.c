/* Shows signals from the command line: kill [-SIGNAL] PID..., where SIGNAL is a number or a name; SIGTERM without. A
 * negative pid names a process group. kill -l lists the names. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {
    NULL, "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
    "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
};

enum { NAMES = sizeof names / sizeof *names };

/* A whole decimal number; 0 if the text is something else. */
static int parse_number(const char *text, long *number)
{
    char *end;
    *number = strtol(text, &end, 10);
    return end != text && *end == '\0';
}

static int parse_signal(const char *text)
{
    long number;
    if (parse_number(text, &number))
        return number >= 0 && number <= 64 ? (int)number : -1;
    if (strncmp(text, "SIG", 3) == 0)
        text += 3;
    for (int i = 1; i < NAMES; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return -1;
}

int main(int argc, char **argv)
{
    int number = SIGTERM, first = 1, failed = 0;
    if (argc > 1 && strcmp(argv[1], "-l") == 0) {
        for (int i = 1; i < NAMES; i++)
            printf("%2d %s\n", i, names[i]);
        return 0;
    }
    if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
        number = parse_signal(argv[1] + 1);
        if (number < 0) {
            dprintf(STDERR_FILENO, "kill: %s: unknown signal\n", argv[1] + 1);
            return 2;
        }
        first++;
    }
    if (first < argc && strcmp(argv[first], "--") == 0)
        first++;
    if (first >= argc) {
        dprintf(STDERR_FILENO, "usage: kill [-SIGNAL] PID...\n");
        return 2;
    }
    for (int i = first; i < argc; i++) {
        long pid;
        if (!parse_number(argv[i], &pid)) {
            dprintf(STDERR_FILENO, "kill: %s: not a pid\n", argv[i]);
            failed = 1;
        } else if (kill((pid_t)pid, number) < 0) {
            dprintf(STDERR_FILENO, "kill: %s: %s\n", argv[i], strerror(errno));
            failed = 1;
        }
    }
    return failed;
}
