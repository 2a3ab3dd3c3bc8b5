"""Where in a TOML file a value stands: its line, which `tomllib` does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_BARE = r"[A-Za-z0-9_-]+"
_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'"
_PART = re.compile(rf"\s*({_BARE}|{_QUOTED})\s*")
_SPECIAL = re.compile(r"\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|#[^\n]*|[\[\]{}]|\n")

Path = tuple[str | int, ...]


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """A dotted key that begins at `at`, and where it ends."""
    parts: list[str] = []
    while match := _PART.match(text, at):
        word = match[1]
        if word[0] in "\"'":
            word = str(tomllib.loads(f"k = {word}")["k"])
        parts.append(word)
        at = match.end()
        if at >= len(text) or text[at] != ".":
            break
        at += 1
    return tuple(parts), at


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a file that parses: each with its line, from 1. Values may take several lines."""
    start = at = depth = 0
    line = first = 1
    while True:
        match = _SPECIAL.search(text, at)
        if match is None:
            break
        token, at = match[0], match.end()
        if token in ('"""', "'''"):
            end = _end_of_string(text, at, token)
            line += text.count("\n", at, end)
            at = end
        elif token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
        elif token == "\n":
            line += 1
            if depth <= 0:
                yield first, text[start:match.start()]
                start, first, depth = at, line, 0
    yield first, text[start:]


def _end_of_string(text: str, at: int, quote: str) -> int:
    """Behind the end of a string of several lines."""
    while True:
        end = text.find(quote, at)
        if end < 0:
            return len(text)
        slashes = len(text[at:end]) - len(text[at:end].rstrip("\\"))
        if quote == '"""' and slashes % 2:
            at = end + 1
            continue
        end += 3
        while end < len(text) and text[end] == quote[0]:
            end += 1
        return end


class Places:
    """The lines of one file, which `tomllib` has read without complaint."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, tuple[int, str]] = {(): (1, "")}
        counts: dict[Path, int] = {}
        table: Path = ()
        for line, statement in _statements(text):
            bare = statement.lstrip()
            line += statement[:len(statement) - len(bare)].count("\n")
            if not bare or bare[0] == "#":
                continue
            if bare.startswith("[["):
                parts, _ = _key(bare, 2)
                path = _within(counts, parts[:-1]) + parts[-1:]
                index = counts.get(path, -1) + 1
                counts[path] = index
                table = (*path, index)
                self._lines.setdefault(path, (line, ""))
                self._lines[table] = line, ""
            elif bare[0] == "[":
                parts, _ = _key(bare, 1)
                table = _within(counts, parts)
                self._lines.setdefault(table, (line, ""))
            else:
                parts, end = _key(bare, 0)
                for length in range(1, len(parts)):
                    self._lines.setdefault((*table, *parts[:length]), (line, ""))
                self._lines[(*table, *parts)] = line, bare[end:]

    def line(self, where: Path) -> int:
        """The line, from 1, of a value; if it stands within another, as near as can be told."""
        length = len(where)
        while where[:length] not in self._lines:
            length -= 1
        line, text = self._lines[where[:length]]
        at = 0
        for part in where[length:]:
            if isinstance(part, str):
                match = re.search(rf"(?<![\w-])[\"']?{re.escape(part)}[\"']?\s*[=.]", text[at:])
                if match is not None:
                    at += match.start()
        return line + text.count("\n", 0, at)


def _within(counts: dict[Path, int], parts: tuple[str, ...]) -> Path:
    """The path of a table: behind the name of a list of tables comes the number of the last one."""
    path: Path = ()
    for part in parts:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path])
    return path
