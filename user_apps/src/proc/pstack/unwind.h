/* Who called whom, from a process's registers and memory. */
#ifndef UNWIND_H
#define UNWIND_H

#include <symbols.h>

struct cursor { /* one frame: where it is, and what of its registers is known */
    uintptr_t pc, sp, fp, ra;
    bool exact;   /* the pc is of the next instruction; else it is where a call returns to */
    bool ra_live; /* ra may still hold the return address */
    bool guessed; /* found by looking through the stack, so it may be of a call that is over */
    bool from_ra; /* its pc is what ra held, which may be on the stack as well */
    bool signal;  /* it is what the kernel put there to return from a handler */
};

bool unwind(struct image *image, struct cursor *cursor); /* to the caller; false: this was the first */
void unwind_close(void); /* what was kept of the image is given back */

#endif
