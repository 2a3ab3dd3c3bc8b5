"""What a test file says: the one description that reads files, and that the schema and the documentation come from."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rvsim.tools.quantities import parse_duration_ns
from rvsim.tools.toml.kinds import (
    Choice,
    Duration,
    Flag,
    Guestly,
    Kind,
    ListOf,
    OneOf,
    Record,
    Regex,
    Size,
    TableOf,
    Text,
    Where,
    Whole,
    Words,
    Wrong,
    key,
)

if TYPE_CHECKING:
    from rvsim.guest_os.faults import Fault

SIGNALS = (
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
    "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
    "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
)  # fmt: skip
FAULTS = ("segv", "bus", "illegal", "trap", "fpe")
FEWEST_PAGES = 4 << 20
MOST_MEMORY = 4 << 30


@dataclass(frozen=True)
class PutIn:
    """A file that is put into the guest before it starts: one of `text`, `base64` and `host`."""

    text: str | None = key(Text(), "Its contents.", None)
    base64: str | None = key(Text(), "Its contents, as base64.", None)
    host: str | None = key(Guestly(), "A file of the host with its contents, below the test file's folder.", None)
    mode: str = key(Guestly(), 'Its permissions, in octal; "755" makes a script executable.', "644")

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        if sum(one is not None for one in (self.text, self.base64, self.host)) != 1:
            raise Wrong(where, "exactly one of text, base64 and host must be given")
        try:
            base64.b64decode(self.base64 or "", validate=True)
        except (binascii.Error, ValueError):
            raise Wrong((*where, "base64"), "is no base64") from None
        self.permissions(where)

    def permissions(self, where: Where = ()) -> int:
        """The mode as a number. Raises Wrong."""
        if not (1 <= len(self.mode) <= 4 and all(digit in "01234567" for digit in self.mode)):
            raise Wrong((*where, "mode"), f'must be permissions in octal such as "644", not {self.mode!r}')
        return int(self.mode, 8)


class Contents:
    """A text, or what a record says."""

    def __init__(self, record: Record[Any], field: str) -> None:
        self.record = record
        self.field = field
        self.says = f"text, or {record.says}"

    def read(self, value: Any, where: Where) -> Any:
        return self.record.read({self.field: value} if isinstance(value, str) else value, where)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [{"type": "string"}, self.record.schema()]}


PUT_IN = Record(PutIn, "with one of text, base64, host")
_FILES: Kind = TableOf(Contents(PUT_IN, "text"))


@dataclass(frozen=True)
class Step:
    """One step of a dialogue with the guest: first what to wait for, then what to send."""

    expect: str | None = key(Text(), "Wait until this text comes.", None)
    regex: str | None = key(Regex(), "Wait until the output matches this regular expression.", None)
    send: str | None = key(Text(), "Send this, as it is.", None)
    sendline: str | None = key(Text(), "Send this and a line's end.", None)
    sendcontrol: str | None = key(Choice(*"abcdefghijklmnopqrstuvwxyz\\"), "Press Control and this key.", None)
    sendeof: bool = key(Flag(), "End the input: ^D at a terminal, the end of the stream for pipes.", False)
    timeout_ns: int | None = key(Duration(), "Wait so long at most, in guest time.", None, name="timeout")

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        if self.expect is not None and self.regex is not None:
            raise Wrong(where, "expect and regex cannot both be given")
        sends = sum(one is not None for one in (self.send, self.sendline, self.sendcontrol)) + self.sendeof
        if sends > 1:
            raise Wrong(where, "one step sends one thing: give only one of send, sendline, sendcontrol, sendeof")
        if not sends and self.expect is None and self.regex is None:
            raise Wrong(where, "a step must expect or send something")


STEP = Record(Step, "with what to expect and what to send")


@dataclass(frozen=True)
class Match:
    """What some output or a file must be like; all that is given must hold."""

    exact: str | None = key(Text(), "It is this text.", None)
    contains: tuple[str, ...] = key(ListOf(Text(), single=True), "It has these texts in it, in any order.", ())
    lacks: tuple[str, ...] = key(ListOf(Text(), single=True), "It has none of these texts in it.", ())
    regex: tuple[str, ...] = key(ListOf(Regex(), single=True), "It has matches of these regular expressions.", ())
    golden: str | None = key(Guestly(), "It is what this file of the host has, below the test file's folder; "
                             "--update writes the file.", None)


MATCH = Record(Match, "with exact, contains, lacks, regex or golden")
_OUTPUT: Kind = Contents(MATCH, "exact")


@dataclass(frozen=True)
class FileMatch(Match):
    """What a file of the guest must be afterwards."""

    absent: bool = key(Flag(), "It does not exist.", False)
    mode: str | None = key(Guestly(), 'Its permissions, in octal, such as "644".', None)


FILE_MATCH = Record(FileMatch, "with exact, contains, lacks, regex, golden, absent or mode")


@dataclass(frozen=True)
class Count:
    """How often a call may be made."""

    least: int = key(Whole(), "So often at least.", 0, name="min")
    most: int | None = key(Whole(), "So often at most.", None, name="max")


COUNT = Record(Count, "with min and max")


class Times:
    """A number, exactly; or a table with `min` and `max`."""

    says = "a number of times, or a table with min and max"

    def read(self, value: Any, where: Where) -> Count:
        if isinstance(value, dict):
            return COUNT.read(value, where)
        try:
            times = Whole().read(value, where)
        except Wrong:
            raise Wrong(where, f"must be {self.says}") from None
        return Count(times, times)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [Whole().schema(), COUNT.schema()]}


@dataclass(frozen=True)
class Expect:
    """What must hold in the end."""

    status: int | None = key(Whole(-(1 << 31), 1 << 31), "The first process exits with this status.", None)
    signal: str | None = key(Choice(*SIGNALS), "This signal ends the first process.", None)
    output: Match | None = key(_OUTPUT, "What came on standard output, or on the terminal.", None)
    errors: Match | None = key(_OUTPUT, "What came on standard error; only with pipes.", None)
    files: dict[str, FileMatch] = key(TableOf(Contents(FILE_MATCH, "exact")), "Files of the guest afterwards.", {})
    calls: dict[str, Count] = key(TableOf(Times()), "System calls by name, and how often they are made.", {})
    never: tuple[str, ...] = key(ListOf(Guestly()), "System calls that are never made.", ())
    faults: dict[str, Count] = key(TableOf(Times()), f"Faults of programs by kind: {', '.join(FAULTS)}.", {})
    no_leaks: bool = key(Flag(), "No process is left when the first ends, no zombie, and no process exits with "
                         "descriptors above 2 open.", False)
    max_ticks: int | None = key(Whole(1), "The case takes at most so many ticks (bytes of instructions), the same on "
                                "every host: a test of performance that never flakes.", None)

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        from rvsim.tools.testing.watching import call_names
        from rvsim.tools.toml.kinds import suggestion

        if self.status is not None and self.signal is not None:
            raise Wrong(where, "status and signal cannot both be given")
        known = call_names()
        for name in (*self.calls, *self.never):
            if name not in known:
                place = (*where, "calls", name) if name in self.calls else (*where, "never", self.never.index(name))
                near = suggestion(name, sorted(known))
                raise Wrong(place, f"there is no system call {name!r}{near}")
        for kind in self.faults:
            if kind not in FAULTS:
                raise Wrong((*where, "faults", kind), f"there is no such fault; there are {', '.join(FAULTS)}")


EXPECT = Record(Expect, "with what must hold in the end")


@dataclass(frozen=True)
class LimitKeys:
    """What a case may use before it fails. All is counted in the guest, so that no host is too slow for it."""

    time_ns: int | None = key(Duration(), "Guest time [default: 10m].", None, name="time")
    ticks: int | None = key(Whole(1), "Ticks, which are bytes of instructions [default: 10000000000].", None)
    traps: int | None = key(Whole(1), "System calls, faults and interrupts [default: 10000000, or a trap for every "
                            "1000 ticks of the limit if that is more].", None)
    memory_bytes: int | None = key(Size(), "Memory in use at once.", None, name="memory")
    processes: int | None = key(Whole(1), "Processes at once.", None)


LIMITS = Record(LimitKeys, "with time, ticks, traps, memory or processes")


@dataclass(frozen=True)
class FaultKeys:
    """A fault that is injected: the nth matching call does not do what it should."""

    call: str = key(Guestly(), "System calls by name, with commas between them; all; or alloc, with nomem.")
    action: str = key(Choice("errno", "short", "delay", "signal", "nomem"), "What happens to it.")
    value: int | str | None = key(OneOf(Whole(), Guestly()), "The errno or signal by name, the bytes of a short read "
                                  "or write, the time of a delay such as 5ms.", None)
    nth: int = key(Whole(1), "Which of the matching calls, from 1.", 1)
    every: bool = key(Flag(), "Each one from there on.", False)
    pid: int | None = key(Whole(1), "Only calls of this process.", None)
    comm: str = key(Guestly(), "Only calls of processes with this name; *, ? and […] as in a shell.", "")
    path: str = key(Guestly(), "Only calls on such a path, or on a file that was opened as such.", "")

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        try:
            self.fault()
        except ValueError as error:
            raise Wrong(where, str(error)) from None

    def fault(self) -> Fault:
        """What the kernel takes. Raises ValueError."""
        from rvsim.guest_os.faults import Fault

        value = parse_duration_ns(self.value) if self.action == "delay" and isinstance(self.value, str) else self.value
        return Fault(self.call, self.action, self.nth, self.every, self.pid, 0 if value is None else value,
                     comm=self.comm, path=self.path)


FAULT = Record(FaultKeys, "with call and action")
MATRIX: Kind = TableOf(ListOf(OneOf(Flag(), Whole(-(1 << 62)), Guestly())))
_ENV: Kind = TableOf(Guestly())


@dataclass(frozen=True)
class Case:
    """One test: what runs, what it is told, and what must hold."""

    name: str = key(Guestly(), "Its name, by which -k and reports know it.")
    argv: tuple[str, ...] = key(Words(), "The first process: a program of the guest and its arguments. A path that "
                                "begins with ./ or ../ is a program of the host, below the test file's folder. Of an "
                                "image, without argv, what the image says.", ())
    env: dict[str, str] = key(_ENV, "Variables of the environment.", {})
    cwd: str | None = key(Guestly(), "The working directory.", None)
    files: dict[str, PutIn] = key(_FILES, "Files that are put in before, by their path in the guest.", {})
    stdin: str | None = key(Text(), "All of its input. Without it and without a dialogue, there is none.", None)
    dialogue: tuple[Step, ...] = key(ListOf(STEP), "What is waited for and sent, step by step.", ())
    terminal: bool | None = key(Flag(), "Whether its streams are a terminal [default: with a dialogue].", None)
    limits: LimitKeys = key(LIMITS, "What it may use.", LimitKeys())
    expect: Expect = key(EXPECT, "What must hold in the end [default: status 0].", Expect())
    tags: tuple[str, ...] = key(ListOf(Guestly()), "Words to choose cases by: --tag WORD.", ())
    matrix: dict[str, tuple[Any, ...]] = key(MATRIX, "Values by name: a case for each combination, with ${name} "
                                             "replaced in every text.", {})
    faults: tuple[FaultKeys, ...] = key(ListOf(FAULT), "Faults that are injected.", ())
    chaos: int | None = key(Whole(), "Draw faults and schedules from this seed.", None)
    chaos_level: str = key(Choice("legal", "hard"), "What may be drawn: what Linux may do at any time, or errors too.",
                           "legal")
    chaos_rate: int = key(Whole(1), "Of so many calls one is met, on the average.", 20)
    seed: int = key(Whole(), "Other lengths of time slices: for each seed another interleaving.", 0)
    skip: str | None = key(Text(), "Do not run it, for this reason.", None)
    points: int | None = key(Whole(), "What it is worth, for --grade.", None)

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        if self.stdin is not None and self.dialogue:
            raise Wrong(where, "stdin and dialogue cannot both be given")
        for tag in self.tags:
            if not tag.isidentifier():
                raise Wrong((*where, "tags"), f"{tag!r} is no tag; use letters, digits and _")


CASE = Record(Case, "one test")


@dataclass(frozen=True)
class Boot:
    """How the image boots, once; every case goes on from where that ended."""

    argv: tuple[str, ...] = key(Words(), "The first process.")
    dialogue: tuple[Step, ...] = key(ListOf(STEP), "What is waited for and sent until the image is ready.")
    env: dict[str, str] = key(_ENV, "Variables of the environment.", {})


BOOT = Record(Boot, "with argv and dialogue")


@dataclass(frozen=True)
class Suite:
    """A test file: what runs in which machine, and its cases."""

    case: tuple[Case, ...] = key(ListOf(CASE), "The cases.")
    image: str | None = key(Guestly(), "An image file (OCI layout, docker save, rootfs tar), below the test file's "
                            "folder.", None)
    root: str | None = key(Guestly(), "A directory or a tar or cpio archive of the host as the guest's root.", None)
    programs: tuple[str, ...] = key(ListOf(Guestly(), single=True), "Files of the host for the guest's /bin; patterns "
                                    "and directories too.", ())
    shares: dict[str, str] = key(_ENV, "Directories of the host that show in the guest, read-only: guest path = host "
                                 "path.", {})
    abi: str | None = key(Choice("linux", "rcore", "rcore:5", "rcore:6", "rcore:7", "rcore:8"),
                          "The system calls of the programs [default: what they say, else linux].", None)
    memory_bytes: int = key(Size(), "The machine's RAM [default: 64M].", 64 << 20, name="memory")
    env: dict[str, str] = key(_ENV, "Variables for every case.", {})
    cwd: str | None = key(Guestly(), "The working directory for every case.", None)
    boot: Boot | None = key(BOOT, "Boot once, up to a point; without it a case begins with its first instruction.",
                            None)
    limits: LimitKeys = key(LIMITS, "What each case may use.", LimitKeys())
    tags: tuple[str, ...] = key(ListOf(Guestly()), "Tags of every case.", ())
    matrix: dict[str, tuple[Any, ...]] = key(MATRIX, "Values for every case.", {})
    points: int | None = key(Whole(), "What each case is worth that does not say so itself.", None)

    def check(self, where: Where) -> None:
        """Raises Wrong."""
        if self.image is not None and self.root is not None:
            raise Wrong(where, "image and root cannot both be given")
        if self.memory_bytes % 4096 or not FEWEST_PAGES <= self.memory_bytes <= MOST_MEMORY:
            raise Wrong((*where, "memory"), "must be between 4M and 4G in whole pages")

    def check_case(self, case: Case, where: Where) -> None:
        """Raises Wrong: a case cannot be in this file."""
        if not case.argv and self.boot is None and self.image is None:
            raise Wrong(where, "the key argv is missing: what to run")
        if self.boot is not None:
            for name, given in (("argv", case.argv), ("stdin", case.stdin), ("cwd", case.cwd), ("env", case.env)):
                if given:
                    raise Wrong((*where, name), "the image has booted already; send it to its shell in a dialogue")
        if not case.dialogue and self.boot is not None:
            raise Wrong(where, "the key dialogue is missing: what to send to the booted image")


SUITE = Record(Suite, "a test file")
RECORDS: tuple[Record[Any], ...] = (
    SUITE, BOOT, CASE, STEP, PUT_IN, EXPECT, MATCH, FILE_MATCH, COUNT, LIMITS, FAULT)
"""In the order in which the reference shows them."""
