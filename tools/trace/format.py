"""The trace file to the byte: its head, its chunks, its records. docs/traces.md describes it for other readers.

    file    "rvtrace\\0"  version (u16)  words of a record (u16)  0 (u32)      then chunks
    chunk   tag (4 letters)  bytes stored (u32)  bytes unpacked (u32)  CRC-32 of what is stored (u32)  zlib data

Numbers are little-endian. A `RECS` chunk holds a count (u32) and so many packed records (`emu/_trace.pxi`); the others
hold JSON. A chunk comes before the records that need it.
"""

from __future__ import annotations

import enum
import struct
from typing import NamedTuple

from rvsim.emu._gate import (
    TRACE_BY_COUNTER,
    TRACE_BY_ZERO_PAGE,
    TRACE_CALL,
    TRACE_GATE,
    TRACE_NO_RESULT,
    TRACE_OPEN,
    TRACE_TRAP,
    TRACE_WORDS,
)

MAGIC = b"rvtrace\0"
VERSION = 1
FILE_HEAD = struct.Struct("<8sHHI")
CHUNK_HEAD = struct.Struct("<4sIII")
COUNT = struct.Struct("<I")
RECORD = struct.Struct("<BBBBIIIQQQQqQ6Q")

HEAD, RECORDS, TEXTS, MODULE, STACKS, DONE = b"HEAD", b"RECS", b"TEXT", b"MODL", b"STAK", b"DONE"

MAX_PLAIN = 1 << 26
"""Unpacked bytes of a chunk, at most."""
MAX_RECORDS = 1 << 16
"""Records of a chunk, at most."""

OPEN, NO_RESULT, BY_GATE = TRACE_OPEN, TRACE_NO_RESULT, TRACE_GATE
"""Flags of a record: a RETURN may follow; answered without a result; answered by the gate."""
GROUP = 0x10
"""Flag: of a SENT signal, that it is for the whole process; of an EXIT, that the process is over with it."""
THREAD = 0x20
"""Flag of a FORK: the child is a thread of the same process."""


BEFORE = 0x40
"""Flag of an EXEC or a FORK that happened before the recording began, in a machine from a snapshot."""


class Kind(enum.IntEnum):
    """What a record tells of. Fields that are not named are 0."""

    CALL = TRACE_CALL     # number, arguments, result. tval: the upper half of a number above 32 bits
    TRAP = TRACE_TRAP     # any other cause; outcome: an Outcome
    RETURN = 3            # a CALL that was left open is over: number, result. Flag NO_RESULT: it ends with no result
    FORK = 4              # a0, a1: the child's pid and tid
    EXEC = 5              # number, a0, a1: texts: path, ABI, arguments
    EXIT = 6              # result: the wait status
    SIGNAL = 7            # is taken. number: signal; a0: si_code; a1: si_addr; a2: sender; outcome: Taken
    SENT = 8              # as SIGNAL; a3, a4: pid and tid of the receiver. Outcome DROPPED: it is ignored
    STOPPED = 9           # by job control. number: signal
    TURN = 10             # the task runs
    TURN_OVER = 11        # it runs no more; outcome: Over; result: ticks that it ran
    SLEEP = 12            # its call waits. number: the call; a0: deadline (monotonic ns), all ones: none; outcome: Wait
    WAKE = 13             # a0, a1: who did it, 0: nobody; outcome: Woken
    MAPPED = 14           # code. number: module; a0, a1: start, end; a2: what to subtract for an address of the file
    STACK = 15            # number: stack; result: ticks since the last one of this task
    INJECTED = 16         # on purpose. number: the call; outcome: Action; a0: its number; a1: the how many-th


class Outcome(enum.IntEnum):
    """What a trap led to."""

    NOTHING = 0           # not known: the trace ended, or a debugger took it
    DEMAND_ZERO = TRACE_BY_ZERO_PAGE
    COUNTER = TRACE_BY_COUNTER      # a read of time, cycle or instret
    FILE_PAGE = 3
    COPY_ON_WRITE = 4
    STACK_GROWTH = 5
    LOOK_AGAIN = 6        # the entry granted it already
    SIGNAL = 7
    KILL = 8              # memory is out


class Taken(enum.IntEnum):
    """What a signal does."""

    UNKNOWN = 0
    IGNORED = 1
    HANDLER = 2
    DEFAULT = 3
    DROPPED = 4


class Action(enum.IntEnum):
    """What was done on purpose: the names of `rvsim.guest_os.faults.fault.ACTIONS`."""

    ERRNO = 1
    SHORT = 2             # a0: bytes
    DELAY = 3             # a0: nanoseconds
    SIGNAL = 4
    NOMEM = 5


class Over(enum.IntEnum):
    """Why a turn was over."""

    QUEUED = 0            # its slice ended, or it let others run
    WAITS = 1
    STOPPED = 2
    GONE = 3


class Wait(enum.IntEnum):
    """What ends a wait besides its queues: the names of `rvsim.guest_os.wait.Restart`."""

    SYS = 1
    NOHAND = 2
    EINTR = 3
    NEVER = 4


class Woken(enum.IntEnum):
    """Why a task was woken."""

    EVENT = 0
    DEADLINE = 1
    SIGNAL = 2


class Record(NamedTuple):
    """One record: 112 bytes. `result` is signed; the others are not. `cost_ns`: until the trap was answered."""

    kind: int
    cause: int
    outcome: int
    flags: int
    number: int
    pid: int
    tid: int
    ticks: int
    ns: int
    epc: int
    tval: int
    result: int
    cost_ns: int
    a0: int
    a1: int
    a2: int
    a3: int
    a4: int
    a5: int


assert RECORD.size == 8 * TRACE_WORDS

ECALL = 8
CAUSES = {
    0: "instruction address misaligned", 1: "instruction access fault", 2: "illegal instruction", 3: "breakpoint",
    4: "load address misaligned", 5: "load access fault", 6: "store/AMO address misaligned",
    7: "store/AMO access fault", 8: "environment call from U-mode", 9: "environment call from S-mode",
    12: "instruction page fault", 13: "load page fault", 15: "store/AMO page fault", 255: "wait for interrupt",
}
"""Volume II, "Supervisor Cause Register (scause)"; 255 stands for `wfi`, which has none."""

OUTCOMES = {
    Outcome.NOTHING: "not known", Outcome.DEMAND_ZERO: "demand-zero", Outcome.COUNTER: "counter",
    Outcome.FILE_PAGE: "file-page", Outcome.COPY_ON_WRITE: "copy-on-write", Outcome.STACK_GROWTH: "stack-growth",
    Outcome.LOOK_AGAIN: "look-again", Outcome.SIGNAL: "signal", Outcome.KILL: "kill",
}
"""As they are written, by people and for the option --fault."""


PAGE = 0x80
"""Flag of an INJECTED: it met no call, but a page."""


class TraceError(Exception):
    """A file that is no trace, or a damaged one: one line that says what is wrong."""
