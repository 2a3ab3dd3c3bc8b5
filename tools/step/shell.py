"""The stepper's commands over a session: reads lines from somewhere, runs them, and shows the stops between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.tools.debug import registers
from rvsim.tools.debug.expressions import Expression, ExpressionError
from rvsim.tools.debug.scope import TaskScope
from rvsim.tools.debug.stop import Go, Kind, Order, Position, Quit, Stop, number_of
from rvsim.tools.plain import plain
from rvsim.tools.step import changing, examining, helping, looking, running, show, stopping, travelling
from rvsim.tools.step.registry import Command, CommandError, find
from rvsim.tools.step.style import Style

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.trap import Trap

COMMANDS: tuple[Command, ...] = (*running.COMMANDS, *stopping.COMMANDS, *looking.COMMANDS, *examining.COMMANDS,
                                 *changing.COMMANDS, *travelling.COMMANDS, *helping.COMMANDS)
MOST_SOURCE = 1 << 20
MOST_WORDS = 140
"""So many letters of a mistake are repeated."""


class ScriptError(Exception):
    """A command of a script is wrong, and the script is over: one line."""


class Reader:
    """Where commands come from. This one has none."""

    interactive = False

    def line(self, prompt: str) -> str | None:
        """The next line, None at the end."""
        return None


class Shell:
    """The frontend of `rvsim step`.

    Attributes:
        task: what commands look at: the task that stopped, or the one that `task` chose.
        commands: all that there are.
        status: what the stepper is to exit with, if a command said so.
        unsaved: the file that `save` is on its way to write.
        shows_code: whether instructions belong to what is said of a stop.
    """

    shows_code = True

    def __init__(self, reader: Reader, out: TextIO, style: Style) -> None:
        self.reader = reader
        self.out = out
        self.style = style
        self.commands = COMMANDS
        self.session: Session
        self.stop: Stop
        self.status: int | None = None
        self.bookmarks: dict[str, Position] = {}
        self.unsaved = ""
        self._chosen: int = 0
        self._trap: Trap | None = None
        self._left: tuple[int, str] | None = None
        self._registers: dict[int, dict[str, int]] = {}
        self._changed: dict[str, int] = {}
        self._queue: list[str] = []
        self._last = ""
        self._at_line_start = True
        self._sources: dict[str, list[str] | None] = {}

    # ---- output

    def say(self, text: str) -> None:
        """Show a line of our own."""
        if not self._at_line_start:
            self.out.write("\n")
            self._at_line_start = True
        self.out.write(self.style.shown(text) + "\n")

    def guest_output(self, fd: int, data: bytes) -> None:
        """Show what the guest wrote."""
        self.out.flush()
        self.out.buffer.write(data)
        self.out.flush()
        self._at_line_start = data.endswith(b"\n")

    # ---- the frontend

    def poll(self) -> None:
        return

    def stopped(self, stop: Stop) -> Order:
        """Show the stop, then run commands until one lets the machine go on."""
        self.stop = stop
        self._chosen = 0
        task = stop.task
        if self._trap is not None and self._trap.outcome:
            self.say(show.outcome_line(self._trap))
        self._trap = None
        if self.session.events.forgotten:
            self.say(f"  ({self.session.events.forgotten} events before these are not shown)")
        for event in self.session.events.recent:
            if event is not stop.event and not (self._told_by_trap(event.kind) and event.task is task):
                self.say(f"  {show.event_text(event)}")
        for caller, call, result in self.session.events.unmade:
            self.say(f"  {show.task_text(caller)}: {call} was not made; its result is {result}")
        if task is not None and self._left is not None and self._left[0] != number_of(task):
            self.say(show.switch_line(self._left, task, self))
        self._note_registers()
        for line in show.stop_lines(self, stop):
            self.say(line)
        self._trap = self.session.trap_here()
        if task is not None:
            self._left = number_of(task), show.task_text(task)
        if self.unsaved and stop.kind is Kind.ENDED:
            unsaved, self.unsaved = self.unsaved, ""
            self.fail(f"save: the run was over before the turn was, and {unsaved} is not written; "
                      f"go back and save earlier")
        self.out.flush()
        while True:
            order = self._next_order()
            if order is not None:
                return order

    @staticmethod
    def _told_by_trap(kind: Kind) -> bool:
        return kind is Kind.SIGNAL

    def _next_order(self) -> Order | None:
        while not self._queue:
            line = self.reader.line("(rvsim) ")
            if line is None:
                return Quit()
            if not line.strip() and self.reader.interactive:
                line = self._last
            self._queue = list(split(line))
        text = self._queue.pop(0)
        try:
            return self.run(text)
        except (CommandError, ExpressionError) as error:
            self.fail(f"{_brief(text)}: {_brief(str(error))}")
        return None

    def fail(self, message: str) -> None:
        """Show what is wrong; the end of a script."""
        self._queue.clear()
        if not self.reader.interactive:
            raise ScriptError(message)
        self.say(self.style.paint("error", message))

    # ---- commands

    def run(self, text: str) -> Order | None:
        """Run one command. Raises CommandError, ExpressionError."""
        text = text.strip()
        if not text or text.startswith("#"):
            return None
        name, _, rest = text.partition(" ")
        if "/" in name and name.split("/")[0] in ("x", "examine", "p", "print"):
            name, slash, form = name.partition("/")
            rest = f"{slash}{form} {rest}"
        command = find(COMMANDS, name)
        self._last = text if command.repeats else ""
        try:
            order = command.run(self, rest.strip())
        except (Errno, OutOfMemory):
            raise CommandError("the kernel refuses") from None
        if isinstance(order, Go):
            self._note_before()
        elif order is not None:
            self._left = None
        return order

    @property
    def task(self) -> Task:
        """The task that commands look at. Raises CommandError: there is none."""
        found = self.session.task(self._chosen) if self._chosen else self.stop.task
        if found is None:
            found = self.session.loaded or next(iter(self.session.tasks()), None)
        if found is None:
            raise CommandError("there is no task any more; `back` goes back to where there was")
        return found

    def choose(self, tid: int) -> None:
        """Let commands look at this task until the next stop. Raises CommandError: there is none."""
        if self.session.task(tid) is None:
            raise CommandError(f"there is no task {tid}")
        self._chosen = tid

    @property
    def living(self) -> Task:
        """The same, with memory and registers."""
        task = self.task
        if task.mm is None:
            raise CommandError("the task has ended")
        return task

    def must_go_on(self) -> None:
        """Raises CommandError: the machine has ended."""
        if self.stop.kind is Kind.ENDED:
            raise CommandError("the machine has ended; `back` goes back")

    def value(self, text: str) -> int:
        """The value of an expression for the task. Raises ExpressionError, CommandError."""
        return Expression(text).value(TaskScope(self.session, self.task))

    def address(self, text: str) -> int:
        """The same as an address."""
        return self.value(text) & (1 << 64) - 1

    # ---- registers between stops

    def _note_before(self) -> None:
        for tid in list(self._registers):
            if self.session.task(tid) is None:
                del self._registers[tid]
        for task in self.session.tasks():
            if task.mm is not None:
                self._registers[number_of(task)] = registers.all_of(task)

    def _note_registers(self) -> None:
        self._changed = {}
        task = self.stop.task
        if task is None or task.mm is None:
            return
        before = self._registers.get(number_of(task))
        if before is not None:
            now = registers.all_of(task)
            self._changed = {name: value for name, value in now.items() if name != "pc" and before[name] != value}

    def changed_registers(self, task: Task) -> dict[str, int]:
        """The registers that are not what they were when the run went on."""
        return self._changed if task is self.stop.task else {}

    # ---- sources

    def source_line(self, path: str, line: int) -> str | None:
        """A line of a source file of the host, if it is there."""
        lines = self.source(path)
        return lines[line - 1] if lines is not None and 0 < line <= len(lines) else None

    def source(self, path: str) -> list[str] | None:
        """The lines of a source file of the host."""
        if path not in self._sources:
            try:
                file = Path(path)
                if file.stat().st_size > MOST_SOURCE:
                    self._sources[path] = None
                else:
                    self._sources[path] = file.read_text(errors="replace").splitlines()
            except (OSError, ValueError):
                self._sources[path] = None
        return self._sources[path]


def _brief(text: str) -> str:
    """What somebody typed, or what is said of it, for one line."""
    text = plain(text.strip())
    return text if len(text) <= MOST_WORDS else f"{text[:MOST_WORDS]}…"


def split(text: str) -> Iterator[str]:
    """The commands of a text, which semicolons and ends of lines separate; a semicolon not inside quotes."""
    for line in text.splitlines():
        start, quote = 0, ""
        for at, letter in enumerate(line):
            if quote:
                quote = "" if letter == quote else quote
            elif letter in "\"'":
                quote = letter
            elif letter == "#" and not line[start:at].strip():
                break
            elif letter == ";":
                yield line[start:at]
                start = at + 1
        else:
            yield line[start:]
