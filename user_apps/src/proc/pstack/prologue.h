/* A function's frame at one of its instructions. Offsets count from the stack pointer that it was called with. */
#ifndef PROLOGUE_H
#define PROLOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout {
    long size; /* how far the stack pointer is below that */
    bool ra_saved, fp_saved, fp_set;
    long ra_at, fp_at;
    long fp_offset; /* the frame pointer is that far from it */
};

struct layout read_prologue(const unsigned char *code, size_t size); /* after the `size` bytes from its start */

#endif
