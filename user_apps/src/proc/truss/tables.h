/* The types of truss's tables: made by `python -m rvsim.tools.reference`, do not edit. */
#ifndef TABLES_H
#define TABLES_H

struct name { /* of a flag or a value; the last has none */
    unsigned bits;
    const char *name;
};

enum kind {
    K_ACTION, K_BUFFER, K_CHOICE, K_CLONE, K_DIRFD, K_EPOLL_EVENT, K_EPOLL_EVENTS, K_FCNTL, K_FD_SET,
    K_FILE_TIMES, K_FILLED, K_FLAGS, K_FUTEX, K_HEX, K_INT, K_IOVEC, K_ITIMERSPEC, K_ITIMERVAL, K_LONG, K_MIXED,
    K_NUMBER4, K_NUMBER8, K_OCTAL, K_PAIR, K_POINTER, K_POLLFDS, K_RLIMIT, K_RUSAGE, K_SET_BYTES, K_SIGINFO,
    K_SIGNAL, K_SOCKADDR, K_SOCKADDR_OUT, K_STACK, K_STAT, K_STATFS, K_STATUS, K_STATX, K_STRING, K_SYSINFO,
    K_TIMESPEC, K_TIMEVAL, K_TIMEZONE, K_TMS, K_UINT, K_ULONG, K_UTSNAME, K_VECTOR
};
enum result { R_DECIMAL, R_HEX, R_OCTAL };

struct argument { /* `out`: the call fills it in; `size`: the register with its size */
    unsigned char kind, out, at, size;
    const struct name *names;
};

struct row {
    unsigned char known, count, result;
    struct argument arguments[6];
};

struct code { /* si_code; signo 0: of any signal; the last has no name */
    int signo, code;
    const char *name;
};

extern const struct row rows[463]; /* by the number of the call */
extern const struct code codes[];
extern const struct name file_types[], action_flags[], stack_flags[], magic_names[], family_names[], fd_flags[], status_flags[], poll_events[], lock_types[], whences[];

#endif
