/* A system call as text. What its arguments are says a table that is made from strace's (tables.c). */
#include <names.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "structures.h"

enum { SYS_FCNTL = 25, SYS_OPENAT = 56, SYS_PPOLL = 73, O_CREAT = 0100, AT_FDCWD = -100, MOST_WORDS = 64 };
enum { F_GETFD = 1, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_GETOWN = 9 };
enum { F_OFD_GETLK = 36, F_OFD_SETLK, F_OFD_SETLKW, F_GETPIPE_SZ = 1032, F_GET_SEALS = 1034 };

void out_address(unsigned long value) { out(value ? "0x%lx" : "NULL", value); }

void out_flags(const struct name *names, unsigned long value)
{
    const char *bar = "";
    unsigned long rest = value;
    for (const struct name *at = names; at && at->name; at++) {
        if (at->bits ? (rest & at->bits) != at->bits : value != 0)
            continue;
        out("%s%s", bar, at->name);
        rest &= ~(unsigned long)at->bits;
        bar = "|";
    }
    if (rest || !*bar)
        out(rest ? "%s0x%lx" : "%s0", bar, rest);
}

void out_choice(const struct name *names, unsigned value)
{
    for (; names && names->name; names++)
        if (names->bits == value) {
            out("%s", names->name);
            return;
        }
    out(value > 0xffff && value < 0xfffffff0 ? "0x%x" : "%d", value);
}

/* One of several in the lowest four bits, and flags above. */
static void out_mixed(const struct name *names, unsigned value)
{
    const char *bar = "";
    for (const struct name *at = names; at->name; at++)
        if (at->bits == (value & 15)) {
            out("%s", at->name);
            value &= ~15u;
            bar = "|";
            break;
        }
    if (!value && *bar)
        return;
    out("%s", bar);
    while (names->name && names->bits < 16)
        names++;
    out_flags(names, value);
}

/* The words of a vector, as long as they can be read. */
static void out_vector(const struct victim *victim, unsigned long at)
{
    uintptr_t word;
    if (!options.arguments) {
        out_address(at);
        return;
    }
    out("[");
    for (unsigned long i = 0; i < MOST_WORDS && fetch(victim, at + i * 8, &word, sizeof word) && word; i++) {
        out(i ? ", " : "");
        out_string(victim, word);
    }
    out("]");
}

static void out_futex(const struct name *names, unsigned value)
{
    out_choice(names, value & 0x7f);
    out("%s%s", value & 0x80 ? "|FUTEX_PRIVATE_FLAG" : "", value & 0x100 ? "|FUTEX_CLOCK_REALTIME" : "");
}

static void out_clone(const struct name *names, unsigned long value)
{
    if (value & ~0xfful)
        out_flags(names, value & ~0xfful);
    if (value & 0xff)
        out("%sSIG%s", value & ~0xfful ? "|" : "", signal_name((int)(value & 0xff)));
    else if (!value)
        out("0");
}

/* What the third argument of fcntl is depends on the second. */
static void out_fcntl(const struct victim *victim, const lwpstatus_t *lwp, unsigned long value)
{
    switch ((int)lwp->pr_sysarg[1]) {
    case F_SETFD: out_flags(fd_flags, value); break;
    case F_SETFL: out_mixed(status_flags, (unsigned)value); break;
    case F_GETLK: case F_SETLK: case F_SETLKW: case F_OFD_GETLK: case F_OFD_SETLK:
    case F_OFD_SETLKW: out_lock(victim, value); break;
    default: out((long)value < 0 || value > 0xffff ? "0x%lx" : "%ld", value);
    }
}

/* The numbers of what is not a pointer. false: it is one. */
static bool show_number(const struct victim *victim, const lwpstatus_t *lwp, const struct argument *argument,
                        unsigned long value)
{
    switch (argument->kind) {
    case K_INT: out("%d", (int)value); break;
    case K_UINT: out("%u", (unsigned)value); break;
    case K_LONG: out("%ld", (long)value); break;
    case K_ULONG: out("%lu", value); break;
    case K_OCTAL: out("0%o", (unsigned)value & 0xffff); break;
    case K_DIRFD: out((int)value == AT_FDCWD ? "AT_FDCWD" : "%d", (int)value); break;
    case K_FLAGS: out_flags(argument->names, value & 0xffffffff); break;
    case K_CHOICE: out_choice(argument->names, (unsigned)value); break;
    case K_MIXED: out_mixed(argument->names, (unsigned)value); break;
    case K_SIGNAL: out(value ? "SIG%s" : "0", signal_name((int)value)); break;
    case K_FUTEX: out_futex(argument->names, (unsigned)value); break;
    case K_CLONE: out_clone(argument->names, value); break;
    case K_FCNTL: out_fcntl(victim, lwp, value); break;
    case K_HEX: out(value ? "0x%lx" : "0", value); break;
    case K_POINTER: out_address(value); break;
    default: return false;
    }
    return true;
}

static void show_argument(const struct victim *victim, const lwpstatus_t *lwp, const struct argument *argument,
                          bool over)
{
    unsigned long value = (unsigned long)lwp->pr_sysarg[argument->at];
    unsigned long size = (unsigned long)lwp->pr_sysarg[argument->size];
    if (show_number(victim, lwp, argument, value))
        return;
    if (!value || (argument->out && (!over || lwp->pr_errno))) { /* nothing is there yet */
        out_address(value);
        return;
    }
    switch (argument->kind) {
    case K_STRING: out_string(victim, value); break;
    case K_VECTOR: out_vector(victim, value); break;
    case K_BUFFER: out_text(victim, value, size, size); break;
    case K_FILLED: out_text(victim, value, (size_t)lwp->pr_rval1, (size_t)lwp->pr_rval1); break;
    default: out_structure(victim, lwp, argument, value, over);
    }
}

static const struct row *row_of(int number)
{
    return number >= 0 && (size_t)number < sizeof rows / sizeof *rows && rows[number].known ? &rows[number] : NULL;
}

static int argument_count(const struct row *row, const lwpstatus_t *lwp)
{
    int command = (int)lwp->pr_sysarg[1];
    if (lwp->pr_syscall == SYS_OPENAT && !(lwp->pr_sysarg[2] & O_CREAT)) /* the mode of a file that is not made */
        return 3;
    if (lwp->pr_syscall == SYS_FCNTL && (command == F_GETFD || command == F_GETFL || command == F_GETOWN
                                         || command == F_GETPIPE_SZ || command == F_GET_SEALS))
        return 2;
    return row->count;
}

void show_call(const struct victim *victim, const lwpstatus_t *lwp, bool over)
{
    static const struct argument plain = {.kind = K_POINTER};
    const struct row *row = row_of(lwp->pr_syscall);
    int count = row ? argument_count(row, lwp) : lwp->pr_nsysarg;
    out("%s(", call_name(lwp->pr_syscall));
    for (int i = 0; i < count && i < 6; i++) {
        struct argument argument = row ? row->arguments[i] : plain;
        argument.at = row ? argument.at : (unsigned char)i;
        out(i ? ", " : "");
        show_argument(victim, lwp, &argument, over);
    }
    out(")");
}

void show_result(const struct victim *victim, const lwpstatus_t *lwp)
{
    const struct row *row = row_of(lwp->pr_syscall);
    out_pad(48);
    if (lwp->pr_errno)
        out("Err#%d %s", lwp->pr_errno, error_name(lwp->pr_errno));
    else if (row && row->result != R_DECIMAL)
        out(row->result == R_HEX ? "= 0x%lx" : "= 0%lo", lwp->pr_rval1);
    else
        out("= %ld", lwp->pr_rval1);
    if (!lwp->pr_errno && lwp->pr_rval1 > 0 && lwp->pr_syscall == SYS_PPOLL)
        out_ready(victim, lwp);
}
