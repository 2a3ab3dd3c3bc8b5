"""Calls by which one task looks at another or sets how it runs: kcmp, process_vm_*, scheduling, membarrier; openat2."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from rvsim.guest_os.abi.errno import E2BIG
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call, decimal
from rvsim.tools.strace.structs import iovec
from rvsim.tools.strace.text import address, array, fields, flags, one_of, signed
from rvsim.tools.strace.values import INT, UINT, ULONG, choice, octal_mode, open_flags, pointed

# ---- kcmp

_KIND = choice(c.KCMP, "KCMP_???")
_SLOT = Arg(pointed(12, lambda data: fields(*zip(("efd", "tfd", "toff"), struct.unpack("<III", data), strict=True))))


def kcmp(call: Call) -> Sequence[Arg]:
    """The kind says whether there are descriptors behind it."""
    match call.args[2] & 0xFFFF_FFFF:
        case 0:
            return INT, INT, _KIND, UINT, UINT
        case 7:
            return INT, INT, _KIND, UINT, _SLOT
        case kind if kind < 7:
            return INT, INT, _KIND
        case _:
            return INT, INT, _KIND, HEX0, HEX0


HEX0 = Arg(lambda call, value: f"{value:#x}" if value else "0")


# ---- memory of another process


def _addresses(call: Call, value: int, count: int) -> str:
    """An array of struct iovec of another process: addresses only."""
    data = call.read(value, 16 * min(count, 32)) if value and 0 <= count <= 1024 else None
    if data is None:
        return address(value)
    return array([fields(("iov_base", address(base)), ("iov_len", size)) for base, size in
                  struct.iter_unpack("<QQ", data)], count > 32)


def _local_out(call: Call, value: int) -> str:
    count = signed(call.args[2])
    return _addresses(call, value, count) if call.failed else iovec(call, value, count, call.bytes_done)


_REMOTE = Arg(lambda call, value: _addresses(call, value, signed(call.args[4])))
PROCESS_VM_READV = (INT, Arg(_local_out, out=True), ULONG, _REMOTE, ULONG, ULONG)
PROCESS_VM_WRITEV = (INT, Arg(lambda call, value: iovec(call, value, signed(call.args[2]), None)), ULONG, _REMOTE,
                     ULONG, ULONG)


# ---- scheduling


def _attributes(data: bytes) -> str:
    """struct sched_attr, as long as it says"""
    size, policy = struct.unpack_from("<II", data)
    if len(data) < 48:
        return fields(("size", size))
    options, nice, priority, runtime, deadline, period = struct.unpack_from("<QiIQQQ", data, 8)
    pairs: list[tuple[str, object]] = [("size", size)]
    if not options & 24:
        pairs.append(("sched_policy", one_of(policy, c.SCHED, "SCHED_???")))
    pairs.append(("sched_flags", flags(options, c.SCHED_FLAGS, "SCHED_FLAG_???")))
    if not options & 16:
        pairs += [("sched_nice", nice), ("sched_priority", priority), ("sched_runtime", runtime),
                  ("sched_deadline", deadline), ("sched_period", period)]
    if len(data) >= 56:
        low, high = struct.unpack_from("<II", data, 48)
        pairs += [("sched_util_min", low), ("sched_util_max", high)]
    return fields(*pairs, more=size > 56)


def _attributes_in(call: Call, value: int) -> str:
    head = call.read(value, 4) if value else None
    if head is None:
        return address(value)
    size = int.from_bytes(head, "little")
    data = call.read(value, 48 if 48 <= size < 56 or not size else 56 if size >= 56 else 8)
    return _attributes(data) if data is not None else address(value)


def _attributes_out(call: Call, value: int) -> str:
    data = None if call.failed or not value else call.read(value, 56 if call.args[2] & 0xFFFF_FFFF >= 56 else 48)
    return _attributes(data) if data is not None else address(value)


def _known_size(call: Call, value: int) -> str:
    """E2BIG comes with the size that the kernel knows."""
    data = call.read(value, 4) if value and call.result == -E2BIG.number else None
    return f" => {{size={int.from_bytes(data, 'little')}}}" if data is not None else ""


SCHED_ATTR_OUT = Arg(_attributes_out, out=True)


def sched_setattr(call: Call) -> Sequence[Arg]:
    """What is asked for, and behind it the size that is known, if that was not the right one."""
    return INT, Arg(_attributes_in), Arg(_known_size, out=True, register=1, glue=""), UINT.at(2)


def _io_priority(value: int) -> str:
    kind = one_of(value >> 13 & 0x7_FFFF, c.IOPRIO_CLASSES, "IOPRIO_CLASS_???")
    return f"IOPRIO_PRIO_VALUE({kind}, {value & 0x1FFF})"


IO_WHO = choice(c.IOPRIO_WHO, "IOPRIO_WHO_???")
IO_PRIORITY = Arg(lambda call, value: _io_priority(value & 0xFFFF_FFFF))


def io_priority_result(call: Call) -> str:
    """The number and what it means."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"{call.result} ({_io_priority(call.result)})"


# ---- membarrier


def membarrier(call: Call) -> Sequence[Arg]:
    """The third argument counts with a flag only."""
    head = choice(c.MEMBARRIER, "MEMBARRIER_CMD_???"), Arg(
        lambda call, value: flags(value & 0xFFFF_FFFF, c.MEMBARRIER_FLAGS, "MEMBARRIER_CMD_FLAG_???"))
    return (*head, INT) if call.args[1] & 1 else head


def membarrier_result(call: Call) -> str:
    """Commands by their names."""
    if call.failed or not call.result:
        return decimal(call)
    commands = {name: number for name, number in c.MEMBARRIER.items() if number}
    return f"{call.result:#x} ({flags(call.result, commands)})"


# ---- openat2


def _how(call: Call, value: int) -> str:
    data = call.read(value, 24) if value and call.args[3] >= 24 else None
    if data is None:
        return address(value)
    asked, mode, resolve = struct.unpack("<QQQ", data)
    pairs: list[tuple[str, object]] = [("flags", open_flags(asked))]
    if asked & 0o20000100:
        pairs.append(("mode", octal_mode(mode)))
    return fields(*pairs, ("resolve", flags(resolve, c.RESOLVE, "RESOLVE_???")), more=call.args[3] > 24)


OPEN_HOW_IN = Arg(_how)
