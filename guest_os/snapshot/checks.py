"""Whether records from a file can be made into objects, and what these may be.

Only classes of the schema are made, each with fields that it declares, of types that the schema allows. Every reference
leads to a record, and what must exist before something else comes before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rvsim.guest_os.snapshot.names import CONSTANTS, name_of_class
from rvsim.guest_os.snapshot.records import ATOMS, METHODS, Record, What
from rvsim.guest_os.snapshot.schema import FIELDS
from rvsim.guest_os.snapshot.shapes import Shape, layout

MAX_NESTING = 32
"""Of tuples in tuples."""

_ATOM_CODES = {type(None): "n", bool: "b", int: "i", float: "f", str: "s"}
_CODES = {
    What.LIST: "L", What.DICT: "D", What.SET: "S", What.FROZENSET: "T", What.TUPLE: "T", What.DEQUE: "Q",
    What.BYTES: "y", What.BYTEARRAY: "Y", What.NAMED_TUPLE: "T", What.ENUM: "E", What.METHOD: "C",
    What.CONSTANT: "C", What.OUTSIDE: "O", What.CONTEXT: "X", What.PAGE_TABLE: "P", What.WEAK_DICT: "D",
    What.HOST_FILE: "D", What.HOST_FDS: "H", What.HOST_SOURCE: "H", What.ARRAY: "A",
}
LATE = frozenset((What.TUPLE, What.FROZENSET, What.NAMED_TUPLE, What.METHOD, What.HOST_FDS, What.HOST_SOURCE))
"""What is made of other records, and so comes after them."""
_UNHASHABLE = frozenset((What.LIST, What.DICT, What.SET, What.DEQUE, What.BYTEARRAY, What.WEAK_DICT, What.ARRAY,
                         What.HOST_FILE, What.CONTEXT))
_ARRAY_TYPES = "bBhHiIlLqQ"


class Bad(Exception):
    """What is wrong with a record; for the one who reads the traceback, not for the user."""


def declared(kind: type) -> dict[str, str]:
    """The fields that a class of the schema and its bases declare, and their types; the most exact one counts."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        for item in FIELDS.get(name_of_class(base), "").split():
            name, _, codes = item.partition("=")
            if codes != "?" or name not in found:
                found[name] = codes
    return found


def digest(names: Iterable[str]) -> str:
    """Of what the schema says of these classes: two versions of rvsim with the same understand the same."""
    text = []
    for name in sorted(set(names)):
        kind = CONSTANTS.class_named(name)
        text.append(f"{name} {sorted(declared(kind).items()) if kind is not None else ''}")
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def shape_of(name: str, fields: Sequence[str]) -> Shape:
    """The shape of a class that may be made, with fields that it has. Raises Bad."""
    if name not in FIELDS:
        raise Bad(f"no class {name}")
    kind = CONSTANTS.class_named(name)
    if kind is None:
        raise Bad(f"no class {name}")
    known = declared(kind)
    if len(set(fields)) != len(fields) or not set(fields) <= known.keys():
        raise Bad(f"{name} has other fields")
    return layout(kind).shape(tuple(fields))


class Checker:
    """Goes through the records of a file once. `shapes`: what `shape_of` gave. Each record begins with an integer."""

    def __init__(self, records: Sequence[Record], shapes: Sequence[Shape]) -> None:
        self.records = records
        self.shapes = shapes
        self.depths: dict[int, int] = {}
        self._allowed: list[tuple[tuple[frozenset[str], tuple[type, ...]] | None, ...]] = []
        self._fits: dict[tuple[int, frozenset[str], tuple[type, ...]], bool] = {}

    def check(self) -> None:
        """Raises Bad."""
        for shape in self.shapes:
            known = declared(shape.kind)
            self._allowed.append(tuple(_types(known[name]) for name in shape.names))
        for index, record in enumerate(self.records):
            what = record[0]
            if what >= 0:
                self._instance(record)
            else:
                check = _CHECKS.get(what)
                if check is None:
                    raise Bad("a record of no kind")
                check(self, index, record)

    def _ref(self, part: Any) -> Record | None:
        """The record that a part refers to, None for an atom. Raises Bad."""
        if part.__class__ in ATOMS:
            return None
        if part.__class__ is not tuple or len(part) != 1 or part[0].__class__ is not int or not (
                0 <= part[0] < len(self.records)):
            raise Bad("a reference that leads nowhere")
        return self.records[part[0]]

    def _instance(self, record: Record) -> None:
        if record[0] >= len(self.shapes):
            raise Bad("no such class")
        allowed = self._allowed[record[0]]
        if len(record) != len(allowed) + 1:
            raise Bad("an instance with other fields")
        for at, types in enumerate(allowed, 1):
            part = record[at]
            found = self._ref(part)
            if types is not None and not self._fit(part, found, *types):
                shape = self.shapes[record[0]]
                raise Bad(f"{shape.name}.{shape.names[at - 1]} with the wrong type")

    def _fit(self, part: Any, found: Record | None, codes: frozenset[str], kinds: tuple[type, ...]) -> bool:
        if found is None:
            return _ATOM_CODES[part.__class__] in codes
        what = found[0]
        if what == What.CONSTANT:
            thing = CONSTANTS.things.get(found[1])
            return isinstance(thing, kinds) or (callable(thing) and "C" in codes) or (
                isinstance(thing, Mapping) and "D" in codes)
        if what < 0:
            return _CODES.get(what, "") in codes or (what == What.ENUM and "i" in codes)
        if what >= len(self.shapes):
            return False
        key = what, codes, kinds
        fits = self._fits.get(key)
        if fits is None:
            kind = self.shapes[what].kind
            called = "C" in codes and any("__call__" in base.__dict__ for base in kind.__mro__)
            fits = self._fits[key] = called or issubclass(kind, kinds)
        return fits

    def _parts(self, index: int, record: Record, start: int = 1) -> None:
        """Parts of what is filled last."""
        for part in record[start:]:
            self._ref(part)

    def _late(self, index: int, record: Record, start: int = 1) -> None:
        """Parts of what is made in the order of the records."""
        depth = 0
        for part in record[start:]:
            found = self._ref(part)
            if found is not None and found[0] in LATE:
                if part[0] >= index:
                    raise Bad("a tuple before its members")
                depth = max(depth, self.depths[part[0]])
        self.depths[index] = depth + 1
        if depth >= MAX_NESTING:
            raise Bad("tuples too deep in each other")

    def _keys(self, index: int, record: Record) -> None:
        if len(record) % 2 == 0:
            raise Bad("a key without a value")
        self._parts(index, record)
        for part in record[1::2]:
            found = self._ref(part)
            if found is not None and found[0] in _UNHASHABLE:
                raise Bad("a key that cannot be one")

    def _set(self, index: int, record: Record) -> None:
        self._late(index, record) if record[0] == What.FROZENSET else self._parts(index, record)
        for part in record[1:]:
            found = self._ref(part)
            if found is not None and found[0] in _UNHASHABLE:
                raise Bad("a member that cannot be one")

    def _deque(self, index: int, record: Record) -> None:
        if len(record) < 2 or not (record[1] is None or (record[1].__class__ is int and 0 <= record[1] < 1 << 31)):
            raise Bad("a queue with an impossible limit")
        self._parts(index, record, 2)

    def _bytes(self, index: int, record: Record) -> None:
        if len(record) != 2 or type(record[1]) is not bytes:
            raise Bad("bytes that are none")

    def _array(self, index: int, record: Record) -> None:
        if len(record) < 2 or type(record[1]) is not str or len(record[1]) != 1 or record[1] not in _ARRAY_TYPES or any(
                part.__class__ is not int for part in record[2:]):
            raise Bad("an array of no numbers")

    def _named_tuple(self, index: int, record: Record) -> None:
        kind = CONSTANTS.class_named(record[1]) if len(record) > 1 and type(record[1]) is str else None
        if kind is None or not issubclass(kind, tuple) or len(getattr(kind, "_fields", ())) != len(record) - 2:
            raise Bad("a tuple of no such class")
        self._late(index, record, 2)

    def _enum(self, index: int, record: Record) -> None:
        kind = CONSTANTS.class_named(record[1]) if len(record) == 3 and type(record[1]) is str else None
        if kind is None or not hasattr(kind, "__members__") or record[2].__class__ not in (int, str):
            raise Bad("a member of no such class")
        try:
            kind(record[2])
        except ValueError:
            raise Bad("no such member") from None

    def _method(self, index: int, record: Record) -> None:
        if len(record) != 3 or type(record[2]) is not str:
            raise Bad("no method")
        owner = self._ref(record[1])
        if owner is None or owner[0] in LATE:
            raise Bad("no method")
        name = self.shapes[owner[0]].name if 0 <= owner[0] < len(self.shapes) else owner[1] if (
            owner[0] == What.OUTSIDE and len(owner) == 2) else None
        if (name, record[2]) not in METHODS:
            raise Bad("a method that nothing holds")
        self.depths[index] = 1

    def _constant(self, index: int, record: Record) -> None:
        try:
            known = len(record) == 2 and type(record[1]) is str and CONSTANTS.constant(record[1]) is not None
        except KeyError:
            known = False
        if not known:
            raise Bad("no such constant")

    def _outside(self, index: int, record: Record) -> None:
        if len(record) != 2 or record[1] not in OUTSIDE:
            raise Bad("nothing of that name outside")

    def _context(self, index: int, record: Record) -> None:
        if len(record) != 2 or type(record[1]) is not bytes or len(record[1]) != 552:
            raise Bad("registers that are none")

    def _page_table(self, index: int, record: Record) -> None:
        if len(record) != 11 or any(part.__class__ not in (int, bool) or not 0 <= part < 1 << 64
                                    for part in record[1:]):
            raise Bad("no page table")

    def _host_file(self, index: int, record: Record) -> None:
        if len(record) != 2 or type(record[1]) is not str:
            raise Bad("no name of a program")

    def _host_path(self, index: int, record: Record) -> None:
        path = self._ref(record[1]) if len(record) == 3 else None
        if path is None or path[0] != What.BYTES or record[2].__class__ is not int:
            raise Bad("no path of the host")
        self.depths[index] = 1


def _types(codes: str) -> tuple[frozenset[str], tuple[type, ...]] | None:
    """What a field may be: codes, and classes; None for anything."""
    if codes == "?":
        return None
    parts = codes.split("|")
    kinds = tuple(kind for part in parts if ":" in part and (kind := CONSTANTS.class_named(part)) is not None)
    return frozenset(part for part in parts if ":" not in part), kinds


OUTSIDE = frozenset(("console", "outside", "host", "hart", "frames", "calls:linux", "calls:rcore", "calls:rcore:8"))
_CHECKS = {
    What.LIST: Checker._parts, What.DICT: Checker._keys, What.SET: Checker._set, What.FROZENSET: Checker._set,
    What.TUPLE: Checker._late, What.DEQUE: Checker._deque, What.BYTES: Checker._bytes,
    What.BYTEARRAY: Checker._bytes, What.NAMED_TUPLE: Checker._named_tuple, What.ENUM: Checker._enum,
    What.METHOD: Checker._method, What.CONSTANT: Checker._constant, What.OUTSIDE: Checker._outside,
    What.CONTEXT: Checker._context, What.PAGE_TABLE: Checker._page_table, What.WEAK_DICT: Checker._keys,
    What.HOST_FILE: Checker._host_file, What.HOST_FDS: Checker._host_path, What.HOST_SOURCE: Checker._host_path,
    What.ARRAY: Checker._array,
}
