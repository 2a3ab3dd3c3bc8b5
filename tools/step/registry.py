"""What a command of the stepper is. The tables of commands stand in the modules that have their functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rvsim.tools.debug.stop import Order
    from rvsim.tools.step.shell import Shell


GDB_NAMES = {"stepi": "step", "si": "step", "next": "over", "nexti": "over", "ni": "over", "backtrace": "bt",
             "exit": "quit"}
"""Other debuggers' words for commands that have another name here."""


class CommandError(Exception):
    """What is wrong with a command: one line for a person."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `run` gets the shell and what stands behind the name; it returns an order if the run is to go on.

    `completes` says what its words are: symbol, call, register, command, or several of these, separated by spaces.
    """

    name: str
    letter: str
    usage: str
    summary: str
    run: Callable[[Shell, str], Order | None]
    examples: tuple[tuple[str, str], ...] = ()
    completes: str = ""
    repeats: bool = False


def no_words(text: str, name: str) -> None:
    """Raises CommandError: something stands behind a command that takes nothing."""
    if text:
        raise CommandError(f"`{name}` takes nothing, and {text!r} was given")


def count_of(text: str, name: str, most: int = 1 << 40) -> int:
    """A count behind a command, 1 if there is none. Raises CommandError."""
    if not text:
        return 1
    try:
        count = int(text, 0)
    except ValueError:
        raise CommandError(f"`{name}` wants a number, not {text!r}") from None
    if not 1 <= count <= most:
        raise CommandError(f"{text} is not between 1 and {most}")
    return count


def find(commands: Sequence[Command], name: str) -> Command:
    """The command of this name or letter, or the only one that begins so. Raises CommandError."""
    name = GDB_NAMES.get(name, name)
    for command in commands:
        if name in (command.name, command.letter):
            return command
    begun = [command for command in commands if command.name.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise CommandError(f"which of {', '.join(command.name for command in begun)}?")
    raise CommandError(f"there is no command {name[:40]!r}; `help` lists them")
