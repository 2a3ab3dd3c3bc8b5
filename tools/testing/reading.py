"""A test file from its text: checked, with the line of whatever is wrong, and its matrix multiplied out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rvsim.tools.testing.suite import CASE, MATRIX, SUITE, Case, Suite
from rvsim.tools.toml.kinds import Filled, Wrong
from rvsim.tools.toml.places import Places
from rvsim.tools.toml.reading import printable, read_toml

MOST_CASES = 100_000
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class BadTestFile(Exception):
    """A test file that cannot be used: one line with its name and the place."""


@dataclass(frozen=True)
class Test:
    """One case with its values. `line`: where the case begins in its file; `number`: which case of the file."""

    __test__ = False

    id: str
    case: Case
    line: int
    number: int


@dataclass(frozen=True)
class TestFile:
    """A test file."""

    __test__ = False

    suite: Suite
    tests: tuple[Test, ...]


def read(data: bytes, name: str) -> TestFile:
    """The tests that a file has. Raises BadTestFile."""
    return read_toml(data, name, _tests, BadTestFile)


def _tests(raw: dict[str, Any], places: Places) -> TestFile:
    raw_cases = raw.get("case", [])
    suite = SUITE.read({**raw, "case": []} if isinstance(raw_cases, list) else raw, ())
    if not raw_cases:
        raise Wrong((), "there is no case; write [[case]] with name and argv")
    tests: list[Test] = []
    ids: dict[str, int] = {}
    for number, raw_case in enumerate(raw_cases):
        where = "case", number
        line = places.line(where)
        for chosen in _combinations(suite, raw_case, where):
            case = CASE.read(_filled(raw_case, chosen) if chosen else raw_case, where)
            suite.check_case(case, where)
            values = "-".join(printable(value) for value in chosen.values())
            name = printable(case.name) + (f"[{values}]" if values else "")
            if name in ids:
                raise Wrong((*where, "name"), f"{name!r} is the name of the case in line {ids[name]} too")
            ids[name] = line
            if len(tests) >= MOST_CASES:
                raise Wrong(where, f"there are more than {MOST_CASES:,} cases")
            tests.append(Test(name, case, line, number))
    return TestFile(suite, tuple(tests))


def _combinations(suite: Suite, raw_case: object, where: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    """The values of each case that a case stands for; one without values if there is no matrix."""
    own = raw_case.get("matrix", {}) if isinstance(raw_case, dict) else {}
    matrix = suite.matrix | MATRIX.read(own, (*where, "matrix"))
    for name, values in matrix.items():
        if not values:
            raise Wrong((*where, "matrix", name), "has no values")
    for values in itertools.product(*matrix.values()):
        yield dict(zip(matrix, values, strict=True))


def _filled(value: Any, chosen: dict[str, Any]) -> Any:
    """A value with its variables replaced. A text that is nothing but a variable may be a number, too."""
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value)
        if whole is not None and whole[1] in chosen:
            found = chosen[whole[1]]
            return found if isinstance(found, str) else Filled.of(found)
        return _VARIABLE.sub(lambda match: printable(chosen[match[1]]) if match[1] in chosen else match[0], value)
    if isinstance(value, list):
        return [_filled(one, chosen) for one in value]
    if isinstance(value, dict):
        return {name if name == "matrix" else _VARIABLE.sub(
            lambda match: printable(chosen[match[1]]) if match[1] in chosen else match[0], name):
                one if name == "matrix" else _filled(one, chosen) for name, one in value.items()}
    return value
