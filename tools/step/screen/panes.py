"""The panes: each shows a part of a view in whatever space it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from prompt_toolkit.layout import UIContent, UIControl

from rvsim.tools.plain import plain
from rvsim.tools.step.screen.shell import Board
from rvsim.tools.step.screen.text import Line, cut, wrap
from rvsim.tools.step.screen.traps import Row

REGISTER_WIDTH = 21
"""A name, a mark, and 16 digits, with a column between."""


class Content(NamedTuple):
    """What a pane would show. `at`: the line that is to be seen, -1 the last one; `above`: which part of the pane's
    height is kept before it."""

    lines: Sequence[Line]
    at: int = 0
    above: float = 0.0


Maker = Callable[[int, int], Content]
"""Columns and rows to content."""


class Pane(UIControl):  # type: ignore[misc, unused-ignore]
    """One pane. `scrolled`: so many lines further down than where it stands by itself."""

    def __init__(self, name: str, make: Maker) -> None:
        self.name = name
        self.make = make
        self.scrolled = 0
        self.height = 1

    def create_content(self, width: int, height: int | None) -> UIContent:
        rows = self.height = height or 1
        content = self.make(width, rows)
        at = content.at if content.at >= 0 else len(content.lines) - 1
        most = max(len(content.lines) - rows, 0)
        top = most if content.at < 0 else min(max(at - int(rows * content.above), 0), most)
        shown = min(max(top + self.scrolled, 0), most)
        self.scrolled = shown - top
        lines = [cut(line, width) for line in content.lines[shown:shown + rows]]
        return UIContent(lambda number: lines[number], len(lines), show_cursor=False)

    def is_focusable(self) -> bool:
        return False


def panes(board: Board) -> dict[str, Pane]:
    """All panes, by their names."""
    return {name: Pane(name, make) for name, make in (
        ("traps", lambda width, height: _traps(board, width)),
        ("code", lambda width, height: Content(board.view.code, board.view.code_at, 0.35)),
        ("registers", lambda width, height: _registers(board, width, height)),
        ("processes", lambda width, height: Content(board.view.tasks, board.view.task_at, 0.5)),
        ("console", lambda width, height: _console(board, width)),
        ("output", lambda width, height: _said(board, width, height)),
    )}


def _traps(board: Board, width: int) -> Content:
    rows = board.view.traps
    digits = max((len(str(row.number)) for row in rows), default=1)
    at = 0
    lines: list[Line] = []
    for number, row in enumerate(rows):
        if row.here or (row.number and not row.ahead):
            at = number
        lines.append(_trap(row, digits, width))
    if rows and rows[-1].number == 0:
        at = len(rows) - 1
    return Content(lines, at, 0.7)


def _trap(row: Row, digits: int, width: int) -> Line:
    if not row.number:
        return [("class:dim", f"  {'·' * digits:>{digits + 1}} {row.text}")]
    style = "class:here" if row.here else "class:dim" if row.ahead else ""
    head = f"{'=>' if row.here else '  '}{f'#{row.number}':>{digits + 1}} {row.who} "
    result = cut([(style or "class:name", f" {row.result}")], max(width // 2, 8)) if row.result else []
    room = width - len(head) - sum(len(text) for _, text in result)
    return [(style, head), *cut([(style, row.text)], room), *result]


def _registers(board: Board, width: int, height: int) -> Content:
    values = board.view.registers
    if not values:
        return Content([[("class:dim", "no task, no registers")]] if board.view.head else [])
    columns = max(width // REGISTER_WIDTH, 1)
    rows = -(-len(values) // columns)
    shown = values
    note: list[Line] = []
    if rows > height > 1:
        rows = height
        hidden = [one for one in values[rows * columns:] if one.changed]
        if hidden:
            rows -= 1
            hidden = [one for one in values[rows * columns:] if one.changed]
            note = [[("class:changed", "".join(f"{one.name}*{one.value:x} " for one in hidden))]]
        shown = values[:rows * columns]
    lines: list[list[tuple[str, str]]] = [[] for _ in range(rows)]
    for at, one in enumerate(shown):
        lines[at % rows] += [("class:name", f"{one.name:>3}"),
                             ("class:changed" if one.changed else "",
                              f"{'*' if one.changed else ' '}{one.value:<16x} ")]
    return Content([*lines, *note])


def _console(board: Board, width: int) -> Content:
    lines: list[Line] = []
    for line in board.written.lines():
        lines += wrap([("", line)], width)
    if board.view.waiting and not board.running:
        lines.append([("class:changed", cut([("", "(it waits for input: i)")], width)[0][1])])
    return Content(lines, -1)


def _said(board: Board, width: int, height: int) -> Content:
    lines: list[Line] = []
    for line in list(board.said):
        lines += wrap(line, width)
    return Content(lines, -1)


def title(board: Board, program: str) -> Line:
    """The first line."""
    if board.running:
        return [("class:running", f" {plain(program)} runs; Ctrl-C stops it")]
    return [("class:title", f" {board.view.head}")]
