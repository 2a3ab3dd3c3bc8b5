"""From the objects of a machine to records."""

from __future__ import annotations

import os
import types
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum
from itertools import chain
from typing import Any

from rvsim.emu._gate import Context, PageTable, context_state, table_state
from rvsim.guest_os.boot import APPS
from rvsim.guest_os.fs.host_chunks import HostChunks
from rvsim.guest_os.fs.host_fds import HostFds
from rvsim.guest_os.fs.hostfs import KnownNodes
from rvsim.guest_os.snapshot import garbage
from rvsim.guest_os.snapshot.names import CONSTANT_HOMES, CONSTANTS, PREFIX, name_of_class
from rvsim.guest_os.snapshot.records import ATOMS, METHODS, Record, What
from rvsim.guest_os.snapshot.shapes import Shape, Unsaved, layout

_Ref = tuple[int]
HOST_SOURCES = ("fs.archive_source:HostSource", "fs.layered_source:LayeredSource", "recording.host:RememberedSource")
"""By name, since their modules are imported only by machines that read an archive or an image."""
_SOURCE_NAMES = tuple(name.partition(":")[2] for name in HOST_SOURCES)


class Encoder:
    """Takes one graph apart. `outside` gives the names of what is not part of it, by identity."""

    def __init__(self, outside: dict[int, str]) -> None:
        self.records: list[Record] = []
        self.shapes: dict[Shape, int] = {}
        self.tables: list[PageTable] = []
        self._constants = CONSTANTS.refresh().names
        self._outside = outside
        self._known: dict[int, _Ref] = {}
        self._left: list[tuple[int, Any]] = []
        self._kept: list[Any] = []

    def encode(self, root: Any) -> None:
        """Make the records; the first one is `root`.

        Raises:
            Unsaved: something in the graph is no plain data.
        """
        with garbage.none_made():
            self._visit(root)
            left, records, values = self._left, self.records, self._values
            while left:
                index, thing = left.pop()
                records[index] = _CONTAINERS[type(thing)](self, thing) if type(thing) in _CONTAINERS else (
                    self._instance(thing, values))

    # ---- parts

    def _values(self, things: Iterable[Any]) -> list[Any]:
        known = self._known
        parts: list[Any] = []
        for thing in things:
            if thing.__class__ in ATOMS:
                parts.append(thing)
            else:
                ref = known.get(id(thing))
                parts.append(ref if ref is not None else self._visit(thing))
        return parts

    def _visit(self, thing: Any) -> _Ref:
        """A reference to something that was not met before."""
        kind = type(thing)
        ref: _Ref
        if kind in _CONTAINERS:
            name = self._constants.get(id(thing))
            if name is not None:
                return self._add(thing, self._constant(thing, name))
            ref = (len(self.records),)
            self._known[id(thing)] = ref
            self.records.append(())
            self._left.append((ref[0], thing))
            return ref
        make = _LEAVES.get(kind)
        if make is not None:
            return self._add(thing, make(self, thing))
        name = self._outside.get(id(thing))
        if name is not None:
            return self._add(thing, (What.OUTSIDE, name))
        name = self._constants.get(id(thing))
        if name is not None:
            return self._add(thing, self._constant(thing, name))
        if kind.__name__ in _SOURCE_NAMES and name_of_class(kind) in HOST_SOURCES:
            return self._add(thing, (What.HOST_SOURCE, *self._values((thing.path,)), thing.size))
        if isinstance(thing, Enum):
            return self._add(thing, (What.ENUM, name_of_class(kind), thing.value))
        if isinstance(thing, tuple) and kind.__module__.startswith(PREFIX):
            return self._add(thing, (What.NAMED_TUPLE, name_of_class(kind), *self._values(thing)))
        layout(kind)
        ref = (len(self.records),)
        self._known[id(thing)] = ref
        self.records.append(())
        self._left.append((ref[0], thing))
        return ref

    def _add(self, thing: Any, record: Record) -> _Ref:
        ref = self._known[id(thing)] = (len(self.records),)
        self.records.append(record)
        return ref

    def _instance(self, thing: Any, values: Callable[[Iterable[Any]], list[Any]]) -> Record:
        shape, fields = layout(type(thing)).fields(thing)
        number = self.shapes.get(shape)
        if number is None:
            number = self.shapes[shape] = len(self.shapes)
        if shape.transient:
            changed = list(fields)
            for index, value in shape.transient:
                changed[index] = made = value() if isinstance(value, type) else value
                self._kept.append(made)
            fields = tuple(changed)
        return (number, *values(fields))

    # ---- what is mutable

    def _list(self, thing: list[Any]) -> Record:
        return (What.LIST, *self._values(thing))

    def _dict(self, thing: dict[Any, Any]) -> Record:
        return (What.DICT, *self._values(chain.from_iterable(thing.items())))

    def _weak(self, thing: KnownNodes) -> Record:
        pairs = list(thing.alive().items())
        self._kept.append(pairs)
        return (What.WEAK_DICT, *self._values(part for pair in pairs for part in pair))

    def _set(self, thing: set[Any]) -> Record:
        return (What.SET, *self._values(in_order(thing)))

    def _deque(self, thing: deque[Any]) -> Record:
        return (What.DEQUE, thing.maxlen, *self._values(thing))

    def _host_chunks(self, thing: HostChunks) -> Record:
        if thing.host_path is not None:
            folder, name = os.path.split(thing.host_path)
            if folder == str(APPS):
                return (What.HOST_FILE, name)
            thing.get(0)        # now it reads them
        return self._dict(thing)

    # ---- what is there at once

    def _bytes(self, thing: bytes) -> Record:
        return (What.BYTES, thing)

    def _bytearray(self, thing: bytearray) -> Record:
        return (What.BYTEARRAY, bytes(thing))

    def _array(self, thing: array[Any]) -> Record:
        return (What.ARRAY, thing.typecode, *thing)

    def _tuple(self, thing: tuple[Any, ...]) -> Record:
        return (What.TUPLE, *self._values(thing))

    def _frozenset(self, thing: frozenset[Any]) -> Record:
        return (What.FROZENSET, *self._values(in_order(thing)))

    def _context(self, thing: Context) -> Record:
        return (What.CONTEXT, context_state(thing))

    def _page_table(self, thing: PageTable) -> Record:
        self.tables.append(thing)
        return (What.PAGE_TABLE, *table_state(thing))

    def _host_fds(self, thing: HostFds) -> Record:
        numbers = () if thing.host.live else thing.numbers()
        return (What.HOST_FDS, *self._values((thing.root_path,)), thing.limit, *self._values(numbers))

    def _named(self, thing: Any) -> Record:
        """A class or a function: only what a module of the kernel has under its name."""
        return self._constant(thing, self._constants.get(id(thing), ""))

    def _constant(self, thing: Any, name: str) -> Record:
        if not name.startswith(CONSTANT_HOMES):
            raise Unsaved(f"{name or thing!r} is part of the kernel's state and cannot be called by its name")
        return (What.CONSTANT, name)

    def _method(self, thing: types.MethodType) -> Record:
        owner = thing.__self__
        key = (self._outside.get(id(owner)) or name_of_class(type(owner)), thing.__func__.__name__)
        if key not in METHODS:
            raise Unsaved(f"the method {thing!r} is part of the kernel's state")
        return (What.METHOD, *self._values((owner,)), thing.__func__.__name__)


def in_order(things: Iterable[Any]) -> list[Any]:
    """The members of a set, sorted where they can be, so that equal states give equal records."""
    members = list(things)
    with suppress(TypeError):
        members.sort()
    return members


_CONTAINERS: dict[type, Callable[[Encoder, Any], Record]] = {
    list: Encoder._list, dict: Encoder._dict, set: Encoder._set, deque: Encoder._deque,
    KnownNodes: Encoder._weak, HostChunks: Encoder._host_chunks,
}
_LEAVES: dict[type, Callable[[Encoder, Any], Record]] = {
    bytes: Encoder._bytes, bytearray: Encoder._bytearray, tuple: Encoder._tuple, frozenset: Encoder._frozenset,
    array: Encoder._array, Context: Encoder._context, PageTable: Encoder._page_table, HostFds: Encoder._host_fds,
    type: Encoder._named, types.FunctionType: Encoder._named, types.MethodType: Encoder._method,
}
