"""Every key that a test file may have is in a test file of this directory, or of the example lab."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from rvsim.tools.testing.suite import COUNT, RECORDS, SUITE, Contents, Times
from rvsim.tools.toml.kinds import Kind, ListOf, OneOf, Record, TableOf, name_of

HERE = Path(__file__).parent
FOLDERS = (HERE, HERE.parents[1] / "docs/examples")
ELSEWHERE = {("Suite", "image")}
"""An image is made first: test_images.py."""

Key = tuple[str, str]


def keys(kind: Kind, value: Any) -> set[Key]:
    """The keys in a value of a kind: of each, its record's name and its own."""
    match kind:
        case Record() if isinstance(value, dict):
            fields = kind.fields()
            found = {(kind.cls.__name__, name) for name in value}
            return found.union(*(keys(fields[name].metadata["kind"], one) for name, one in value.items()))
        case Contents():
            return keys(kind.record, value if isinstance(value, dict) else {kind.field: value})
        case Times() if isinstance(value, dict):
            return keys(COUNT, value)
        case ListOf():
            return set().union(*(keys(kind.kind, one) for one in (value if isinstance(value, list) else [value])))
        case TableOf():
            return set().union(*(keys(kind.kind, one) for one in value.values()))
        case OneOf():
            return set().union(*(keys(one, value) for one in kind.kinds))
        case _:
            return set()


def test_every_key_is_used() -> None:
    used: set[Key] = set()
    for folder in FOLDERS:
        for path in folder.rglob("*.rvtest.toml"):
            used |= keys(SUITE, tomllib.loads(path.read_text()))
    there = {(record.cls.__name__, name_of(field)) for record in RECORDS for field in record.fields().values()}
    assert used - there == set()
    assert there - used == ELSEWHERE
