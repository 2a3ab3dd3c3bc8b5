/* What the parts of truss share. */
#ifndef TRUSS_H
#define TRUSS_H

#include <solproc.h>

struct victim { /* a process that is traced */
    int pid, as, ctl, status, psinfo;
    bool starting;  /* ours, and its program is not there yet: nothing is shown */
    bool made_fork; /* it makes a process that runs before the call is over: vfork */
    bool told;      /* that it sleeps was shown, or nothing has changed since */
    char *exec;     /* the call of exec that it is in, as it was shown; its memory is gone by its end */
    struct victim *next;
};

struct options {
    bool follow, count, arguments, many;
    sysset_t shown;     /* calls that are shown */
    pr_sigset_t signals;
    fltset_t faults;
};

extern struct options options;
extern struct victim *victims;

/* out.c: one line after the other */
void out_to(int fd);
void out(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_pad(int column);
void out_text(const struct victim *victim, uintptr_t address, size_t size, size_t whole); /* in quotes */
void out_string(const struct victim *victim, uintptr_t address);
void out_bytes(const unsigned char *bytes, size_t size); /* with escapes, without quotes */
void out_end(void);
char *out_take(void); /* the line so far, to be freed; it is not written */

/* call.c */
void show_call(const struct victim *victim, const lwpstatus_t *lwp, bool over); /* `name(arguments)` */
void show_result(const struct victim *victim, const lwpstatus_t *lwp);

/* count.c */
void count_call(int number, bool failed);
void count_signal(int number);
void count_fault(int number);
void count_time(const struct victim *victim);
void show_counts(void);

/* event.c */
void show_event(struct victim *victim, const pstatus_t *status);
void show_end(const struct victim *victim);
void show_sleep(struct victim *victim);

#endif
