/* Pieces of a call's text. */
#ifndef STRUCTURES_H
#define STRUCTURES_H

#include "tables.h"
#include "truss.h"

/* call.c */
void out_address(unsigned long value);
void out_flags(const struct name *names, unsigned long value);
void out_choice(const struct name *names, unsigned value);

/* structures.c; of what cannot be read, the address is shown */
bool fetch(const struct victim *victim, unsigned long from, void *to, size_t size); /* all of it, or false */
void out_structure(const struct victim *victim, const lwpstatus_t *lwp, const struct argument *argument,
                   unsigned long at, bool over);
void out_lock(const struct victim *victim, unsigned long at);
void out_ready(const struct victim *victim, const lwpstatus_t *lwp); /* what ppoll found */
void out_code(int signo, int code);                                  /* of a siginfo */

#endif
