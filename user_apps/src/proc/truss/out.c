/* Lines of output: built piece by piece, written whole, so that those of several processes do not mix. */
#include <ctype.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "truss.h"

enum { MOST_TEXT = 32, MOST_PATH = 4096 };

static char line[16384];
static size_t used;
static int target = STDERR_FILENO;

void out_to(int fd) { target = fd; }

void out(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line + used, sizeof line - used, format, args);
    va_end(args);
    used += (size_t)length;
    if (used > sizeof line - 2)
        used = sizeof line - 2; /* cut */
}

void out_pad(int column)
{
    out("%*s", (int)used < column ? column - (int)used : 1, "");
}

void out_bytes(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = bytes[i];
        if (byte == '\n')
            out("\\n");
        else if (byte == '\t')
            out("\\t");
        else if (byte == '"' || byte == '\\')
            out("\\%c", byte);
        else if (isprint(byte))
            out("%c", byte);
        else
            out(i + 1 < size && isdigit(bytes[i + 1]) ? "\\%03o" : "\\%o", byte);
    }
}

void out_text(const struct victim *victim, uintptr_t address, size_t size, size_t whole)
{
    unsigned char text[MOST_TEXT];
    size_t length = size < sizeof text ? size : sizeof text;
    if (!address || pread(victim->as, text, length, (off_t)address) != (ssize_t)length) {
        out(address ? "0x%lx" : "NULL", (unsigned long)address);
        return;
    }
    out("\"");
    out_bytes(text, length);
    out(length < whole ? "\".." : "\"");
}

void out_string(const struct victim *victim, uintptr_t address)
{
    static unsigned char text[MOST_PATH];
    ssize_t got = address ? pread(victim->as, text, sizeof text, (off_t)address) : 0;
    if (got <= 0) {
        out(address ? "0x%lx" : "NULL", (unsigned long)address);
        return;
    }
    out("\"");
    out_bytes(text, strnlen((char *)text, (size_t)got));
    out("\"");
}

void out_end(void)
{
    line[used++] = '\n';
    for (size_t done = 0; done < used;) {
        ssize_t written = write(target, line + done, used - done);
        if (written <= 0)
            break;
        done += (size_t)written;
    }
    used = 0;
}

char *out_take(void)
{
    char *text = must(strndup(line, used));
    used = 0;
    return text;
}
