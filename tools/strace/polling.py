"""Printers of what waits for several files: pollfd arrays, descriptor sets, epoll events, and their results."""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.signals import NSIG
from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import Arg, Call, decimal
from rvsim.tools.strace.signals import set_bytes
from rvsim.tools.strace.structs import timespec
from rvsim.tools.strace.text import address, array, fields, flags
from rvsim.tools.strace.values import array_text, pointed

FD_SETSIZE = 1024


def _pollfd(data: bytes) -> str:
    fd, events, _ = struct.unpack("<iHH", data)
    if fd < 0:
        return fields(("fd", fd))
    return fields(("fd", fd), ("events", flags(events, c.POLL, "POLL???")))


POLLFDS_IN = Arg(lambda call, value: array_text(call, value, call.args[1] & 0xFFFF_FFFF, 8, _pollfd),
                 kind="pollfds", names=c.POLL)


def _left(call: Call, register: int) -> str:
    at = call.args[register]
    data = call.read(at, 16) if at else None
    return f", left {timespec(data)}" if data is not None else ""


def poll_result(call: Call) -> str:
    """The descriptors that are ready, and the time that was left."""
    if call.result is None or call.failed:
        return decimal(call)
    if not call.result:
        return "0 (Timeout)"
    count = min(call.args[1] & 0xFFFF_FFFF, 1024)
    data = call.read(call.args[0], 8 * count) or b""
    ready = [fields(("fd", fd), ("revents", flags(events, c.POLL, "POLL???")))
             for fd, _, events in struct.iter_unpack("<iHH", data) if events]
    return f"{call.result} ({array(ready[:32], len(ready) > 32)}{_left(call, 2)})"


def _members(call: Call, value: int) -> list[str] | None:
    count = min(max(((call.args[0] & 0xFFFF_FFFF) ^ 1 << 31) - (1 << 31), 0), FD_SETSIZE)
    data = call.read(value, (count + 63) // 64 * 8) if value else None
    if data is None:
        return None
    bits = int.from_bytes(data, "little")
    return [str(fd) for fd in range(count) if bits >> fd & 1]


def _fd_set(call: Call, value: int) -> str:
    members = _members(call, value)
    return "[" + " ".join(members) + "]" if members is not None else address(value)


FD_SET_IN = Arg(_fd_set, kind="fd_set")


def _select_mask(call: Call, value: int) -> str:
    data = call.read(value, 16) if value else None
    if data is None:
        return address(value)
    mask, size = struct.unpack("<QQ", data)
    shown = pointed(8, set_bytes)(call, mask) if size == NSIG // 8 else address(mask)
    return fields(("sigmask", shown), ("sigsetsize", size))


SELECT_MASK_IN = Arg(_select_mask)


def select_result(call: Call) -> str:
    """The sets that came back, and the time that was left."""
    if call.result is None or call.failed:
        return decimal(call)
    if not call.result:
        return "0 (Timeout)"
    shown = []
    for name, register in (("in", 1), ("out", 2), ("except", 3)):
        members = _members(call, call.args[register])
        if members:
            shown.append(f"{name} [{' '.join(members)}]")
    return f"{call.result} ({', '.join(shown)}{_left(call, 4)})"


def _event(data: bytes) -> str:
    """struct epoll_event of riscv64: not packed, 16 bytes"""
    events, value = struct.unpack("<I4xQ", data)
    return fields(("events", flags(events, c.EPOLL_EVENTS, "EPOLL???")),
                  ("data", fields(("u32", value & 0xFFFF_FFFF), ("u64", value))))


def _events_out(call: Call, value: int) -> str:
    return address(value) if call.failed else array_text(call, value, call.bytes_done, 16, _event)


EPOLL_EVENT_IN = Arg(lambda call, value: pointed(16, _event)(call, value), kind="epoll_event", names=c.EPOLL_EVENTS)
EPOLL_EVENTS_OUT = Arg(_events_out, out=True, kind="epoll_events", names=c.EPOLL_EVENTS)
