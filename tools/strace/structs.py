"""Printers of C structures, each from its bytes. Layouts: Linux's uapi headers for 64 bits"""

from __future__ import annotations

import struct
from datetime import UTC, datetime

from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFMT, major, minor
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call
from rvsim.tools.strace.text import address, array, cut, fields, flags, one_of, quote, signed
from rvsim.tools.strace.values import file_mode, pointed, signal_name, struct_in, struct_out

UTIME_NOW, UTIME_OMIT = 0x3FFF_FFFF, 0x3FFF_FFFE


def device(number: int) -> str:
    """makedev(0x1, 0x3)"""
    return f"makedev({major(number):#x}, {minor(number):#x})"


# ---- time


def timespec(data: bytes) -> str:
    """struct timespec"""
    seconds, nanoseconds = struct.unpack("<qq", data)
    return fields(("tv_sec", seconds), ("tv_nsec", nanoseconds))


def timeval(data: bytes) -> str:
    """struct timeval"""
    seconds, microseconds = struct.unpack("<qq", data)
    return fields(("tv_sec", seconds), ("tv_usec", microseconds))


def itimerval(data: bytes) -> str:
    """struct itimerval"""
    return fields(("it_interval", timeval(data[:16])), ("it_value", timeval(data[16:])))


def itimerspec(data: bytes) -> str:
    """struct itimerspec"""
    return fields(("it_interval", timespec(data[:16])), ("it_value", timespec(data[16:])))


def timezone(data: bytes) -> str:
    """struct timezone"""
    west, dst = struct.unpack("<ii", data)
    return fields(("tz_minuteswest", west), ("tz_dsttime", dst))


def tms(data: bytes) -> str:
    """struct tms"""
    names = ("tms_utime", "tms_stime", "tms_cutime", "tms_cstime")
    return fields(*zip(names, struct.unpack("<4q", data), strict=True))


def _file_time(data: bytes) -> str:
    seconds, nanoseconds = struct.unpack("<qq", data)
    if nanoseconds == UTIME_NOW:
        return "UTIME_NOW"
    if nanoseconds == UTIME_OMIT:
        return "UTIME_OMIT"
    if not 0 <= seconds < 1 << 35 or not 0 <= nanoseconds < 1_000_000_000:
        return timespec(data)
    when = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{nanoseconds:09}" if nanoseconds else ""
    return f"{timespec(data)} /* {when}{fraction}+0000 */"


TIMESPEC_IN = struct_in(16, timespec)
TIMESPEC_OUT = struct_out(16, timespec)
TIMEVAL_IN, TIMEVAL_OUT = struct_in(16, timeval), struct_out(16, timeval)
ITIMERVAL_IN, ITIMERVAL_OUT = struct_in(32, itimerval), struct_out(32, itimerval)
ITIMERSPEC_IN, ITIMERSPEC_OUT = struct_in(32, itimerspec), struct_out(32, itimerspec)
TIMEZONE_IN, TIMEZONE_OUT = struct_in(8, timezone), struct_out(8, timezone)
TMS_OUT = struct_out(32, tms)
FILE_TIMES_IN = Arg(pointed(32, lambda data: array([_file_time(data[:16]), _file_time(data[16:])])), kind="file_times")


def _remaining(call: Call, value: int) -> str:
    """Filled in only when a signal cuts a sleep short."""
    return pointed(16, timespec)(call, value) if call.result == -4 else address(value)


REMAINING_OUT = Arg(_remaining, out=True)


# ---- files


def stat(data: bytes) -> str:
    """struct stat, asm-generic: dev, ino, mode, nlink, uid, gid, rdev, pad, size, …"""
    mode, = struct.unpack_from("<I", data, 16)
    rdev, = struct.unpack_from("<Q", data, 32)
    size, = struct.unpack_from("<q", data, 48)
    if mode & S_IFMT in (S_IFCHR, S_IFBLK):
        return fields(("st_mode", file_mode(mode)), ("st_rdev", device(rdev)), more=True)
    return fields(("st_mode", file_mode(mode)), ("st_size", size), more=True)


def statx(data: bytes) -> str:
    """struct statx"""
    mask, = struct.unpack_from("<I", data, 0)
    attributes, = struct.unpack_from("<Q", data, 8)
    mode, = struct.unpack_from("<H", data, 28)
    size, = struct.unpack_from("<Q", data, 40)
    return fields(("stx_mask", flags(mask, c.STATX_MASK)), ("stx_attributes", flags(attributes, c.STATX_ATTRIBUTES)),
                  ("stx_mode", file_mode(mode)), ("stx_size", size), more=True)


def statfs(data: bytes) -> str:
    """struct statfs, 64 bits"""
    kind, block, blocks, free, available, files, spare, id0, id1, length, fragment, flag = struct.unpack(
        "<7QIIQQQ", data[:88])
    magic = next((name for name, number in c.FS_MAGIC.items() if number == kind), f"{kind:#x}")
    ids = ", ".join(f"{part:#x}" if part else "0" for part in (id0, id1))
    return fields(
        ("f_type", magic), ("f_bsize", block), ("f_blocks", blocks), ("f_bfree", free), ("f_bavail", available),
        ("f_files", files), ("f_ffree", spare), ("f_fsid", f"{{val=[{ids}]}}"), ("f_namelen", length),
        ("f_frsize", fragment), ("f_flags", flags(flag, c.STATFS_FLAGS)))


def _flock(call: Call, value: int, holder: bool) -> str:
    """struct flock; who holds a lock is shown only by F_GETLK."""
    data = call.read(value, 32) if value else None
    if data is None:
        return address(value)
    kind, whence, start, length, pid = struct.unpack("<hh4xqqi4x", data)
    shown = [("l_type", one_of(kind & 0xFFFF, c.LOCK_TYPES, "F_???")),
             ("l_whence", one_of(whence & 0xFFFF, c.WHENCE, "SEEK_???")), ("l_start", start), ("l_len", length)]
    return fields(*shown, *([("l_pid", pid)] if holder else []))


def _dirents(call: Call, value: int) -> str:
    if call.failed or call.result is None:
        return address(value)
    data = call.read(value, call.bytes_done)
    if data is None:
        return address(value)
    count = at = 0
    while at + 19 <= len(data):
        count += 1
        at += int.from_bytes(data[at + 16:at + 18], "little") or len(data)
    return f"{address(value)} /* {count} entries */"


STAT_OUT = struct_out(128, stat)
STATX_OUT = struct_out(256, statx)
STATFS_OUT = struct_out(120, statfs)
FLOCK_IN = Arg(lambda call, value: _flock(call, value, False))
FLOCK_OUT = Arg(lambda call, value: address(value) if call.failed else _flock(call, value, True), out=True)
DIRENTS_OUT = Arg(_dirents, out=True, kind="pointer")


def iovec(call: Call, value: int, count: int, done: int | None) -> str:
    """An array of struct iovec; `done`: so many bytes of its buffers were filled, None: all are to be read."""
    if not value or not 0 <= count <= 1024:
        return address(value)
    shown = min(count, 32)
    data = call.read(value, 16 * shown)
    if data is None:
        return address(value)
    items = []
    for base, length in struct.iter_unpack("<QQ", data):
        size = length if done is None else min(length, done)
        if done is not None:
            done -= size
        content = call.read(base, min(size, 32))
        text = cut(content, size) if content is not None and (base or not length) else address(base)
        items.append(fields(("iov_base", text), ("iov_len", length)))
    return array(items, count > shown)


IOVEC_IN = Arg(lambda call, value: iovec(call, value, signed(call.args[2]), None), kind="iovec")
IOVEC_OUT = Arg(lambda call, value: address(value) if call.failed else iovec(
    call, value, signed(call.args[2]), call.bytes_done), out=True, kind="iovec")


# ---- processes


def rusage(data: bytes) -> str:
    """struct rusage"""
    return fields(("ru_utime", timeval(data[:16])), ("ru_stime", timeval(data[16:32])), more=True)


def rlimit(data: bytes) -> str:
    """struct rlimit: whole KiB as a product"""
    soft, hard = struct.unpack("<QQ", data)
    return fields(("rlim_cur", _limit(soft)), ("rlim_max", _limit(hard)))


def _limit(value: int) -> str:
    if value == 0xFFFF_FFFF_FFFF_FFFF:
        return "RLIM64_INFINITY"
    return f"{value // 1024}*1024" if value > 1024 and value % 1024 == 0 else str(value)


def utsname(data: bytes) -> str:
    """struct utsname"""
    system, node = (data[at:at + 65].split(b"\0")[0] for at in (0, 65))
    return fields(("sysname", quote(system)), ("nodename", quote(node)), more=True)


def sysinfo(data: bytes) -> str:
    """struct sysinfo"""
    uptime, *loads = struct.unpack_from("<q3Q", data)
    names = ("totalram", "freeram", "sharedram", "bufferram", "totalswap", "freeswap", "procs", "totalhigh", "freehigh",
             "mem_unit")
    return fields(("uptime", uptime), ("loads", loads),
                  *zip(names, struct.unpack_from("<6QH6xQQI", data, 32), strict=True))


def wait_status(status: int) -> str:
    """A wait status with the macros that take it apart."""
    signo = status & 0x7F
    if status == 0xFFFF:
        return "{WIFCONTINUED(s)}"
    if not signo:
        return f"{{WIFEXITED(s) && WEXITSTATUS(s) == {status >> 8 & 0xFF}}}"
    if signo == 0x7F:
        return f"{{WIFSTOPPED(s) && WSTOPSIG(s) == {signal_name(status >> 8 & 0xFF)}}}"
    core = " && WCOREDUMP(s)" if status & 0x80 else ""
    return f"{{WIFSIGNALED(s) && WTERMSIG(s) == {signal_name(signo)}{core}}}"


def _status_out(call: Call, value: int) -> str:
    if not call.bytes_done:
        return address(value)
    return pointed(4, lambda data: f"[{wait_status(int.from_bytes(data, 'little'))}]")(call, value)


def _waited_usage(call: Call, value: int) -> str:
    return pointed(144, rusage)(call, value) if call.bytes_done else address(value)


RUSAGE_OUT = struct_out(144, rusage)
RLIMIT_IN, RLIMIT_OUT = struct_in(16, rlimit), struct_out(16, rlimit)
UTSNAME_OUT = struct_out(390, utsname)
SYSINFO_OUT = struct_out(112, sysinfo)
STATUS_OUT = Arg(_status_out, out=True, kind="status")
WAITED_USAGE_OUT = Arg(_waited_usage, out=True, kind="rusage")


# ---- terminals


def termios(data: bytes) -> str:
    """struct termios, abridged: speed and the modes that are not the usual ones"""
    iflag, oflag, cflag, lflag = struct.unpack_from("<4I", data)
    parts = [c.BAUDS[cflag & 0o17] if not cflag & 0o10000 else f"{cflag & 0o10017:#x}"]
    if iflag & 0o2000 == 0:
        parts.append("-ixon")
    for on, name in ((oflag & 1, "opost"), (lflag & 1, "isig"), (lflag & 2, "icanon"), (lflag & 0o10, "echo")):
        parts.append(name if on else f"-{name}")
    return "{" + " ".join([*parts, "..."]) + "}"


def winsize(data: bytes) -> str:
    """struct winsize"""
    return fields(*zip(("ws_row", "ws_col", "ws_xpixel", "ws_ypixel"), struct.unpack("<4H", data), strict=True))
