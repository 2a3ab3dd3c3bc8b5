/* Standard output of the ABI `linux`, the end of the process, and words for errors. */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../abi.h"

struct stream {
    size_t used;
    bool known, by_lines; /* by_lines means something once known */
    char buffer[4096];
};

static struct stream standard_output;
FILE *const stdout = &standard_output;

int fflush(FILE *stream)
{
    (void)stream; /* NULL means all streams, and there is one */
    size_t used = standard_output.used;
    standard_output.used = 0;
    abi_write_all(STDOUT_FILENO, standard_output.buffer, used);
    return 0;
}

static void put(const char *text, size_t length)
{
    struct stream *out = &standard_output;
    if (!out->known) {
        int old = errno; /* isatty sets it */
        out->by_lines = isatty(STDOUT_FILENO);
        out->known = true;
        errno = old;
    }
    if (length > sizeof out->buffer - out->used)
        fflush(stdout);
    if (length > sizeof out->buffer) {
        abi_write_all(STDOUT_FILENO, text, length);
        return;
    }
    memcpy(out->buffer + out->used, text, length);
    out->used += length;
    if (out->by_lines && memchr(text, '\n', length))
        fflush(stdout);
}

int vprintf(const char *restrict format, va_list args)
{
    char small[256];
    int length = vsnprintf(small, sizeof small, format, args);
    if ((size_t)length < sizeof small) {
        put(small, (size_t)length);
        return length;
    }
    char *large = malloc((size_t)length + 1);
    if (!large)
        return -1;
    vsnprintf(large, (size_t)length + 1, format, args);
    put(large, (size_t)length);
    free(large);
    return length;
}

int putchar(int byte)
{
    char text = (char)byte;
    put(&text, 1);
    return byte;
}

int puts(const char *text)
{
    put(text, strlen(text));
    put("\n", 1);
    return 0;
}

_Noreturn void exit(int code)
{
    fflush(stdout);
    _exit(code);
}

_Noreturn void abort(void)
{
    fflush(stdout);
    _exit(134); /* as a shell shows SIGABRT */
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
    fflush(stdout);
    dprintf(STDERR_FILENO, "assertion failed: %s, at %s:%d\n", condition, file, line);
    abort();
}

char *strerror(int number)
{
    static const char *const words[] = {
        [0] = "no error", [EPERM] = "operation not permitted", [ENOENT] = "no such file or directory",
        [ESRCH] = "no such process", [EINTR] = "interrupted", [EIO] = "input/output error",
        [E2BIG] = "argument list too long", [ENOEXEC] = "not a program of this machine",
        [EBADF] = "bad file descriptor", [ECHILD] = "no child processes", [EAGAIN] = "try again",
        [ENOMEM] = "out of memory", [EACCES] = "permission denied", [EFAULT] = "bad address", [EBUSY] = "busy",
        [EEXIST] = "file exists", [EXDEV] = "crosses file systems", [ENODEV] = "no such device",
        [ENOTDIR] = "not a directory", [EISDIR] = "is a directory", [EINVAL] = "invalid argument",
        [ENFILE] = "too many open files in the system", [EMFILE] = "too many open files", [ENOTTY] = "not a terminal",
        [ETXTBSY] = "program is running", [EFBIG] = "file too large", [ENOSPC] = "no space left on device",
        [ESPIPE] = "cannot seek", [EROFS] = "read-only file system", [EMLINK] = "too many links",
        [EPIPE] = "broken pipe", [ERANGE] = "out of range", [ENAMETOOLONG] = "name too long",
        [ENOSYS] = "no such system call", [ENOTEMPTY] = "directory not empty", [ELOOP] = "too many symbolic links",
    };
    static char other[24];
    if (number >= 0 && (size_t)number < sizeof words / sizeof *words && words[number])
        return (char *)words[number];
    snprintf(other, sizeof other, "error %d", number);
    return other;
}

void perror(const char *what)
{
    int number = errno;
    fflush(stdout);
    dprintf(STDERR_FILENO, "%s: %s\n", what, strerror(number));
}

char *getenv(const char *name)
{
    size_t length = strlen(name);
    for (char **entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}
