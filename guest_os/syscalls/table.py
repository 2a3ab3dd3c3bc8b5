"""One row says everything about a call: number, handler, how far it is supported. The tables are made of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rvsim.emu._gate import CallTable
from rvsim.guest_os.syscalls.args import Handler, compile_call

MOVED_IN = ("read", "readv", "pread64", "preadv", "preadv2")
MOVED_OUT = ("write", "writev", "pwrite64", "pwritev", "pwritev2")
MOVED_BOTH = ("sendfile", "copy_file_range")
"""Calls whose results are bytes that /proc/PID/io counts. fs/read_write.c:add_rchar, add_wchar"""


@dataclass(frozen=True, slots=True)
class Row:
    """`missing` says what is not there; empty: the call is whole."""

    handler: Handler
    missing: str = ""

    @property
    def name(self) -> str:
        """The call's name as strace prints it."""
        return self.handler.__name__.removeprefix("sys_").removeprefix("rcore_")


def full(handler: Handler) -> Row:
    """A call that does what its man page says."""
    return Row(handler)


def partial(handler: Handler, missing: str) -> Row:
    """A call that does part of it; `missing` names the rest."""
    return Row(handler, missing)


def way(name: str) -> int:
    """What `CallTable.add` is told of a call: 1 if its result is bytes that came in, 2 out, 3 both, else 0."""
    return (name in MOVED_IN + MOVED_BOTH) + 2 * (name in MOVED_OUT + MOVED_BOTH)


def build(rows: Mapping[int, Row], on_errno: int | None = None) -> CallTable:
    """The table that the trap gate serves. TypeError: a handler's signature is no system call's."""
    table = CallTable()
    for number in sorted(rows):
        function, nargs = compile_call(rows[number].handler, on_errno)
        table.add(number, function, nargs, way(rows[number].name))
    return table
