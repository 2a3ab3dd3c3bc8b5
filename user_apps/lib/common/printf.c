/* The formatting behind printf: the text goes piece by piece into a sink, which is a string or a descriptor. */
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../abi.h"

struct sink {
    char *buffer;
    size_t size, used; /* of the buffer */
    size_t total;      /* bytes of text so far, whether or not they fitted */
    int fd;            /* where a full buffer goes; -1: nowhere, the rest is cut */
};

static void put(struct sink *sink, const char *text, size_t length)
{
    sink->total += length;
    while (length > 0) {
        if (sink->used == sink->size) {
            if (sink->fd < 0)
                return;
            abi_write_all(sink->fd, sink->buffer, sink->used);
            sink->used = 0;
        }
        size_t part = sink->size - sink->used;
        if (part > length)
            part = length;
        memcpy(sink->buffer + sink->used, text, part);
        sink->used += part;
        text += part;
        length -= part;
    }
}

static void pad(struct sink *sink, char byte, int count)
{
    while (count-- > 0)
        put(sink, &byte, 1);
}

struct spec {
    bool left, zero, plus, space, alternate;
    int width;
    int precision; /* -1: not given */
};

/* sign or prefix, zeros up to the precision, digits; all padded to the width */
static void put_number(struct sink *sink, const struct spec *spec, const char *prefix, uint64_t value, unsigned base,
                       bool capitals)
{
    const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[24];
    int start = sizeof text;
    for (; value; value /= base)
        text[--start] = digits[value % base];
    int length = (int)sizeof text - start;
    int least = spec->precision >= 0 ? spec->precision : 1;
    int zeros = least > length ? least - length : 0;
    int free_width = spec->width - (int)strlen(prefix) - zeros - length;
    if (spec->zero && !spec->left && spec->precision < 0 && free_width > 0) {
        zeros += free_width;
        free_width = 0;
    }
    if (!spec->left)
        pad(sink, ' ', free_width);
    put(sink, prefix, strlen(prefix));
    pad(sink, '0', zeros);
    put(sink, text + start, (size_t)length);
    if (spec->left)
        pad(sink, ' ', free_width);
}

static void put_text(struct sink *sink, const struct spec *spec, const char *text, size_t length)
{
    int free_width = spec->width - (int)length;
    if (!spec->left)
        pad(sink, ' ', free_width);
    put(sink, text, length);
    if (spec->left)
        pad(sink, ' ', free_width);
}

static int parse_count(const char **format, va_list *args)
{
    if (**format == '*') {
        ++*format;
        return va_arg(*args, int);
    }
    int count = 0;
    while (isdigit(**format) && count < INT_MAX / 10 - 1)
        count = count * 10 + *(*format)++ - '0';
    return count;
}

static struct spec parse_spec(const char **format, va_list *args)
{
    struct spec spec = {.precision = -1};
    for (;; ++*format) {
        switch (**format) {
        case '-': spec.left = true; continue;
        case '0': spec.zero = true; continue;
        case '+': spec.plus = true; continue;
        case ' ': spec.space = true; continue;
        case '#': spec.alternate = true; continue;
        }
        break;
    }
    spec.width = parse_count(format, args);
    if (spec.width < 0) {
        spec.left = true;
        spec.width = -spec.width;
    }
    if (**format == '.') {
        ++*format;
        spec.precision = parse_count(format, args);
    }
    return spec;
}

/* The length letters: how many bytes the integer argument has. hh and h are promoted to int and cut again. */
static size_t parse_length(const char **format)
{
    size_t size = sizeof(int);
    for (;; ++*format) {
        switch (**format) {
        case 'h': size = size == sizeof(short) ? sizeof(char) : sizeof(short); continue;
        case 'l': case 'z': case 'j': case 't': size = sizeof(long); continue;
        }
        return size;
    }
}

static int64_t signed_argument(size_t size, va_list *args)
{
    switch (size) {
    case sizeof(long): return va_arg(*args, long);
    case sizeof(short): return (short)va_arg(*args, int);
    case sizeof(char): return (signed char)va_arg(*args, int);
    default: return va_arg(*args, int);
    }
}

static uint64_t unsigned_argument(size_t size, va_list *args)
{
    switch (size) {
    case sizeof(long): return va_arg(*args, unsigned long);
    case sizeof(short): return (unsigned short)va_arg(*args, int);
    case sizeof(char): return (unsigned char)va_arg(*args, int);
    default: return va_arg(*args, unsigned);
    }
}

static void put_conversion(struct sink *sink, const char **format, va_list *args)
{
    struct spec spec = parse_spec(format, args);
    size_t size = parse_length(format);
    char kind = **format;
    switch (kind) {
    case 'd': case 'i': {
        int64_t value = signed_argument(size, args);
        const char *sign = value < 0 ? "-" : spec.plus ? "+" : spec.space ? " " : "";
        put_number(sink, &spec, sign, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, false);
        break;
    }
    case 'u':
        put_number(sink, &spec, "", unsigned_argument(size, args), 10, false);
        break;
    case 'o':
        put_number(sink, &spec, spec.alternate ? "0" : "", unsigned_argument(size, args), 8, false);
        break;
    case 'x': case 'X': {
        uint64_t value = unsigned_argument(size, args);
        const char *prefix = !spec.alternate || value == 0 ? "" : kind == 'x' ? "0x" : "0X";
        put_number(sink, &spec, prefix, value, 16, kind == 'X');
        break;
    }
    case 'p':
        put_number(sink, &spec, "0x", (uint64_t)(uintptr_t)va_arg(*args, void *), 16, false);
        break;
    case 'c': {
        char byte = (char)va_arg(*args, int);
        put_text(sink, &spec, &byte, 1);
        break;
    }
    case 's': {
        const char *text = va_arg(*args, const char *);
        if (!text)
            text = "(null)";
        put_text(sink, &spec, text, spec.precision >= 0 ? strnlen(text, (size_t)spec.precision) : strlen(text));
        break;
    }
    case '%':
        put(sink, "%", 1);
        break;
    default: /* unknown: shown as it stands */
        put(sink, "%", 1);
        if (!kind)
            return;
        put(sink, &kind, 1);
    }
    ++*format;
}

static int format_into(struct sink *sink, const char *format, va_list args)
{
    va_list rest;
    va_copy(rest, args);
    while (*format) {
        size_t plain = strcspn(format, "%");
        put(sink, format, plain);
        format += plain;
        if (*format == '%') {
            format++;
            put_conversion(sink, &format, &rest);
        }
    }
    va_end(rest);
    return (int)sink->total;
}

int vsnprintf(char *restrict to, size_t size, const char *restrict format, va_list args)
{
    struct sink sink = {.buffer = to, .size = size ? size - 1 : 0, .fd = -1};
    int length = format_into(&sink, format, args);
    if (size)
        to[sink.used] = '\0';
    return length;
}

int vdprintf(int fd, const char *restrict format, va_list args)
{
    char buffer[512];
    struct sink sink = {.buffer = buffer, .size = sizeof buffer, .fd = fd};
    int length = format_into(&sink, format, args);
    abi_write_all(fd, buffer, sink.used);
    return length;
}

int snprintf(char *restrict to, size_t size, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(to, size, format, args);
    va_end(args);
    return length;
}

int dprintf(int fd, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vdprintf(fd, format, args);
    va_end(args);
    return length;
}

int printf(const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vprintf(format, args);
    va_end(args);
    return length;
}
