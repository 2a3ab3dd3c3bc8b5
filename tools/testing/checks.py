"""Whether what must hold does hold, and if not, what to show."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.signals import NAMES
from rvsim.tools.errors import reason
from rvsim.tools.testing.suite import Count, FileMatch, Match

if TYPE_CHECKING:
    from rvsim.tools.testing.console import TestConsole
    from rvsim.tools.testing.guest import Guest

MOST_DIFF_LINES = 60
_NORMAL = 0o7777


@dataclass(frozen=True)
class Failure:
    """Something that does not hold. `trap`: the last trap at which all was well, None if no single one is to blame."""

    message: str
    trap: int | None = None
    diff: str = ""


class Golden:
    """Files of the host that hold what is expected. `updating`: they are written instead of compared.

    Attributes:
        written: those that were.
    """

    def __init__(self, folder: Path, updating: bool) -> None:
        self.folder = folder
        self.updating = updating
        self.written: list[Path] = []

    def expected(self, name: str, found: bytes) -> bytes | str:
        """What the file `name` holds; a text is why there is none."""
        path = self.folder / name
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = None
        except OSError as error:
            return reason(error)
        if self.updating and data != found:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(found)
            except OSError as error:
                return reason(error)
            self.written.append(path)
            return found
        return "there is no such file; --update writes it" if data is None else data


def matched(match: Match, found: bytes, what: str, golden: Golden,
            trap_at: Callable[[int], int | None]) -> list[Failure]:
    """What is wrong with some bytes of the guest. `trap_at`: the trap that came before the byte at an offset."""
    failures = []
    if match.exact is not None:
        failures += _compared(match.exact.encode(), found, f"{what} is not what is expected", "expected", trap_at)
    if match.golden is not None:
        expected = golden.expected(match.golden, found)
        if isinstance(expected, str):
            failures.append(Failure(f"{match.golden}: {expected}"))
        else:
            failures += _compared(expected, found, f"{what} differs from {match.golden}", match.golden, trap_at)
    for text in match.contains:
        if text.encode() not in found:
            failures.append(Failure(f"{what} does not contain {text!r}"))
    for text in match.lacks:
        at = found.find(text.encode())
        if at >= 0:
            failures.append(Failure(f"{what} contains {text!r}", trap_at(at)))
    for pattern in match.regex:
        if re.search(pattern.encode(), found, re.MULTILINE) is None:
            failures.append(Failure(f"{what} has no match of {pattern!r}"))
    return failures


def _compared(expected: bytes, found: bytes, message: str, name: str,
              trap_at: Callable[[int], int | None]) -> list[Failure]:
    if expected == found:
        return []
    both = min(len(expected), len(found))
    at = next((at for at in range(both) if expected[at] != found[at]), both)
    trap = trap_at(at) if at < len(found) else None
    return [Failure(message, trap, difference(expected, found, name))]


def difference(expected: bytes, found: bytes, name: str) -> str:
    """A unified diff of two texts, cut where it is long."""
    one, other = (_lines(data) for data in (expected, found))
    lines = list(difflib.unified_diff(one, other, name, "got", lineterm=""))
    if len(lines) > MOST_DIFF_LINES:
        left = len(lines) - MOST_DIFF_LINES
        lines = [*lines[:MOST_DIFF_LINES], f"... {left} more lines"]
    return "\n".join(lines)


def _lines(data: bytes) -> list[str]:
    """Lines of text; what cannot be seen is escaped, so that a difference always shows."""
    found = []
    for line in data.decode(errors="backslashreplace").splitlines(keepends=True):
        body = line[:-1] if line.endswith("\n") else line + "\\ no line end"
        found.append("".join(letter if letter.isprintable() or letter == "\t" else
                             letter.encode("unicode_escape").decode() for letter in body))
    return found


def stream_trap(console: TestConsole, stream: bytearray) -> Callable[[int], int | None]:
    """The trap in which the byte at an offset of a stream was written; only where the transcript is that stream."""

    def trap_at(offset: int) -> int | None:
        if stream != console.transcript:
            return None
        found = None
        for start, trap in console.writes:
            if start > offset:
                break
            found = trap
        return found

    return trap_at


def ending(guest: Guest, status: int, signal: str | None) -> list[Failure]:
    """How the first process ended, and how it was to end."""
    code = guest.signal
    name = NAMES.get(code, str(code))
    if signal is not None:
        if name != signal or not code:
            got = f"killed by {name}" if code else f"status {guest.status}"
            return [Failure(f"expected to be killed by {signal}, got {got}", guest.traps())]
    elif code:
        return [Failure(f"expected status {status}, got killed by {name}", guest.traps())]
    elif guest.status != status & 0xFF:
        return [Failure(f"expected status {status}, got {guest.status}", guest.traps())]
    return []


def counted(what: str, wanted: Mapping[str, Count], found: Mapping[str, int],
            traps: Mapping[str, int]) -> list[Failure]:
    """How often things happened, and how often they were to. `traps`: where each was first."""
    failures = []
    for name, count in wanted.items():
        times = found.get(name, 0)
        if times < count.least or (count.most is not None and times > count.most):
            failures.append(Failure(f"expected {what} {name} {_times(count)}, got {times}", traps.get(name)))
    return failures


def _times(count: Count) -> str:
    if count.most is None:
        return f"at least {count.least} times"
    if count.least == count.most:
        return "never" if not count.most else f"{count.most} times"
    return f"{count.least} to {count.most} times"


def file_afterwards(guest: Guest, path: str, wanted: FileMatch, golden: Golden) -> list[Failure]:
    """What is wrong with a file of the guest."""
    try:
        data = guest.read_file(path)
    except OSError as error:
        if wanted.absent and isinstance(error, FileNotFoundError):
            return []
        return [Failure(f"{path}: {reason(error)}")]
    if wanted.absent:
        return [Failure(f"{path} exists, and should not")]
    failures = matched(wanted, data, path, golden, lambda _at: None)
    if wanted.mode is not None:
        mode = guest.file_mode(path) & _NORMAL
        if wanted.mode.lstrip("0") != f"{mode:o}".lstrip("0"):
            failures.append(Failure(f"{path} has mode {mode:o}, expected {wanted.mode}"))
    return failures
