"""Commands that go back, and those that keep a machine for later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.guest_os.snapshot import SnapshotError, load, save, take
from rvsim.tools.debug import conditions
from rvsim.tools.debug.stop import Go, Goto, Kind, Load, Order, Position, Search
from rvsim.tools.debug.watches import LARGEST, Watch
from rvsim.tools.step.registry import Command, CommandError, count_of
from rvsim.tools.step.running import condition

if TYPE_CHECKING:
    from rvsim.tools.step.shell import Shell


def back(shell: Shell, text: str) -> Order:
    """To an earlier stop."""
    words = text.split()
    if not words or words[0].lstrip("-").isdigit():
        here = shell.stop.position
        number = here.traps - count_of(text, "back") + (here.kind is not Kind.TRAP)
        return Goto(Position(number, 0, 0, 0, Kind.TRAP)) if number > 0 else _to_start(shell)
    if words == ["start"]:
        return _to_start(shell)
    if words[0] in ("s", "step"):
        count = count_of(" ".join(words[1:]), "back step", 100_000)
        if count != 1:
            raise CommandError("one at a time")
        return Search(conditions.Stepped(shell.task))
    if words[0] in ("c", "break", "breakpoint"):
        if not shell.session.breakpoints.addresses:
            raise CommandError("there is no breakpoint")
        return Search(conditions.AtBreakpoints(shell.session))
    if words[0] == "write":
        return last_write(shell, " ".join(words[1:]))
    return Search(condition(shell, text))


def _to_start(shell: Shell) -> Order:
    if shell.session.start is None:
        raise CommandError("it is at the start")
    return Goto(shell.session.start)


def to_trap(shell: Shell, text: str) -> Order:
    """To a trap by its number."""
    number = count_of(text, "goto")
    if number > shell.session.history.furthest:
        raise CommandError(f"the run has been at {shell.session.history.furthest} traps so far; `trap` runs on")
    return Goto(Position(number, 0, 0, 0, Kind.TRAP))


def last_write(shell: Shell, text: str) -> Order:
    """To the last write of some bytes."""
    words = text.split()
    size = 8
    if len(words) >= 2:
        size = count_of(words.pop(), "rwatch", LARGEST)
    if not words:
        raise CommandError("say what: an address or a symbol, and its size")
    task = shell.task
    start = shell.address(" ".join(words))
    if start + size > TASK_SIZE:
        raise CommandError("no program has memory there")
    return Search(conditions.Accessed(Watch(0, task.group.tgid, start, size, frozenset((Access.WRITE,)))))


def keep(shell: Shell, text: str) -> Order | None:
    """A bookmark, or a file."""
    if not text:
        raise CommandError("say a name for this place, or a file with a / or a . in its name")
    if "/" not in text and "." not in text:
        shell.bookmarks[text] = shell.stop.position
        shell.say(f"this place is called {text}; `load {text}` comes back to it")
        return None
    shell.must_go_on()
    machine = shell.session.machine

    def then() -> None:
        shell.unsaved = ""
        try:
            save(take(machine), text)
            shell.say(f"{text}: the machine, at tick {machine.hart.ticks}")
        except SnapshotError as error:
            shell.say(shell.style.paint("error", str(error)))

    shell.unsaved = text
    return Go(conditions.Rested(then))


def fetch(shell: Shell, text: str) -> Order:
    """To a bookmark, or a machine from a file."""
    if text in shell.bookmarks:
        return Goto(shell.bookmarks[text])
    if not text or ("/" not in text and "." not in text):
        names = ", ".join(shell.bookmarks) or "none"
        raise CommandError(f"there is no place of that name (there are: {names}); a file has a / or a . in its name")
    try:
        machine = shell.session.restored(load(text))
    except SnapshotError as error:
        raise CommandError(str(error)) from None
    shell.bookmarks.clear()
    return Load(machine)


COMMANDS = (
    Command("back", "z", "back [N] | back start|step|break|write ADDRESS|KIND", "go back: N traps, or to the last stop "
            "of a kind", back,
            (("back", "to the trap before"), ("back 1000", ""), ("back call fork", "to where the last fork began"),
             ("back step", "one instruction of this task"), ("back break", "to where a breakpoint was hit last"),
             ("back write counter 4", "as `rwatch counter 4`"), ("back start", "")),
            "back kind call signal", repeats=True),
    Command("goto", "j", "goto N", "to trap number N, where the run has been", to_trap, (("goto 12", ""),)),
    Command("rwatch", "R", "rwatch ADDRESS [SIZE]", "go back to the last write of some bytes", last_write,
            (("rwatch counter 4", ""), ("R $sp", "")), "symbol register", repeats=True),
    Command("save", "y", "save NAME | save FILE", "remember this place, or write the machine to a file after this turn",
            keep, (("save before", ""), ("save ./prompt.snap", "for `load`, and for `rvsim run --restore`"))),
    Command("load", "Y", "load NAME | load FILE", "come back to a place, or put a saved machine in this one's place",
            fetch, (("load before", ""),)),
)
