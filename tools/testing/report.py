"""What a failed test tells a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rvsim.guest_os.faults import FaultPlan
from rvsim.tools.testing.rerun import SnapshotError, keep, last_traps, table_of

if TYPE_CHECKING:
    from rvsim.tools.testing.checks import Failure
    from rvsim.tools.testing.guest import Guest
    from rvsim.tools.testing.options import Results

MOST_CONSOLE_LINES = 100
MOST_LINE = 400
Section = tuple[str, str]


def summary(failures: Sequence[Failure]) -> str:
    """What is wrong, a line each, with the differences."""
    return "\n".join(f"{failure.message}\n{_indented(failure.diff)}" if failure.diff else failure.message
                     for failure in failures)


def sections(guest: Guest, name: str, trap: int | None, results: Results) -> list[Section]:
    """What a guest can tell about its failure: (title, text) each. It is run once more for that, and kept as files."""
    found = [("console", console_text(guest))]
    try:
        traps = last_traps(guest, trap)
    except SnapshotError as error:
        found.append(("last traps", f"the run cannot be had again: {error}"))
    else:
        lines = [f"{number:8}  {line[:MOST_LINE]}" for number, line in traps.lines]
        if not traps.same:
            lines.append("(run once more, it went otherwise: a bug in rvsim)")
        title = "last system calls" if trap is None else f"last system calls up to trap {trap}"
        found.append((title, "\n".join(lines) or "(none)"))
    found.append(("processes", table_of(guest)))
    plan = guest.machine.kernel.faults
    if isinstance(plan, FaultPlan):
        lines = [f"tick {one.tick}: process {one.pid}, {one.call} number {one.n}: {one.action}" for one in plan.log]
        found.append(("faults injected" if plan.chaos_seed is None else f"faults injected: --chaos {plan.chaos_seed}",
                      "\n".join(lines[-MOST_CONSOLE_LINES:]) or "(none)"))
    try:
        kept = keep(guest, results, name, trap if trap is not None else guest.traps())
    except (OSError, SnapshotError) as error:
        found.append(("replay", f"the run cannot be kept: {error}"))
    else:
        found.append(("replay", kept.command))
    return found


def console_text(guest: Guest) -> str:
    """The last lines of the console, as one can print them."""
    text = bytes(guest.console.transcript).decode(errors="backslashreplace").replace("\r\n", "\n")
    lines = [printable(line) for line in text.split("\n")]
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) > MOST_CONSOLE_LINES:
        left = len(lines) - MOST_CONSOLE_LINES
        lines = [f"... {left} lines before ...", *lines[-MOST_CONSOLE_LINES:]]
    return "\n".join(lines) or "(nothing)"


def printable(line: str) -> str:
    """A line without what would steer the reader's terminal."""
    shown = "".join(letter if letter.isprintable() or letter == "\t" else letter.encode("unicode_escape").decode()
                    for letter in line)
    return shown if len(shown) <= MOST_LINE else shown[:MOST_LINE] + "..."


def joined(found: Sequence[Section]) -> str:
    """Sections as one text."""
    return "\n".join(f"---- {title}\n{text}" for title, text in found)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
