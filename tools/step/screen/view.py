"""What the panes show, taken from the machine while it stands: plain data that the terminal's thread may keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.guest_os.task.task import Task
from rvsim.tools.debug import disassembly, registers
from rvsim.tools.debug.stop import Kind, number_of
from rvsim.tools.plain import plain
from rvsim.tools.step import show
from rvsim.tools.step.looking import doing
from rvsim.tools.step.registry import CommandError
from rvsim.tools.step.screen.text import Line
from rvsim.tools.step.screen.traps import Row

if TYPE_CHECKING:
    from rvsim.tools.step.screen.shell import ScreenShell

BEFORE, AFTER = 16, 60
"""Instructions that are taken before pc and after it: more than a terminal shows."""
MOST_TASKS = 200

ORDER = ("pc", "ra", "sp", "gp", "tp", "s0", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "s1",
         "t3", "t4", "t5", "t6", *(f"s{number}" for number in range(2, 12)))
"""Registers in the order in which a pane that is too small for all drops them, the last ones first."""


@dataclass(frozen=True, slots=True)
class Register:
    """One register."""

    name: str
    value: int
    changed: bool


@dataclass(frozen=True, slots=True)
class View:
    """A stop. `code_at` and `task_at` are the lines of `code` and `tasks` where the machine is."""

    head: str
    who: str = ""
    waiting: bool = False
    ended: bool = False
    traps: tuple[Row, ...] = ()
    code: tuple[Line, ...] = ()
    code_at: int = 0
    registers: tuple[Register, ...] = ()
    tasks: tuple[Line, ...] = ()
    task_at: int = 0


def look(shell: ScreenShell) -> View:
    """The machine as it stands."""
    stop = shell.stop
    try:
        task: Task | None = shell.task
    except CommandError:
        task = None
    here = stop.position.traps if stop.kind is Kind.TRAP else 0
    rows = tuple(shell.traps.rows(here, stop.position.traps))
    code: list[Line] = []
    code_at = 0
    values: tuple[Register, ...] = ()
    if task is not None and task.mm is not None:
        changed = shell.changed_registers(task)
        all_values = registers.all_of(task)
        values = tuple(Register(name, all_values[name], name in changed) for name in ORDER)
        code, code_at = _code(shell, task, all_values["pc"])
    tasks, task_at = _tasks(shell, task)
    return View(plain(show.head(shell, stop)), plain(show.task_text(task)) if task is not None else "",
                stop.kind is Kind.WAITING, stop.kind is Kind.ENDED, rows, tuple(code), code_at, values, tuple(tasks),
                task_at)


def _code(shell: ScreenShell, task: Task, pc: int) -> tuple[list[Line], int]:
    """Instructions, with a line where a function begins and, if its source is there, where a source line does."""
    lines: list[Line] = []
    at = 0
    function = source = None
    for one in disassembly.around(task, shell.session.symbols, pc, BEFORE, AFTER):
        symbol = shell.session.symbols.at(task, one.address)
        if symbol is not None and symbol != function:
            lines.append([("class:name", f"{plain(symbol.name)}:")])
        function = symbol
        line = shell.session.symbols.line(task, one.address)
        if line is not None and line != source:
            text = shell.source_line(line.path, line.line)
            name = plain(line.path.rsplit("/", 1)[-1])
            lines.append([("class:dim", f"{name}:{line.line}  {plain(text.strip()) if text else ''}".rstrip())])
        source = line
        target = shell.session.symbols.describe(task, one.target) if one.target is not None else ""
        here = one.address == pc
        if here:
            at = len(lines)
        words = one.text.split(None, 1)
        lines.append([("class:here", "=> " if here else "   "), ("class:address", f"{one.address:x} "),
                      ("class:here" if here else "", f"{words[0]:7} {words[1] if len(words) > 1 else ''}".rstrip()),
                      ("class:name", f" <{plain(target)}>" if target else "")])
    return lines, at


def _tasks(shell: ScreenShell, shown: Task | None) -> tuple[list[Line], int]:
    """The tree of processes; the threads of a process follow it."""
    everyone = list(shell.session.tasks())[:MOST_TASKS]
    children: dict[int, list[Task]] = {}
    threads: dict[int, list[Task]] = {}
    known = {number_of(task) for task in everyone}
    for task in everyone:
        number, group = number_of(task), task.group
        if number != group.tgid and group.tgid in known:
            threads.setdefault(group.tgid, []).append(task)
        else:
            parent = group.parent.tgid if group.parent is not None else 0
            children.setdefault(parent if parent in known and parent != number else 0, []).append(task)
    lines: list[Line] = []
    at = 0
    waiting = [(task, 0) for task in reversed(children.get(0, []))]
    while waiting:
        task, depth = waiting.pop()
        number = number_of(task)
        thread = number != task.group.tgid
        if task is shown:
            at = len(lines)
        branch = "  " * (depth - 1) + ("├ " if thread else "└ ") if depth else ""
        style = "class:here" if task is shown else ""
        name = f"{branch}{number} {'thread ' if thread else ''}{plain(task.comm.decode(errors='replace'))}"
        lines.append([("class:here", "=> " if task is shown else "   "), (style, name),
                      ("class:dim", f"  {plain(doing(shell, task))}")])
        if not thread:
            waiting += [(child, depth + 1) for child in reversed(children.get(number, []))]
            waiting += [(one, depth + 1) for one in reversed(threads.get(number, []))]
    return lines, at
