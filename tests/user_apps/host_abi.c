/* What the library needs below it, from the host: an array for a heap, and write. */
#include <stdarg.h>
#include <stddef.h>

#include "abi.h"

long write(int fd, const void *from, size_t size);
_Noreturn void _exit(int code);
int our_vdprintf(int fd, const char *format, va_list args);
int our_dprintf(int fd, const char *format, ...);

static char arena[4 << 20] __attribute__((aligned(16)));
static size_t arena_used;

size_t abi_more_heap(size_t size, void **start)
{
    size_t step = (size + 4095) & ~(size_t)4095;
    if (step < size || step > sizeof arena - arena_used)
        return 0;
    *start = arena + arena_used;
    arena_used += step;
    return step;
}

void abi_yield(void) {}

void abi_write_all(int fd, const char *from, size_t size)
{
    while (size > 0) {
        long written = write(fd, from, size);
        if (written <= 0)
            return;
        from += written;
        size -= (size_t)written;
    }
}

int our_vprintf(const char *format, va_list args) { return our_vdprintf(1, format, args); }

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
    our_dprintf(2, "assertion failed: %s, at %s:%d\n", condition, file, line);
    _exit(1);
}
