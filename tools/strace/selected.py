"""Calls whose arguments depend on their values: open, fcntl, ioctl, futex, prctl, clone, mmap and their like."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi import ioctl as io
from rvsim.guest_os.abi.sched import (
    CLONE_CHILD_CLEARTID,
    CLONE_CHILD_SETTID,
    CLONE_PARENT_SETTID,
    CLONE_SETTLS,
    CSIGNAL,
)
from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFMT
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call, Signature, decimal, error_text
from rvsim.tools.strace.structs import FLOCK_IN, FLOCK_OUT, TIMESPEC_IN, device, termios, winsize
from rvsim.tools.strace.text import address, fields, flags, one_of
from rvsim.tools.strace.values import (
    DIRFD,
    FD,
    HEX,
    INT,
    MODE,
    OPEN_FLAGS,
    PATH,
    PTR,
    SIGNAL,
    SIZE,
    STRING,
    STRING_OUT,
    UINT,
    ULONG,
    bare_open_flags,
    choice,
    file_mode,
    flag,
    flag_long,
    named,
    number_in,
    number_out,
    open_flags,
    signal_name,
    struct_in,
    struct_out,
)

NUMBER_IN, NUMBER_OUT = number_in("i"), number_out("i")
TID_OUT = number_out("I")


def openat(call: Call) -> Sequence[Arg]:
    """The mode counts only where a file may be made."""
    made = call.args[2] & (f.O_CREAT | f.O_TMPFILE_BIT)
    return (DIRFD, PATH, OPEN_FLAGS, MODE) if made else (DIRFD, PATH, OPEN_FLAGS)


def mknodat(call: Call) -> Sequence[Arg]:
    """The device counts only for device nodes."""
    mode = Arg(lambda call, value: file_mode(value))
    if call.args[2] & S_IFMT in (S_IFCHR, S_IFBLK):
        return DIRFD, PATH, mode, Arg(lambda call, value: device(value & 0xFFFF_FFFF))
    return DIRFD, PATH, mode


# ---- fcntl


def fcntl(call: Call) -> Sequence[Arg]:
    """The third argument is a number, flags, a signal, a lock, or nothing."""
    command = call.args[1] & 0xFFFF_FFFF
    name = choice(c.FCNTL, "F_???")
    match command:
        case f.F_GETFD | f.F_GETFL | f.F_GETOWN | f.F_GETSIG | f.F_GETLEASE | f.F_GETPIPE_SZ | f.F_GET_SEALS:
            return FD, name
        case f.F_DUPFD | f.F_DUPFD_CLOEXEC | f.F_SETOWN | f.F_SETPIPE_SZ:
            return FD, name, INT
        case f.F_SETFD:
            return FD, name, flag(c.FD_FLAGS, "FD_???")
        case f.F_SETFL:
            return FD, name, Arg(lambda call, value: open_flags(value) if value & 3 else bare_or_mode(value))
        case f.F_SETLK | f.F_SETLKW | f.F_OFD_SETLK | f.F_OFD_SETLKW:
            return FD, name, FLOCK_IN
        case f.F_GETLK | f.F_OFD_GETLK:
            return FD, name, FLOCK_OUT
        case f.F_SETSIG:
            return FD, name, SIGNAL
        case f.F_SETLEASE:
            return FD, name, choice(c.LOCK_TYPES, "F_???")
        case f.F_ADD_SEALS:
            return FD, name, flag(c.SEALS, "F_SEAL_???")
        case _:
            return FD, name, HEX


def bare_or_mode(value: int) -> str:
    """F_SETFL without an access mode begins with O_RDONLY."""
    return f"O_RDONLY|{bare_open_flags(value)}" if value & 0xFFFF_FFFF else "O_RDONLY"


def fcntl_result(call: Call) -> str:
    """Flags that were asked for come with their names."""
    if call.result is None or call.failed:
        return decimal(call)
    match call.args[1] & 0xFFFF_FFFF:
        case f.F_GETFD:
            return f"{call.result:#x} (flags {flags(call.result, c.FD_FLAGS)})" if call.result else "0"
        case f.F_GETFL:
            return f"{call.result:#x} (flags {open_flags(call.result)})" if call.result else "0 (flags O_RDONLY)"
        case f.F_GETLEASE:
            return f"{call.result:#x} ({one_of(call.result, c.LOCK_TYPES, 'F_???')})"
        case f.F_GETSIG if call.result:
            return f"{call.result} ({signal_name(call.result)})"
        case f.F_GET_SEALS:
            return f"{call.result:#x} (seals {flags(call.result, c.SEALS)})" if call.result else "0"
    return decimal(call)


# ---- ioctl

_TERMIOS_IN, _TERMIOS_OUT = struct_in(36, termios), struct_out(36, termios)
_TERMIOS2_IN, _TERMIOS2_OUT = struct_in(44, termios), struct_out(44, termios)
_WINSIZE_IN, _WINSIZE_OUT = struct_in(8, winsize), struct_out(8, winsize)
_FILE_FLAGS_IN, _FILE_FLAGS_OUT = number_in("I", hex), number_out("I", hex)

IOCTL_ARGUMENTS: dict[int, Arg | None] = {
    io.TCGETS: _TERMIOS_OUT, io.TCSETS: _TERMIOS_IN, io.TCSETSW: _TERMIOS_IN, io.TCSETSF: _TERMIOS_IN,
    io.TCGETS2: _TERMIOS2_OUT, io.TCSETS2: _TERMIOS2_IN, io.TCSETSW2: _TERMIOS2_IN, io.TCSETSF2: _TERMIOS2_IN,
    io.TIOCGWINSZ: _WINSIZE_OUT, io.TIOCSWINSZ: _WINSIZE_IN, io.TCSBRK: INT, io.TCSBRKP: INT, io.TIOCSCTTY: INT,
    io.TCXONC: choice(c.FLOWS, "TC???"), io.TCFLSH: choice(c.FLUSHES, "TC???"),
    io.TIOCNOTTY: None, io.TIOCEXCL: None, io.TIOCNXCL: None, io.FIOCLEX: None, io.FIONCLEX: None, io.TIOCCONS: None,
    io.TIOCGPGRP: NUMBER_OUT, io.TIOCSPGRP: NUMBER_IN, io.TIOCGSID: NUMBER_OUT, io.FIONREAD: NUMBER_OUT,
    io.TIOCOUTQ: NUMBER_OUT, io.FIONBIO: NUMBER_IN, io.FIOASYNC: NUMBER_IN, io.TIOCPKT: NUMBER_IN,
    io.TIOCGETD: NUMBER_OUT, io.TIOCSETD: NUMBER_IN, io.TIOCGPTN: NUMBER_OUT, io.TIOCSPTLCK: NUMBER_IN,
    io.TIOCGPTLCK: NUMBER_OUT, io.TIOCGPKT: NUMBER_OUT, io.TIOCGEXCL: NUMBER_OUT, io.TIOCGDEV: number_out("I", hex),
    io.TIOCGPTPEER: OPEN_FLAGS, io.FIOQSIZE: number_out("q"), io.FICLONE: INT,
    io.FS_IOC_GETFLAGS: _FILE_FLAGS_OUT, io.FS_IOC_SETFLAGS: _FILE_FLAGS_IN,
}


def _request(call: Call, value: int) -> str:
    request = value & 0xFFFF_FFFF
    for name, number in c.IOCTLS.items():
        if number == request:
            return name
    direction = one_of(request >> 30, c.IOC_DIRECTIONS, "_IOC_???")
    return f"_IOC({direction}, {request >> 8 & 0xFF:#x}, {request & 0xFF:#x}, {request >> 16 & 0x3FFF:#x})"


def ioctl(call: Call) -> Sequence[Arg]:
    """The argument is what the request says."""
    argument = IOCTL_ARGUMENTS.get(call.args[1] & 0xFFFF_FFFF, HEX)
    return (FD, Arg(_request)) if argument is None else (FD, Arg(_request), argument)


# ---- futex

_PRIVATE, _REALTIME = 128, 256


def _operation(call: Call, value: int) -> str:
    operation = value & 0xFFFF_FFFF
    number = operation & ~(_PRIVATE | _REALTIME)
    name = next((name for name, known in c.FUTEX.items() if known == number), None)
    if name is None or (operation & _REALTIME and number not in (9, 11, 13)):
        return f"{operation:#x} /* FUTEX_??? */"
    private = "_PRIVATE" if operation & _PRIVATE else ""
    return name + private + ("|FUTEX_CLOCK_REALTIME" if operation & _REALTIME else "")


def _wake_op(call: Call, value: int) -> str:
    """FUTEX_WAKE_OP's packed operation and comparison"""
    op, cmp = value >> 28 & 15, value >> 24 & 15
    shift = "FUTEX_OP_OPARG_SHIFT<<28|" if op & 8 else ""
    change = _packed(op & 7, 28, c.FUTEX_OPS, "FUTEX_OP_???")
    compare = _packed(cmp, 24, c.FUTEX_CMPS, "FUTEX_OP_CMP_???")
    return f"{shift}{change}|{value >> 12 & 0xFFF:#x}<<12|{compare}|{value & 0xFFF:#x}"


def _packed(value: int, shift: int, table: c.Table, unknown: str) -> str:
    for name, number in table.items():
        if number == value:
            return f"{name}<<{shift}"
    return f"{value:#x}<<{shift} /* {unknown} */"


def _bitset(call: Call, value: int) -> str:
    value &= 0xFFFF_FFFF
    return "FUTEX_BITSET_MATCH_ANY" if value == 0xFFFF_FFFF else f"{value:#x}"


def futex(call: Call) -> Sequence[Arg]:
    """Each operation has its own arguments; the fourth is a time or a second count."""
    head = PTR, Arg(_operation)
    match call.args[1] & 0xFFFF_FFFF & ~(_PRIVATE | _REALTIME):
        case 0:
            return *head, UINT, TIMESPEC_IN
        case 1:
            return *head, UINT
        case 3:
            return *head, UINT, UINT, PTR
        case 4:
            return *head, UINT, UINT, PTR, UINT
        case 5:
            return *head, UINT, UINT, PTR, Arg(_wake_op)
        case 6 | 13:
            return *head, TIMESPEC_IN.at(3)
        case 7 | 8:
            return head
        case 9:
            return *head, UINT, TIMESPEC_IN, Arg(_bitset, register=5)
        case 10:
            return *head, UINT, Arg(_bitset, register=5)
        case 11:
            return *head, UINT, TIMESPEC_IN, PTR
        case 12:
            return *head, UINT, UINT, PTR, UINT
        case _:
            return *head, UINT, HEX, HEX, HEX


# ---- prctl

_CAPABILITY = choice(c.CAPABILITIES, "CAP_???")
_PRCTL: dict[str, tuple[Arg, ...]] = {
    "PR_SET_PDEATHSIG": (SIGNAL,), "PR_GET_PDEATHSIG": (number_out("i", signal_name),), "PR_GET_DUMPABLE": (),
    "PR_SET_DUMPABLE": (choice(c.DUMPABLE, "SUID_DUMP_???"),), "PR_GET_KEEPCAPS": (), "PR_SET_KEEPCAPS": (ULONG,),
    "PR_GET_TIMING": (), "PR_SET_TIMING": (ULONG,), "PR_SET_NAME": (STRING,), "PR_GET_NAME": (STRING_OUT,),
    "PR_GET_SECCOMP": (), "PR_CAPBSET_READ": (_CAPABILITY,), "PR_CAPBSET_DROP": (_CAPABILITY,),
    "PR_GET_SECUREBITS": (), "PR_SET_TIMERSLACK": (ULONG,), "PR_GET_TIMERSLACK": (), "PR_SET_CHILD_SUBREAPER": (ULONG,),
    "PR_GET_CHILD_SUBREAPER": (NUMBER_OUT,), "PR_SET_NO_NEW_PRIVS": (ULONG, HEX, HEX, HEX),
    "PR_GET_NO_NEW_PRIVS": (ULONG, HEX, HEX, HEX), "PR_GET_TID_ADDRESS": (number_out("Q", address),),
}
_ANON_NAME = (choice({"PR_SET_VMA_ANON_NAME": 0}, "PR_SET_VMA_???"), PTR, SIZE, STRING)


def _zero_hex(arg: Arg) -> Arg:
    return Arg(lambda call, value: "0" if not value else arg.show(call, value))


def prctl(call: Call) -> Sequence[Arg]:
    """The option says how many arguments there are, and what they are."""
    option = call.args[0] & 0xFFFF_FFFF
    name = choice(c.PRCTL, "PR_???")
    known = next((text for text, number in c.PRCTL.items() if number == option), "")
    if known == "PR_SET_VMA":
        return name, *_ANON_NAME
    return name, *(_zero_hex(arg) if arg is HEX else arg for arg in _PRCTL.get(known, (HEX, HEX, HEX, HEX)))


def prctl_result(call: Call) -> str:
    """Two options have named results."""
    if call.result is not None and not call.failed and call.args[0] == c.PRCTL["PR_GET_DUMPABLE"]:
        return f"{call.result} ({one_of(call.result, c.DUMPABLE, 'SUID_DUMP_???')})"
    return decimal(call)


# ---- clone


def _clone_flags(call: Call, value: int) -> str:
    signo = value & CSIGNAL
    bits = value & 0xFFFF_FFFF & ~CSIGNAL
    parts = [flags(bits, c.CLONE, "CLONE_???")] if bits else []
    if signo:
        parts.append(signal_name(signo))
    return "|".join(parts) or "0"


def _child_tid(call: Call, value: int) -> str:
    return address(value)


def clone(call: Call) -> Sequence[Arg]:
    """Stack and flags first, then what the flags ask for. riscv: tls is in a3, child_tid in a4."""
    asked = call.args[0]
    args = [named("child_stack", PTR, 1), named("flags", Arg(_clone_flags), 0)]
    if asked & CLONE_PARENT_SETTID:
        args.append(named("parent_tid", TID_OUT, 2))
    if asked & CLONE_SETTLS:
        args.append(named("tls", HEX, 3))
    if asked & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID):
        args.append(named("child_tidptr", Arg(_child_tid), 4))
    return args


def _clone_args(call: Call, value: int) -> str:
    """struct clone_args: the first eight words, then set_tid, its size, cgroup"""
    size = call.args[1]
    data = call.read(value, min(size, 88)) if value and size >= 64 else None
    if data is None:
        return address(value)
    asked, pidfd, child, parent, signo, stack, stack_size, tls, tids, tids_size, cgroup = struct.unpack(
        "<11Q", data.ljust(88, b"\0"))
    pairs: list[tuple[str, object]] = [("flags", flags(asked, c.CLONE3, "CLONE_???"))]
    if asked & 0x1000:
        pairs.append(("pidfd", address(pidfd)))
    if asked & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID):
        pairs.append(("child_tid", address(child)))
    if asked & CLONE_PARENT_SETTID:
        pairs.append(("parent_tid", address(parent)))
    pairs += [("exit_signal", signal_name(signo)), ("stack", address(stack)),
              ("stack_size", f"{stack_size:#x}" if stack_size else "0")]
    if asked & CLONE_SETTLS:
        pairs.append(("tls", address(tls)))
    if tids or tids_size:
        pairs += [("set_tid", address(tids)), ("set_tid_size", tids_size)]
    if asked & 0x2_0000_0000:
        pairs.append(("cgroup", cgroup))
    return fields(*pairs)


def _clone_tid(call: Call, value: int) -> str:
    """What clone3 stored, behind the structure: ` => {parent_tid=[5]}`, then the size."""
    text = f", {call.args[1]}"
    data = call.read(value, 32) if value and not call.failed and call.args[1] >= 64 else None
    if data is None:
        return text
    asked, _, _, parent = struct.unpack("<4Q", data)
    stored = call.read(parent, 4) if asked & CLONE_PARENT_SETTID else None
    return f" => {{parent_tid=[{int.from_bytes(stored, 'little')}]}}{text}" if stored is not None else text


def clone3(call: Call) -> Sequence[Arg]:
    """One structure, shown before the call, and what the call stored, after."""
    return Arg(_clone_args), Arg(_clone_tid, out=True, register=0, glue="")


# ---- memory


def map_flags(call: Call, value: int) -> str:
    """The type, then the flags."""
    value &= 0xFFFF_FFFF
    kind = one_of(value & 3, c.MAP_TYPES, "MAP_???")
    rest = value & ~3
    huge = rest >> 26
    rest &= 0x3FF_FFFF
    parts = [kind] + ([flags(rest, c.MAP_FLAGS)] if rest else []) + ([f"{huge}<<MAP_HUGE_SHIFT"] if huge else [])
    return "|".join(parts)


def mremap(call: Call) -> Sequence[Arg]:
    """The new address counts only with MREMAP_FIXED or MREMAP_DONTUNMAP."""
    args = (PTR, SIZE, SIZE, flag(c.MREMAP, "MREMAP_???"))
    return (*args, PTR) if call.args[3] & 6 else args


# ---- the rest


def mount(call: Call) -> Sequence[Arg]:
    """Moving, binding and changing a mount take no type."""
    kept = call.args[3] & (f.MS_REMOUNT | f.MS_BIND | f.MS_MOVE | f.MS_SHARED | f.MS_PRIVATE | f.MS_SLAVE
                           | f.MS_UNBINDABLE)
    return STRING, PATH, PTR if kept else STRING, flag_long(c.MOUNT_FLAGS, "MS_???"), STRING


def reboot(call: Call) -> Sequence[Arg]:
    """Only RESTART2 has a command line."""
    args = (choice(c.REBOOT_MAGIC, "LINUX_REBOOT_MAGIC_???"), choice(c.REBOOT_MAGIC2, "LINUX_REBOOT_MAGIC_???"),
            choice(c.REBOOT_COMMANDS, "LINUX_REBOOT_CMD_???"))
    return (*args, STRING) if call.args[2] & 0xFFFF_FFFF == c.REBOOT_COMMANDS["LINUX_REBOOT_CMD_RESTART2"] else args


def personality_text(value: int) -> str:
    """The kind, then the flags."""
    kind = one_of(value & 0xFF, c.PERSONALITIES, "PER_???")
    rest = value & 0xFFFF_FF00
    return f"{kind}|{flags(rest, c.PERSONALITY_FLAGS)}" if rest else kind


def personality_result(call: Call) -> str:
    """What it was, by name."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"{call.result:#x} ({personality_text(call.result)})" if call.result else "0 (PER_LINUX)"


PERSONALITY = Arg(lambda call, value: "0xffffffff" if value & 0xFFFF_FFFF == 0xFFFF_FFFF else personality_text(value))


def scheduler_result(call: Call) -> str:
    """The policy by name."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"{call.result} ({one_of(call.result & ~0x4000_0000, c.SCHED, 'SCHED_???')})"


def signal_result(call: Call) -> str:
    """The signal that came, by name."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"{call.result} ({signal_name(call.result)})"


def unknown_call(call: Call) -> Sequence[Arg]:
    """Nobody knows what they are."""
    return (_HEX_OR_ZERO,) * 6


_HEX_OR_ZERO = Arg(lambda call, value: f"{value:#x}" if value else "0")
UNKNOWN = Signature(unknown_call, lambda call: error_text(call) if call.failed else decimal(call))
