"""One system call as it is shown: its registers, its result, and how each argument is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rvsim.guest_os.task.task import Task
from rvsim.tools.strace import memory
from rvsim.tools.strace.text import ERRORS, signed_long

WORD = 0xFFFF_FFFF_FFFF_FFFF


class Call:
    """A call between its entry and its end. `result` is None before the end, and for a call that has none.

    `before` holds, by register, numbers in memory as they were at the entry.

    `remark` stands behind the result: what was done to the call on purpose.

    `shown` holds a text for each argument, None for those that wait for the end; `printed` counts those that are out.
    """

    __slots__ = ("args", "before", "executed", "linux", "name", "number", "printed", "remark", "result", "shown",
                 "signature", "task")

    def __init__(self, task: Task, number: int, args: Sequence[int], name: str, signature: Signature,
                 linux: bool) -> None:
        self.task = task
        self.number = number
        self.args = args
        self.name = name
        self.signature = signature
        self.linux = linux
        self.result: int | None = None
        self.before: dict[int, list[int]] = {}
        self.executed = False
        self.shown: list[str | None] = []
        self.printed = 0
        self.remark = ""

    def add_remark(self, remark: str) -> None:
        """Say it once."""
        if remark not in self.remark:
            self.remark += remark

    @property
    def failed(self) -> bool:
        """Whether it gave an error."""
        if self.result is None:
            return False
        return -4096 < self.result < 0 if self.linux else self.result == -1

    @property
    def bytes_done(self) -> int:
        """The result as a count; 0 if it failed."""
        return self.result if self.result is not None and self.result > 0 else 0

    def read(self, address: int, size: int) -> bytes | None:
        """The caller's memory, None if it is not readable."""
        return memory.read(self.task.mm, address, size)

    def string(self, address: int, limit: int) -> tuple[bytes, bool] | None:
        """As `memory.string`, in the caller's memory."""
        return memory.string(self.task.mm, address, limit)


Show = Callable[[Call, int], str]
Note = Callable[[Call, int], list[int]]


@dataclass(frozen=True, slots=True)
class Arg:
    """How one argument is shown. `out`: the call fills it in, so it is looked at when the call is over.

    `note` finds the numbers that the call may overwrite, at the entry, for `Call.before`.
    `register` is where it is, if not where its place in the row says; `glue` stands between it and what is before it.

    For tables that are made from this one: `kind` says what it is, in a word; `names` are its flags or values, `size`
    is the register with its size.
    """

    show: Show
    out: bool = False
    register: int | None = None
    glue: str = ", "
    note: Note | None = None
    kind: str = ""
    names: Mapping[str, int] = field(default_factory=dict)
    size: int = 0

    def at(self, register: int) -> Arg:
        """The same, of another register."""
        return replace(self, register=register)


@dataclass(frozen=True, slots=True)
class Signature:
    """A row of the table of calls: its arguments, or a function that picks them by the call's values; its result."""

    args: tuple[Arg, ...] | Callable[[Call], Sequence[Arg]]
    result: Callable[[Call], str]

    def arguments(self, call: Call) -> Sequence[Arg]:
        """The arguments of this very call."""
        return self.args if isinstance(self.args, tuple) else self.args(call)


def error_text(call: Call) -> str:
    """`-1 ENOENT (No such file or directory)`"""
    result = call.result or 0
    if not call.linux:
        return str(result)
    name, text = ERRORS.get(-result, ("", ""))
    return f"-1 {name} ({text})" if name else f"-1 (errno {-result})"


def decimal(call: Call) -> str:
    """The result as a number, or the error."""
    if call.result is None:
        return "?"
    return error_text(call) if call.failed else str(signed_long(call.result))


def hexadecimal(call: Call) -> str:
    """The result as an address, or the error."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"{call.result & WORD:#x}"


def octal(call: Call) -> str:
    """The result as a file mode, or the error."""
    if call.result is None or call.failed:
        return decimal(call)
    return f"0{call.result:02o}"


def row(*args: Arg, result: Callable[[Call], str] = decimal) -> Signature:
    """A call whose arguments are always the same."""
    return Signature(args, result)


def chosen(args: Callable[[Call], Sequence[Arg]], result: Callable[[Call], str] = decimal) -> Signature:
    """A call whose arguments depend on their values."""
    return Signature(args, result)
