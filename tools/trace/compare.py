"""Where two traces part: the first record that differs, with what was before and what comes after in each."""

from __future__ import annotations

from collections import deque
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

from rvsim.tools.trace import format as f
from rvsim.tools.trace.choice import LIGHT
from rvsim.tools.trace.format import Kind, Record
from rvsim.tools.trace.lines import line
from rvsim.tools.trace.lives import Lives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rvsim.tools.trace.choice import Choice
    from rvsim.tools.trace.reader import TraceFile

CONTEXT = 5
"""Lines before and after the first difference."""
END = "(the end)"


class _Side:
    """One of the two: its records that are compared, and its lives as of the last one read."""

    def __init__(self, trace: TraceFile, choice: Choice) -> None:
        self.trace = trace
        self.lives = Lives(trace)
        self._wanted = choice.test(self.lives)

    def records(self) -> Iterator[tuple[Record, tuple[object, ...]]]:
        """(record, what of it is compared). Numbers of texts and modules stand for what they name."""
        for record in self.trace.records():
            if record.kind not in LIGHT and record.kind != Kind.EXIT:
                self.lives.feed(record)
            if self._wanted(record):
                yield record, self._essence(record)
            if record.kind == Kind.EXIT:
                self.lives.feed(record)

    def _essence(self, record: Record) -> tuple[object, ...]:
        if record.kind in LIGHT:
            # Whether the gate or the kernel answered depends on who else was watching.
            return (*record[:3], record.flags & ~f.BY_GATE, *record[4:])
        if record.kind == Kind.EXEC:
            texts = (self.trace.text(number) for number in (record.number, record.a0, record.a1))
            return (*record[:4], *texts, *record[5:13])
        if record.kind == Kind.MAPPED:
            modules = self.trace.modules
            module = modules[record.number] if record.number < len(modules) else None
            return (*record[:4], module and (module.path, module.build), *record[5:])
        if record.kind == Kind.STACK:
            stacks = self.trace.stacks
            return (*record[:4], tuple(stacks[record.number]) if record.number < len(stacks) else None, *record[5:])
        return record

    def line(self, record: Record) -> str:
        """The record in words."""
        return line(record, self.lives, where=True)


def compare(first: TraceFile, second: TraceFile, choice: Choice) -> list[str] | None:
    """The lines that tell where the two part; None: they agree.

    Raises:
        TraceError: one is damaged.
    """
    sides = _Side(first, choice), _Side(second, choice)
    rows = zip_longest(sides[0].records(), sides[1].records())
    before: deque[Record] = deque(maxlen=CONTEXT)
    for count, pair in enumerate(rows):
        if pair[0] is not None and pair[1] is not None and pair[0][1] == pair[1][1]:
            before.append(pair[0][0])
            continue
        common = ["  " + sides[0].line(record) for record in before]
        after: tuple[list[str], list[str]] = [], []
        for row in (pair, *islice(rows, CONTEXT - 1)):
            for side, item, told, sign in zip(sides, row, after, "-+", strict=True):
                if item is not None:
                    told.append(f"{sign} {side.line(item[0])}")
                elif not told or told[-1] != f"{sign} {END}":
                    told.append(f"{sign} {END}")
        return [f"--- {first.name}", f"+++ {second.name}", f"the first {count} records agree, then:", *common,
                *after[0], *after[1]]
    return None
