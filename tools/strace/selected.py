"""Calls whose arguments depend on their values: open, fcntl, ioctl, futex, prctl, clone, mmap and their like."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi import ioctl as io
from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFMT
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call, Signature, decimal, error_text
from rvsim.tools.strace.structs import FLOCK_IN, FLOCK_OUT, device, termios, winsize
from rvsim.tools.strace.text import fields, flags, one_of
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
    bare_open_flags,
    choice,
    file_mode,
    flag,
    flag_long,
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


def _owner(data: bytes) -> str:
    """struct f_owner_ex"""
    kind, pid = struct.unpack("<Ii", data)
    return fields(("type", one_of(kind, c.OWNERS, "F_OWNER_???")), ("pid", pid))


OWNER_IN, OWNER_OUT = struct_in(8, _owner), struct_out(8, _owner)


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
        case f.F_SETOWN_EX:
            return FD, name, OWNER_IN
        case f.F_GETOWN_EX:
            return FD, name, OWNER_OUT
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
