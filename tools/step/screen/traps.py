"""The list of traps: those that the session has stopped at in full, and the last others as registers tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.debug.causes import ECALL, name_of
from rvsim.tools.plain import plain
from rvsim.tools.trace.decode import call_text, outcome_name, result_text
from rvsim.tools.trace.format import OPEN, Outcome

if TYPE_CHECKING:
    from rvsim.tools.debug.recent import Passed
    from rvsim.tools.debug.trap import Trap

MOST = 500
"""So many rows are kept before the machine's place, and so many behind it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. `number` 0: a gap, of so many traps as `text` says; `ahead`: the machine has gone back."""

    number: int
    who: str
    text: str
    result: str = ""
    here: bool = False
    ahead: bool = False


class TrapList:
    """Traps by number. They stay when the machine goes back, because they will come again; see `forget_after`."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}

    def note(self, trap: Trap) -> None:
        """A trap that the session stops at, with its outcome as far as it is known."""
        if trap.call is not None:
            text, _, result = trap.outcome.rpartition(" = ") if " = " in trap.outcome else (trap.call_text, "", "")
            result = f"= {_short(result)}" if result else trap.outcome
        else:
            text, result = f"{trap.cause_name} {trap.tval:#x}", trap.outcome.partition(":")[0]
        known = self._rows.get(trap.number)
        if known is not None and known.result and not result:
            return
        self._rows[trap.number] = Row(trap.number, str(trap.tid), plain(text), plain(result))

    def fill(self, passed: Iterable[Passed]) -> None:
        """Traps that the run went by. What is known better stays."""
        for one in passed:
            known = self._rows.get(one.number)
            if known is None:
                self._rows[one.number] = _row(one)
            elif not known.result:
                row = _row(one)
                self._rows[one.number] = Row(one.number, known.who, known.text, row.result)

    def forget_after(self, number: int) -> None:
        """What was known to come after a trap is void."""
        for one in [one for one in self._rows if one > number]:
            del self._rows[one]

    def rows(self, here: int, traps: int) -> Iterator[Row]:
        """The list, in the order of numbers, with the gaps in it.

        Args:
            here: the number of the trap that the machine stands at, or 0.
            traps: so many have begun.
        """
        numbers = sorted(self._rows)
        behind = sum(number <= traps for number in numbers)
        for number in (*numbers[:max(behind - MOST, 0)], *numbers[behind + MOST:]):
            del self._rows[number]
        last = 0
        for number in numbers[max(behind - MOST, 0):behind + MOST]:
            if number > last + 1:
                yield _gap(number - last - 1, number > traps)
            row = self._rows[number]
            yield Row(number, row.who, row.text, row.result, number == here, number > traps)
            last = number
        if traps > last:
            yield _gap(traps - last, False)


def _gap(size: int, ahead: bool) -> Row:
    return Row(0, "", f"{size:,} more trap{'s' if size > 1 else ''}", ahead=ahead)


def _short(result: str) -> str:
    """The result of a call, an error by its name alone."""
    return result.removeprefix("-1 ").partition(" (")[0] if result.startswith("-1 E") else result


def _row(passed: Passed) -> Row:
    record = passed.record
    if record.cause == ECALL:
        text = call_text(passed.abi, record)
        result = "" if record.flags & OPEN else f"= {_short(result_text(passed.abi, record))}"
    elif record.outcome == Outcome.COUNTER:
        text, result = f"{name_of(record.cause)} {record.tval:#x}", "a read of a counter"
    else:
        text = f"{name_of(record.cause)} {record.tval:#x}"
        result = "" if record.outcome == Outcome.NOTHING else outcome_name(record.outcome).replace("-", " ")
    return Row(passed.number, str(record.tid), plain(text), plain(result))
