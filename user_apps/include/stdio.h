/* Formatted output. One stream: standard output.
 *
 * printf knows %d %i %u %x %X %o %p %s %c %%, with h hh l ll z j t, the flags - 0 + space #, width and precision
 * (numbers or *). No floating point.
 *
 * In the ABI rcore each printf, puts or putchar is one write to descriptor 1, so threads may print without a lock.
 * In the ABI linux standard output is buffered: by lines on a terminal, else by 4 KiB; exit and fork flush it.
 */
#ifndef STDIO_H
#define STDIO_H

#include <stdarg.h>
#include <stddef.h>

#define EOF (-1)

typedef struct stream FILE;
extern FILE *const stdout;

int printf(const char *restrict format, ...) __attribute__((format(printf, 1, 2)));
int vprintf(const char *restrict format, va_list args) __attribute__((format(printf, 1, 0)));
int dprintf(int fd, const char *restrict format, ...) __attribute__((format(printf, 2, 3)));
int vdprintf(int fd, const char *restrict format, va_list args) __attribute__((format(printf, 2, 0)));
int snprintf(char *restrict to, size_t size, const char *restrict format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *restrict to, size_t size, const char *restrict format, va_list args)
    __attribute__((format(printf, 3, 0)));
int puts(const char *text);
int putchar(int byte);
int fflush(FILE *stream);
void perror(const char *what);

#endif
