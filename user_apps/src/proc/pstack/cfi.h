/* How to leave a function, as its compiler wrote it down. Offsets count from the caller's stack pointer. */
#ifndef CFI_H
#define CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rules {
    unsigned long base;               /* the caller's stack pointer is this register plus `offset` */
    long offset;
    bool ra_saved, fp_saved, ra_lost; /* ra_lost: nobody called it */
    long ra_at, fp_at;
    bool signal;                      /* what comes next was interrupted, not called */
};

struct frame_section { /* .eh_frame, or .debug_frame */
    const unsigned char *data;
    size_t size;
    uint64_t address; /* in the file */
    bool eh;
};

bool find_rules(const struct frame_section *section, uint64_t address, struct rules *rules); /* false: it has none */

#endif
