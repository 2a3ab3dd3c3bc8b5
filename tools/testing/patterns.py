"""What to look for in a guest's output: text, regular expressions, or lists of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class EOF(Exception):
    """As a pattern: the guest's output ends, because the machine did."""


class TIMEOUT(Exception):
    """As a pattern: nothing else matched before a limit, or before the guest waits for input that it does not get."""


Pattern = str | bytes | re.Pattern[bytes] | re.Pattern[str] | type[EOF] | type[TIMEOUT]


class Found(NamedTuple):
    """The first match: which pattern, and where."""

    which: int
    match: re.Match[bytes]


class Patterns:
    """One pattern or several: the one that matches earliest counts; of those, the first. `exact`: plain text."""

    def __init__(self, wanted: Pattern | Sequence[Pattern], exact: bool = False) -> None:
        single = isinstance(wanted, (str, bytes, re.Pattern, type))
        self.wanted: list[Pattern] = [wanted] if single else list(wanted)  # type: ignore[arg-type, list-item]
        self.compiled: list[tuple[int, re.Pattern[bytes]]] = []
        for index, one in enumerate(self.wanted):
            if isinstance(one, type):
                if one not in (EOF, TIMEOUT):
                    raise TypeError(f"{one!r} is no pattern")
            elif exact and isinstance(one, (str, bytes)):
                self.compiled.append((index, re.compile(re.escape(one.encode() if isinstance(one, str) else one))))
            else:
                self.compiled.append((index, compiled(one)))

    def index_of(self, special: type[EOF] | type[TIMEOUT]) -> int | None:
        """Where EOF or TIMEOUT stands among the patterns."""
        return self.wanted.index(special) if special in self.wanted else None

    def search(self, data: bytes | bytearray, start: int) -> Found | None:
        """The match that begins earliest."""
        best: Found | None = None
        for index, pattern in self.compiled:
            match = pattern.search(data, start)
            if match is not None and (best is None or match.start() < best.match.start()):
                best = Found(index, match)
        return best

    def __str__(self) -> str:
        return " or ".join(one.__name__ if isinstance(one, type) else repr(_text(one)) for one in self.wanted)


def compiled(pattern: str | bytes | re.Pattern[bytes] | re.Pattern[str]) -> re.Pattern[bytes]:
    """A pattern of bytes, in which `.` also matches a line's end; text counts as UTF-8."""
    if isinstance(pattern, re.Pattern):
        if isinstance(pattern.pattern, bytes):
            return pattern
        return re.compile(pattern.pattern.encode(), pattern.flags & ~re.UNICODE)
    data = pattern.encode() if isinstance(pattern, str) else pattern
    return re.compile(data, re.DOTALL)


def _text(pattern: str | bytes | re.Pattern[bytes] | re.Pattern[str]) -> str:
    raw = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw
