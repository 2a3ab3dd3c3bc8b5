"""The list of traps that the session has stopped at, with what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.step.screen.text import plain

if TYPE_CHECKING:
    from rvsim.tools.debug.trap import Trap

MOST = 500


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
        """A trap, with its outcome as far as it is known."""
        if trap.call is not None:
            text, _, result = trap.outcome.rpartition(" = ") if " = " in trap.outcome else (trap.call_text, "", "")
            result = f"= {result}" if result else trap.outcome
        else:
            text, result = f"{trap.cause_name} {trap.tval:#x}", trap.outcome.partition(":")[0]
        known = self._rows.get(trap.number)
        if known is not None and known.result and not result:
            return
        self._rows[trap.number] = Row(trap.number, str(trap.tid), plain(text), plain(result))
        if len(self._rows) > MOST:
            del self._rows[min(self._rows)]

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
        last = 0
        for number in sorted(self._rows):
            if number > last + 1:
                yield Row(0, "", f"{number - last - 1} more traps", ahead=number > traps)
            row = self._rows[number]
            yield Row(number, row.who, row.text, row.result, number == here, number > traps)
            last = number
        if traps > last:
            yield Row(0, "", f"{traps - last} more traps")
