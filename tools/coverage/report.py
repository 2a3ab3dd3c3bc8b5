"""Which lines and functions of which source files ran: plain data that is filtered, merged and written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rvsim.tools.coverage.code_map import CodeMap

VERSION = 1


@dataclass(slots=True)
class Source:
    """A source file. `lines`: how often each line ran that has code; `functions`: (line, how often) by name."""

    lines: dict[int, int] = field(default_factory=dict)
    functions: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Plain:
    """A program without DWARF: whether each function that its symbols tell of was entered."""

    functions: dict[str, bool] = field(default_factory=dict)


class Report:
    """Sources by their path, as the compiler was given it, and programs without DWARF by theirs in the guest."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.plain: dict[str, Plain] = {}

    def add_code(self, path: str, code: CodeMap, ran: set[tuple[int, int]]) -> None:
        """What ran, ranges of bytes of the file at `path`. Counts are 0 or 1."""
        addresses = code.addresses(ran)
        if not code.statements:
            plain = self.plain.setdefault(path, Plain())
            seen: set[int] = set()
            for symbol in code.symbols.symbols:
                if symbol.start not in seen:        # the first name, of several
                    seen.add(symbol.start)
                    hit = symbol.start in addresses
                    plain.functions[symbol.name] = plain.functions.get(symbol.name, False) or hit
            return
        for one in code.statements:
            lines = self.sources.setdefault(one.path, Source()).lines
            if not lines.get(one.line):
                lines[one.line] = int(addresses.overlap(one.start, one.end))
        for function in code.functions:
            source = self.sources.get(function.path)
            if source is None:
                continue
            line, count = source.functions.get(function.name, (function.line, 0))
            hit = addresses.overlap(function.start, function.end) if function.inlined else function.start in addresses
            source.functions[function.name] = min(line, function.line), max(count, int(hit))

    def merge(self, other: Report, add: bool = False) -> None:
        """Take over what `other` has too: for each line the larger count, or the sum if they `add` up."""
        for path, source in other.sources.items():
            mine = self.sources.setdefault(path, Source())
            for line, count in source.lines.items():
                before = mine.lines.get(line, 0)
                mine.lines[line] = before + count if add else max(before, count)
            for name, (line, count) in source.functions.items():
                start, before = mine.functions.get(name, (line, 0))
                mine.functions[name] = min(start, line), before + count if add else max(before, count)
        for path, plain in other.plain.items():
            functions = self.plain.setdefault(path, Plain()).functions
            for name, hit in plain.functions.items():
                functions[name] = functions.get(name, False) or hit

    def only(self, prefixes: Iterable[str]) -> Report:
        """The sources below any of these paths, without the programs that have no sources; all, if there are none."""
        below = [prefix.rstrip("/") for prefix in prefixes]
        if not below:
            return self
        found = Report()
        found.sources = {path: source for path, source in self.sources.items()
                         if any(path == prefix or path.startswith(prefix + "/") for prefix in below)}
        return found

    def moved(self, substitutions: Iterable[tuple[str, str]]) -> Report:
        """With paths that begin with the first of a pair beginning with the second; the first pair that fits counts."""
        pairs = [(old.rstrip("/"), new.rstrip("/")) for old, new in substitutions]
        moved = Report()
        moved.plain = self.plain
        for path, source in self.sources.items():
            for old, new in pairs:
                if path == old or path.startswith(old + "/"):
                    path = new + path[len(old):]
                    break
            one = Report()
            one.sources[path] = source
            moved.merge(one)
        return moved

    def to_data(self) -> dict[str, Any]:
        """As JSON can have it."""
        return {
            "version": VERSION,
            "sources": {path: {"lines": sorted(source.lines.items()),
                               "functions": [[name, *at] for name, at in source.functions.items()]}
                        for path, source in sorted(self.sources.items())},
            "plain": {path: {"functions": plain.functions} for path, plain in sorted(self.plain.items())},
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Report:
        """What `to_data` gave.

        Raises:
            ValueError: it is of another version.
        """
        if data.get("version") != VERSION:
            raise ValueError("coverage data of another version of rvsim")
        report = cls()
        for path, one in data["sources"].items():
            report.sources[path] = Source(dict(one["lines"]),
                                          {name: (line, count) for name, line, count in one["functions"]})
        for path, one in data["plain"].items():
            report.plain[path] = Plain(dict(one["functions"]))
        return report
