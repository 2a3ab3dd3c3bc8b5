"""Commands about what stops a run: breakpoints, watches and catches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.tools.debug.expressions import Expression
from rvsim.tools.debug.watches import ACCESSES, LARGEST, Watch
from rvsim.tools.step.registry import Command, CommandError, count_of
from rvsim.tools.step.running import condition
from rvsim.tools.step.show import place

if TYPE_CHECKING:
    from rvsim.tools.step.shell import Shell

_LINE = re.compile(r"([^\s:]+):(\d{1,7})")
CATCHES = ("call", "fault", "signal", "exec", "fork", "exit")


def _condition(text: str) -> tuple[str, Expression | None]:
    """What stands before `if`, and the expression behind it."""
    where, found, rest = f" {text} ".partition(" if ")
    return where.strip(), Expression(rest) if found else None


def break_at(shell: Shell, text: str) -> None:
    """A breakpoint."""
    where, expression = _condition(text)
    if not where:
        raise CommandError("say where: an address, a symbol or FILE:LINE")
    task = shell.living
    match = _LINE.fullmatch(where)
    line = 0
    if match is not None:
        addresses, line = shell.session.symbols.line_addresses(task, match[1], int(match[2]))
        if not addresses:
            raise CommandError(f"there is no code of {match[1]} at line {match[2]} or behind it")
    else:
        addresses = frozenset((shell.address(where.removeprefix("*")),))
    if any(address & 1 or address >= TASK_SIZE for address in addresses):
        raise CommandError("no instruction can be there")
    made = shell.session.breakpoints.add(where, addresses, expression)
    shell.session.aim()
    moved = f", line {line}" if match is not None and line != int(match[2]) else ""
    shell.say(f"breakpoint {made.number} at {', '.join(place(shell, task, one) for one in sorted(addresses))}{moved}")


def watch(shell: Shell, text: str) -> None:
    """A watch."""
    where, expression = _condition(text)
    words = where.split()
    accesses = "w"
    if words and set(words[-1]) <= set(ACCESSES) and len(words) >= 2:
        accesses = words.pop()
    size = 8
    if len(words) >= 2:
        size = count_of(words.pop(), "watch", LARGEST)
    if not words:
        raise CommandError("say what: an address or a symbol, its size, and r, w or x")
    task = shell.living
    start = shell.address(" ".join(words))
    if start + size > TASK_SIZE:
        raise CommandError("no program has memory there")
    breakpoints = shell.session.breakpoints
    made = Watch(breakpoints.next_number, task.group.tgid, start, size,
                 frozenset(ACCESSES[letter] for letter in accesses), " ".join(words), expression)
    breakpoints.next_number += 1
    shell.session.watches.add(made)
    shell.session.aim()
    shell.say(f"watch {made.number} of {size} byte(s) at {place(shell, task, start)}, pid {made.tgid}, {accesses}")


def catch(shell: Shell, text: str) -> None:
    """A catch."""
    words = text.split()
    while len(words) >= 2 and words[0] in ("pid", "tid"):
        words = words[2:]
    if not words or words[0] not in CATCHES:
        raise CommandError(f"say what: {', '.join(CATCHES)}")
    found = condition(shell, text)
    breakpoints = shell.session.breakpoints
    number = breakpoints.next_number
    breakpoints.next_number += 1
    shell.session.catches.add(number, text, found)
    shell.session.aim()
    shell.say(f"catch {number}: {text}")


def _lines(shell: Shell) -> list[str]:
    session = shell.session
    lines: list[tuple[int, str]] = []
    for one in session.breakpoints.all.values():
        where = ", ".join(f"{address:#x}" for address in sorted(one.addresses))
        condition_text = f" if {one.condition.text}" if one.condition else ""
        lines.append((one.number, f"break {one.where}{condition_text} at {where}, {one.hits} hit(s)"
                                  f"{'' if one.enabled else ', disabled'}"))
    for watched in session.watches.all.values():
        letters = "".join(letter for letter, access in ACCESSES.items() if access in watched.accesses)
        condition_text = f" if {watched.condition.text}" if watched.condition else ""
        lines.append((watched.number, f"watch {watched.where} {watched.size} {letters}{condition_text} at "
                                      f"{watched.start:#x} of pid {watched.tgid}, {watched.hits} hit(s)"
                                      f"{'' if watched.enabled else ', disabled'}"))
    for number, (text, _) in session.catches.all.items():
        lines.append((number, f"catch {text}{', disabled' if number in session.catches.disabled else ''}"))
    return [f"{number:3}  {text}" for number, text in sorted(lines)]


def info(shell: Shell, text: str) -> None:
    """What stops the run. Raises CommandError: that is asked of another command."""
    if text and not "breakpoints".startswith(text) and not "watchpoints".startswith(text):
        raise CommandError(f"it lists breakpoints, watches and catches; `regs`, `maps`, `ps` and others show the rest, "
                           f"and {text!r} was given")
    for line in _lines(shell) or ["nothing stops it"]:
        shell.say(line)


def _numbers(shell: Shell, text: str) -> list[int]:
    session = shell.session
    known = [*session.breakpoints.all, *session.watches.all, *session.catches.all]
    if not text:
        return known
    numbers = [count_of(word, "delete") for word in text.split()]
    for number in numbers:
        if number not in known:
            raise CommandError(f"there is no number {number}; `info` lists them")
    return numbers


def delete(shell: Shell, text: str) -> None:
    """Take some away, or all."""
    session = shell.session
    for number in _numbers(shell, text):
        session.breakpoints.remove(number)
        session.watches.remove(number)
        session.catches.remove(number)
    session.aim()


def _set_enabled(shell: Shell, text: str, enabled: bool) -> None:
    session = shell.session
    for number in _numbers(shell, text):
        if number in session.breakpoints.all:
            session.breakpoints.all[number].enabled = enabled
        elif number in session.watches.all:
            session.watches.all[number].enabled = enabled
        elif enabled:
            session.catches.disabled.discard(number)
        else:
            session.catches.disabled.add(number)
    session.aim()


def disable(shell: Shell, text: str) -> None:
    """Let some, or all, stop nothing for a while."""
    _set_enabled(shell, text, False)


def enable(shell: Shell, text: str) -> None:
    """Let them stop again."""
    _set_enabled(shell, text, True)


COMMANDS = (
    Command("break", "b", "break ADDRESS|SYMBOL|FILE:LINE [if EXPR]", "stop before an instruction", break_at,
            (("break main", ""), ("break loop.c:12 if $a0 == 3", "where the code of a source line begins"),
             ("b 0x10400 if *(u32*)$sp > 7", "any expression over registers, memory and symbols")), "symbol"),
    Command("watch", "W", "watch ADDRESS [SIZE] [r|w|x] [if EXPR]", "stop after accesses to bytes of this process",
            watch, (("watch counter 4 w", "by the program, or by the kernel for a call"), ("W $sp 16 rw", "")),
            "symbol"),
    Command("catch", "C", "catch call [NAME…]|fault|signal [NAME…]|exec|fork|exit", "stop at each of a kind", catch,
            (("catch call openat", ""), ("catch signal SEGV", "")), "catch call signal"),
    Command("info", "i", "info", "list breakpoints, watches and catches", info, (("i", ""),)),
    Command("delete", "d", "delete [NUMBER…]", "take these away, or all", delete, (("d 2", ""),)),
    Command("disable", "D", "disable [NUMBER…]", "let these, or all, stop nothing for a while", disable,
            (("D 2", ""),)),
    Command("enable", "E", "enable [NUMBER…]", "let them stop again", enable, (("E 2", ""),)),
)
