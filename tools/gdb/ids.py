"""Names of threads in the remote protocol. GDB manual, "Packets": thread-id.

With the multiprocess extension a thread is `pPID.TID`, in hexadecimal; -1 means all, 0 any. gdb has no process 0, as
the tutorial's kernel has one: `PROCESS_ZERO` stands for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

ALL, ANY = -1, 0
PROCESS_ZERO = 1 << 22
"""One more than any number that a process can have."""

_NUMBER = rb"-1|[0-9a-fA-F]{1,8}"
_ID = re.compile(rb"p(" + _NUMBER + rb")(?:\.(" + _NUMBER + rb"))?|(" + _NUMBER + rb")")


class BadPacket(ValueError):
    """A packet says what makes no sense; the answer is an error, and nothing has happened."""


class ThreadId(NamedTuple):
    """A thread, or those that match: ALL, or ANY one."""

    pid: int
    tid: int

    def matches(self, pid: int, tid: int) -> bool:
        """Whether this names thread `tid` of process `pid`."""
        return self.pid in (ALL, ANY, pid) and self.tid in (ALL, ANY, tid)


def _number(digits: bytes) -> int:
    return ALL if digits == b"-1" else int(digits, 16)


def parse_id(text: bytes) -> ThreadId:
    """`pPID.TID`, `pPID` (all its threads), or `TID` of any process. Raises BadPacket."""
    found = _ID.fullmatch(text)
    if found is None:
        raise BadPacket("no thread")
    pid, tid, alone = found.groups()
    if alone is not None:
        number = _number(alone)
        return ThreadId(ALL if number == ALL else ANY, number)
    process = _number(pid)
    return ThreadId(process, _number(tid) if tid is not None else ALL)


def pid_of(group: ThreadGroup) -> int:
    """A process's number for gdb: the one outside of all pid namespaces."""
    return group.pid.numbers[0][0] or PROCESS_ZERO


def tid_of(task: Task) -> int:
    """A thread's number for gdb."""
    return task.pid.numbers[0][0] or PROCESS_ZERO


def id_of(task: Task) -> bytes:
    """A thread as `pPID.TID`."""
    return b"p%x.%x" % (pid_of(task.group), tid_of(task))


def parse_hex(text: bytes, largest: int = (1 << 64) - 1) -> int:
    """A hexadecimal number without sign. Raises BadPacket: it is none, or larger than `largest`."""
    if not text or len(text) > 16 or not re.fullmatch(rb"[0-9a-fA-F]+", text):
        raise BadPacket("no number")
    value = int(text, 16)
    if value > largest:
        raise BadPacket("too large")
    return value


def parse_bytes(text: bytes) -> bytes:
    """Bytes as pairs of hexadecimal digits. Raises BadPacket."""
    if len(text) % 2 or not re.fullmatch(rb"[0-9a-fA-F]*", text):
        raise BadPacket("no bytes")
    return bytes.fromhex(text.decode("ascii"))
