"""One fault: at which calls, and what happens there. Plain data, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from rvsim.guest_os.abi import errno, signals
from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.faults.paths import PATHS, descriptors
from rvsim.guest_os.faults.transfers import TRANSFERS
from rvsim.guest_os.syscalls import linux_table, rcore_table

ACTIONS = ("errno", "short", "delay", "signal", "nomem")
ALLOC, ALL = "alloc", "all"
ALLOCATING = ("mmap", "brk", "mremap")
"""The calls that `alloc` counts, besides pages."""
PAGE = "page"
"""What stands in a call's place where a page is met."""
NO_RESULT = ("exit", "exit_group", "rt_sigreturn", "sigreturn")
"""Calls that cannot fail."""
MAX_DELAY_NS = 10**15
_MAX = 1 << 62


class BadFault(ValueError):
    """What is wrong with a fault, in one line."""


@cache
def call_names() -> frozenset[str]:
    """Every call that a machine answers, in any ABI."""
    tables = (linux_table.ROWS, rcore_table.ROWS, rcore_table.ROWS_CHAPTER_8)
    return frozenset(row.name for table in tables for row in table.values())


@cache
def calls_with_path() -> frozenset[str]:
    """The calls that are given a path or the descriptor of a file."""
    rows = (*linux_table.ROWS.values(), *rcore_table.ROWS.values())
    return frozenset(PATHS) | {row.name for row in rows if descriptors(row.handler)}


class Injected(NamedTuple):
    """One fault that happened: at which tick, to which process, at which call, the how many-th, and what."""

    tick: int
    pid: int
    call: str
    n: int
    action: str


@dataclass(frozen=True)
class Fault:
    """What happens at which calls.

    Attributes:
        call: the names of calls with commas between them, `all`, or (with `nomem` only) `alloc`: the pages that a
            program gets by touching them, and mmap, mremap, and brk that asks for more.
        action: errno: the call is not made and fails with `value`, a number or a name. short: it moves at most
            `value` bytes. delay: it is made `value` nanoseconds of guest time later. signal: the caller is sent
            `value`, a number or a name, as the call begins. nomem: there is no memory for it.
        nth: the first of the matching calls that it happens at, counted from 1 over the whole machine.
        every: at each one from `nth` on.
        step: at each `step`-th one from `nth` on; 0: at this one alone.
        last: at none after this one; 0: no end.
        pid: only calls of this process, by its number in the first namespace.
        comm: only calls of processes with this name; `*`, `?` and `[…]` as in a shell.
        path: only calls that are given such a path, as the program wrote it, or the descriptor of a file that was
            opened as such a path; patterns as with `comm`.

    Raises:
        BadFault: one of them makes no sense.
    """

    call: str
    action: str
    nth: int = 1
    every: bool = False
    pid: int | None = None
    value: int | str = 0
    step: int = 0
    last: int = 0
    comm: str = ""
    path: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise BadFault(f"{self.action!r} is no action; use one of {', '.join(ACTIONS)}")
        for name in self.calls:
            self._check_call(name)
        for name, number, least in (("nth", self.nth, 1), ("step", self.step, 0), ("last", self.last, 0)):
            if type(number) is not int or not least <= number < _MAX:
                raise BadFault(f"{name} is {number!r}; it is a number from {least} on")
        if self.last and self.last < self.nth:
            raise BadFault(f"the last call, {self.last}, comes before the first, {self.nth}")
        if self.pid is not None and (type(self.pid) is not int or not 0 < self.pid < _MAX):
            raise BadFault(f"pid is {self.pid!r}; it is a number from 1 on")
        if ":" in self.comm + self.path:
            raise BadFault("a name with a colon cannot be told apart from what is behind it; write ? in its place")
        if self.path and not set(self.calls) <= calls_with_path():
            raise BadFault(f"{self.call} is given neither a path nor a file that path= could be compared with")
        object.__setattr__(self, "value", _value(self.action, self.value))
        object.__setattr__(self, "every", not self.step and (self.every or bool(self.last)))

    @property
    def calls(self) -> tuple[str, ...]:
        """The names in `call`."""
        return tuple(self.call.split(","))

    @property
    def number(self) -> int:
        """`value` as the number that it has become."""
        assert isinstance(self.value, int)
        return self.value

    def hits(self, count: int) -> bool:
        """Whether it happens at the `count`-th matching call."""
        if count < self.nth or (self.last and count > self.last):
            return False
        return self.every or (count - self.nth) % self.step == 0 if self.every or self.step else count == self.nth

    def _check_call(self, name: str) -> None:
        if name == ALLOC:
            if self.action != "nomem" or self.call != ALLOC:
                raise BadFault("alloc stands alone, and can only fail; write alloc:7=fail")
        elif name == ALL:
            if self.action not in ("delay", "signal") or self.call != ALL:
                raise BadFault("all stands alone, with delay or signal")
        elif name not in call_names():
            import difflib

            near = difflib.get_close_matches(name, call_names(), 1)
            raise BadFault(f"there is no call {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
        elif self.action in ("errno", "nomem") and name in NO_RESULT:
            raise BadFault(f"{name} cannot fail")
        elif self.action == "short" and name not in TRANSFERS:
            raise BadFault(f"{name} moves no bytes that could be fewer")


def _value(action: str, value: int | str) -> int:
    """The number that an action's value stands for. Raises BadFault."""
    if action == "nomem":
        return errno.ENOMEM.number
    if action == "errno":
        number = _errno_named(value) if isinstance(value, str) else value
        if type(number) is not int or number not in errno.BY_NUMBER:
            raise BadFault(f"{value!r} is no error; write a name such as EIO")
        return number
    if action == "signal":
        number = _signal_named(value) if isinstance(value, str) else value
        if type(number) is not int or not 1 <= number <= signals.NSIG:
            raise BadFault(f"{value!r} is no signal; write a name such as SIGINT")
        return number
    what, limit = ("bytes", _MAX) if action == "short" else ("nanoseconds", MAX_DELAY_NS)
    if action == "short" and value == 0:
        return 1
    if type(value) is not int or not 0 < value <= limit:
        raise BadFault(f"{value!r} is no number of {what} from 1 to {limit}")
    return value


def _errno_named(name: str) -> int:
    kind = getattr(errno, name, None)
    return kind.number if isinstance(kind, type) and issubclass(kind, Errno) else 0


def _signal_named(name: str) -> int:
    full = name if name.startswith("SIG") else f"SIG{name}"
    return next((number for number, known in signals.NAMES.items() if known == full), 0)


def errno_name(number: int) -> str:
    """`EIO`"""
    return errno.BY_NUMBER[number].__name__


def signal_name(number: int) -> str:
    """`SIGINT`; the number of one that has no name."""
    return signals.NAMES.get(number, str(number))
