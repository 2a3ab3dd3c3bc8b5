"""user_apps/src/proc/truss/tables.h: what the guest program truss knows of system calls, made from what strace knows.

For each call its arguments, each with its kind and, for flags and values, its names. Rows that strace picks by the
values of a call stand in `CHOSEN`, as they are most of the time.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.tools.strace import constants as c
from rvsim.tools.strace import sockets
from rvsim.tools.strace.call import Arg, hexadecimal, octal
from rvsim.tools.strace.linux_calls import LINUX_CALLS
from rvsim.tools.strace.values import DIRFD, FD, HEX, INT, MODE, OPEN_FLAGS, PATH, PTR, SIZE, STRING, UINT, choice, flag

KINDS = (
    "action", "buffer", "choice", "clone", "dirfd", "epoll_event", "epoll_events", "fcntl", "fd_set", "file_times",
    "filled", "flags", "futex", "hex", "int", "iovec", "itimerspec", "itimerval", "long", "mixed", "number4",
    "number8", "octal", "pair", "pointer", "pollfds", "rlimit", "rusage", "set_bytes", "siginfo", "signal",
    "sockaddr", "sockaddr_out", "stack", "stat", "statfs", "status", "statx", "string", "sysinfo", "timespec",
    "timeval", "timezone", "tms", "uint", "ulong", "utsname", "vector",
)  # fmt: skip
"""What truss can show. Anything else is shown as a pointer."""

CHOSEN: dict[str, tuple[Arg, ...]] = {
    "openat": (DIRFD, PATH, OPEN_FLAGS, MODE), "mknodat": (DIRFD, PATH, MODE, HEX),
    "fcntl": (FD, choice(c.FCNTL, ""), Arg(HEX.show, kind="fcntl")), "ioctl": (FD, choice(c.IOCTLS, ""), HEX),
    "mount": (STRING, PATH, STRING, flag(c.MOUNT_FLAGS), PTR), "mremap": (PTR, SIZE, SIZE, flag(c.MREMAP), PTR),
    "clone": (Arg(HEX.show, kind="clone", names=c.CLONE), PTR, PTR, HEX, PTR), "clone3": (PTR, SIZE),
    "futex": (PTR, Arg(HEX.show, kind="futex", names=c.FUTEX), UINT, HEX, PTR, HEX),
    "prctl": (choice(c.PRCTL, ""), HEX, HEX, HEX, HEX), "socket": (sockets.FAMILY, sockets.SOCKET_KIND, INT),
    "membarrier": (choice(c.MEMBARRIER, ""), HEX, INT), "kcmp": (INT, INT, choice(c.KCMP, ""), HEX, HEX),
    "sched_setattr": (INT, PTR, UINT), "reboot": (HEX, HEX, choice(c.REBOOT_COMMANDS, ""), PTR),
    "shmctl": (INT, HEX, PTR), "msgctl": (INT, HEX, PTR), "semctl": (INT, INT, HEX, HEX),
    "mq_open": (STRING, OPEN_FLAGS, MODE, PTR),
}
IN_STRUCTURES: dict[str, Mapping[str, int]] = {
    "file_types": c.FILE_TYPES, "action_flags": c.SA_FLAGS, "stack_flags": c.SS_FLAGS, "magic_names": c.FS_MAGIC,
    "family_names": c.FAMILIES, "fd_flags": c.FD_FLAGS, "status_flags": OPEN_FLAGS.names, "poll_events": c.POLL,
    "lock_types": c.LOCK_TYPES, "whences": c.WHENCE,
}


HEADER = """\
/* The types of truss's tables: made by `python -m rvsim.tools.reference`, do not edit. */
#ifndef TABLES_H
#define TABLES_H

struct name {{ /* of a flag or a value; the last has none */
    unsigned bits;
    const char *name;
}};

enum kind {{
{kinds}
}};
enum result {{ R_DECIMAL, R_HEX, R_OCTAL }};

struct argument {{ /* `out`: the call fills it in; `size`: the register with its size */
    unsigned char kind, out, at, size;
    const struct name *names;
}};

struct row {{
    unsigned char known, count, result;
    struct argument arguments[6];
}};

struct code {{ /* si_code; signo 0: of any signal; the last has no name */
    int signo, code;
    const char *name;
}};

extern const struct row rows[{rows}]; /* by the number of the call */
extern const struct code codes[];
extern const struct name {names};

#endif
"""


def _names(name: str, names: Mapping[str, int]) -> list[str]:
    entries = " ".join(f'{{{number & 0xFFFF_FFFF:#x},"{word}"}},' for word, number in names.items())
    lines = textwrap.wrap(entries + " {0,NULL},", 110, break_long_words=False)
    return [f"const struct name {name}[] = {{", *(f"    {line}" for line in lines), "};"]


def call_header() -> str:
    """user_apps/src/proc/truss/tables.h: the types of the tables, and what of them the rest of truss uses by name."""
    kinds = textwrap.fill(", ".join(f"K_{kind.upper()}" for kind in KINDS), 114, initial_indent="    ",
                          subsequent_indent="    ")
    return HEADER.format(kinds=kinds, rows=max(NAMES) + 1, names=", ".join(f"{name}[]" for name in IN_STRUCTURES))


def call_tables() -> str:
    """user_apps/src/proc/truss/tables.c: the tables."""
    tables: dict[str, Mapping[str, int]] = dict(IN_STRUCTURES)
    rows = []
    for number, name in sorted(NAMES.items()):
        signature = LINUX_CALLS.get(name)
        if signature is None:
            continue
        args = signature.args if isinstance(signature.args, tuple) else CHOSEN[name]
        shown = []
        for place, arg in enumerate(args):
            kind = arg.kind if arg.kind in KINDS else "pointer"
            names = "NULL"
            if arg.names and kind != "pointer":
                names = next((known for known, table in tables.items() if table == arg.names), f"names_{len(tables)}")
                tables[names] = arg.names
            register = place if arg.register is None else arg.register
            shown.append(f"{{K_{kind.upper()}, {int(arg.out)}, {register}, {arg.size}, {names}}}")
        result = "R_HEX" if signature.result is hexadecimal else "R_OCTAL" if signature.result is octal else "R_DECIMAL"
        rows += [f"    [{number}] = {{1, {len(shown)}, {result}, {{ /* {name} */",
                 *textwrap.wrap(", ".join(shown) or "{0}", 110, initial_indent=" " * 8, subsequent_indent=" " * 8),
                 "    }},"]
    codes = [f'    {{{signo}, {number}, "{name}"}},'
             for signo, table in ((0, c.SI_CODES), *c.FAULT_CODES.items()) for name, number in table.items()]
    return "\n".join([
        "/* System calls, their arguments and the names of these: made by `python -m rvsim.tools.reference`, do not "
        "edit. */",
        '#include "tables.h"', "", "#include <stddef.h>", "",
        *(line for name, names in tables.items() for line in [*_names(name, names), ""]),
        "const struct code codes[] = {", *codes, "    {0, 0, NULL},", "};", "",
        f"const struct row rows[{max(NAMES) + 1}] = {{", *rows, "};", ""])
