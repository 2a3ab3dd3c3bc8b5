"""How a terminal's rows and columns are shared out among the panes."""

from __future__ import annotations

from typing import NamedTuple

LEAST_COLUMNS, LEAST_ROWS = 80, 24
REGISTERS_COLUMNS = 42
ALL_REGISTERS_ROWS = 17


class Sizes(NamedTuple):
    """Rows of each pane without its heading, and the columns of the right-hand panes.

    Traps stand over the code, and registers over the tasks over the console, with headings; under them all, what
    commands said.
    """

    traps: int
    code: int
    registers: int
    tasks: int
    console: int
    said: int
    right: int


def sizes(rows: int, columns: int) -> Sizes:
    """The panes of a terminal of at least `LEAST_ROWS` and `LEAST_COLUMNS`."""
    said = 6 + (rows - LEAST_ROWS) // 4
    upper = rows - said - 4         # a title, a heading, the command line, the keys
    traps = 5 + (upper - 14) // 3
    registers = min(ALL_REGISTERS_ROWS, 6 + (upper - 14) * 3 // 5)
    rest = upper - registers - 3
    tasks = 2 + (rest - 5) // 2
    right = min(max(REGISTERS_COLUMNS, columns * 2 // 5), 76)
    return Sizes(traps, upper - traps - 2, registers, tasks, rest - tasks, said, right)
