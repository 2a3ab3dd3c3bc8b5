/* err and its family. */
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "?", *help = "";

void begin(const char *name, const char *usage, int argc, char **argv)
{
    program = name;
    help = usage;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf("%s", usage);
        exit(0);
    }
}

_Noreturn void wrong_usage(void)
{
    fflush(stdout);
    dprintf(STDERR_FILENO, "%s", help);
    exit(2);
}

static void complain(int number, const char *format, va_list args)
{
    char line[1024];
    int length = snprintf(line, sizeof line, "%s: ", program);
    length += vsnprintf(line + length, sizeof line - (size_t)length, format, args);
    if (length >= (int)sizeof line)
        length = sizeof line - 1;
    fflush(stdout);
    dprintf(STDERR_FILENO, "%s%s%s\n", line, number ? ": " : "", number ? strerror(number) : "");
}

#define COMPLAIN(number)                                                                                               \
    va_list args;                                                                                                      \
    int why = number;                                                                                                  \
    va_start(args, format);                                                                                            \
    complain(why, format, args);                                                                                       \
    va_end(args)

void warn(const char *format, ...) { COMPLAIN(errno); }
void warnx(const char *format, ...) { COMPLAIN(0); }

_Noreturn void err(int code, const char *format, ...)
{
    COMPLAIN(errno);
    exit(code);
}

_Noreturn void errx(int code, const char *format, ...)
{
    COMPLAIN(0);
    exit(code);
}

void *must(void *memory)
{
    if (!memory)
        errx(1, "out of memory");
    return memory;
}
