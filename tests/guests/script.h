/* Runs a script of raw system calls in a child, whatever they do; the parent then cleans up and runs a good program.
 *
 * The file /script: u64 flags (1: the child gives up being root), u64 count, then a record of 8 u64 per call: the
 * number, the kinds of the arguments (8 bits each), six values. An argument is its value plus what its kind names.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../user_apps/lib/syscall.h"

enum { LITERAL, BUFFER, READ_ONLY, EDGE, CLOSED, LAST_RESULT, STACK, CODE };

struct call {
    uint64_t number, kinds, values[6];
};

static struct {
    uint64_t flags, count;
    struct call calls[256];
} script;

static char buffer[32768] __attribute__((aligned(4096)));
static const char constant[4096] __attribute__((aligned(4096))) = {1};
static uintptr_t edge, closed; /* the end of a page before one that is not mapped; an address that is never mapped */

/* What calls may find at BUFFER: pointers with lengths, paths, zeroes, ones, small numbers. */
static void fill_buffer(void)
{
    static const char *const paths[] = {"/tmp/a", "/tmp/b", "/bin/hello", "/script", "/dev/null", "/tmp", "hello_world",
                                        "/proc/self/maps", "/proc/self/status", "", "/dev/zero", "/proc"};
    uint64_t *words = (uint64_t *)buffer;
    for (size_t i = 0; i < 128; i++) {
        words[2 * i] = (uintptr_t)buffer + 4096 + 64 * (i % 12);
        words[2 * i + 1] = i % 8 == 7 ? 0 : 8 * i;
    }
    for (size_t i = 0; i < 12; i++)
        strcpy(buffer + 4096 + 64 * i, paths[i]);
    memset(buffer + 12288, 0xff, 4096);
    for (size_t i = 0; i < 512; i++)
        ((uint64_t *)(buffer + 16384))[i] = i % 37;
}

static long argument(const struct call *call, int at, long last)
{
    uint64_t value = call->values[at];
    switch (call->kinds >> 8 * at & 255) {
    case BUFFER: return (long)((uintptr_t)buffer + value);
    case READ_ONLY: return (long)((uintptr_t)constant + value);
    case EDGE: return (long)(edge + value);
    case CLOSED: return (long)(closed + value);
    case LAST_RESULT: return (long)((uint64_t)last + value);
    case STACK: return (long)((uintptr_t)&value + value);
    case CODE: return (long)((uintptr_t)fill_buffer + value);
    default: return (long)value;
    }
}

static void run_script(void)
{
    long last = 0;
    fill_buffer();
    for (uint64_t i = 0; i < script.count; i++) {
        const struct call *call = &script.calls[i];
        long a[6];
        for (int at = 0; at < 6; at++)
            a[at] = argument(call, at, last);
        last = syscall6((long)call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}

#endif
