"""Lines of styled pieces, cut and wrapped to a width; what a terminal would obey is made harmless."""

from __future__ import annotations

from collections.abc import Sequence

from prompt_toolkit.utils import get_cwidth

from rvsim.tools.plain import plain
from rvsim.tools.step.style import Style

Piece = tuple[str, str]
"""(style, text), as prompt_toolkit wants it."""
Line = Sequence[Piece]

KINDS = ("head", "changed", "address", "here", "error", "dim", "name")
_BEGIN, _END, _FIRST = "\ue000", "\ue001", 0xE010
"""Private-use characters: those of a guest could change how its own text looks, and no more."""


class Marked(Style):
    """Paints with marks, which `pieces` turns into styles; no text reaches the terminal as it is."""

    def __init__(self) -> None:
        super().__init__(True)

    def paint(self, kind: str, text: str) -> str:
        return f"{_BEGIN}{chr(_FIRST + KINDS.index(kind))}{text}{_END}"


def pieces(text: str) -> list[Piece]:
    """A line with the marks of `Marked`."""
    found: list[Piece] = []
    for at, part in enumerate(text.split(_BEGIN)):
        style = ""
        if at and part and 0 <= ord(part[0]) - _FIRST < len(KINDS):
            style = f"class:{KINDS[ord(part[0]) - _FIRST]}"
            part = part[1:]
        painted, end, rest = part.partition(_END)
        found.append((style, plain(painted)))
        if end:
            found.append(("", plain(rest)))
    return [one for one in found if one[1]]


def cut(line: Line, width: int) -> list[Piece]:
    """The line in at most `width` columns; an ellipsis stands for what is missing."""
    if sum(get_cwidth(text) for _, text in line) <= width:
        return list(line)
    kept: list[Piece] = []
    left = width - 1
    for style, text in line:
        taken = _head(text, left)
        kept.append((style, taken))
        left -= get_cwidth(taken)
        if taken != text:
            break
    return [*kept, ("", "…")] if width > 0 else []


def wrap(line: Line, width: int) -> list[Line]:
    """The line as several of at most `width` columns."""
    found: list[Line] = []
    row: list[Piece] = []
    left = width
    for style, text in line:
        while text:
            taken = _head(text, left)
            if not taken:
                if not row:         # a wide letter in a narrow pane
                    text = text[1:]
                    continue
                found.append(row)
                row, left = [], width
                continue
            row.append((style, taken))
            left -= get_cwidth(taken)
            text = text[len(taken):]
    return [*found, row]


def _head(text: str, width: int) -> str:
    """The longest beginning of at most `width` columns."""
    if get_cwidth(text) <= width:
        return text
    at = used = 0
    while at < len(text) and used + get_cwidth(text[at]) <= width:
        used += get_cwidth(text[at])
        at += 1
    return text[:at]
