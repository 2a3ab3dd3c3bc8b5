/* The names of numbers, as the kernel has them. Each gives a text that the next call may overwrite. */
#ifndef NAMES_H
#define NAMES_H

const char *call_name(int number);   /* "openat" */
const char *error_name(int number);  /* "ENOENT" */
const char *signal_name(int number); /* "INT": without SIG */
const char *fault_name(int number);  /* "FLTBOUNDS" */

int call_number(const char *name);   /* -1: there is none of that name; the number itself is a name too */
int signal_number(const char *name); /* with or without SIG */
int fault_number(const char *name);  /* with or without FLT */

#endif
