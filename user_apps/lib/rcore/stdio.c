/* Standard output of the ABI `rcore`: every call is one write, so that threads need no lock around a buffer. */
#include <assert.h>
#include <rcore.h>
#include <stdio.h>
#include <stdlib.h>

#include "../abi.h"

struct stream {
    int fd;
};

static struct stream standard_output = {1};
FILE *const stdout = &standard_output;

int vprintf(const char *restrict format, va_list args) { return vdprintf(1, format, args); }

int putchar(int byte)
{
    char text = (char)byte;
    abi_write_all(1, &text, 1);
    return byte;
}

int puts(const char *text) { return printf("%s\n", text); }

int fflush(FILE *stream)
{
    (void)stream; /* nothing is ever held back */
    return 0;
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
    printf("assertion failed: %s, at %s:%d\n", condition, file, line);
    exit(-1);
}

_Noreturn void abort(void)
{
    exit(-SIGABRT);
}

char *getenv(const char *name)
{
    (void)name; /* exec passes no environment */
    return NULL;
}
