"""From records to the objects of a machine."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rvsim.emu._gate import Frames, PageTable, context_adopt, table_adopt
from rvsim.guest_os.fs.host_chunks import HostChunks
from rvsim.guest_os.fs.host_fds import HostFds
from rvsim.guest_os.fs.hostfs import KnownNodes
from rvsim.guest_os.snapshot import garbage
from rvsim.guest_os.snapshot.host import HostResources
from rvsim.guest_os.snapshot.names import CONSTANTS
from rvsim.guest_os.snapshot.records import ATOMS, Record, What
from rvsim.guest_os.snapshot.shapes import Shape


class Decoder:
    """Makes the objects of one graph. `shapes` are in the order of their numbers in the records."""

    def __init__(self, records: Sequence[Record], shapes: Sequence[Shape], outside: Mapping[str, Any], frames: Frames,
                 host: HostResources) -> None:
        self.records = records
        self.shapes = shapes
        self.outside = outside
        self.frames = frames
        self.host = host
        self.things: list[Any] = [None] * len(records)
        self.tables: list[PageTable] = []

    def decode(self) -> Any:
        """The object that the first record is. The records are in order: see `verify` for those from a file.

        Raises:
            OSError: something of the host is not there, or not granted.
            ValueError: a page table or a thread's registers are impossible.
        """
        with garbage.none_made():
            self._begin()
            self._tuples()
            self._instances()
            self._contents()
        return self.things[0]

    # ---- first round

    def _begin(self) -> None:
        things, shapes = self.things, self.shapes
        new, a_dict, some_bytes, a_list = object.__new__, What.DICT, What.BYTES, What.LIST
        kinds = [shape.kind for shape in shapes]
        self.instances: list[int] = []
        self.immutable: list[int] = []
        self.filled: list[int] = []
        instances, immutable, filled = self.instances, self.immutable, self.filled
        for index, record in enumerate(self.records):
            what = record[0]
            if what >= 0:
                things[index] = new(kinds[what])
                instances.append(index)
            elif what == some_bytes:
                things[index] = record[1]
            elif what == a_dict:
                things[index] = {}
                filled.append(index)
            elif what in _IMMUTABLE:
                immutable.append(index)
            elif what == a_list:
                things[index] = []
                filled.append(index)
            else:
                things[index] = _MAKERS[what](self, record)
                if what in _FILLED:
                    filled.append(index)

    def _deque(self, record: Record) -> Any:
        return deque(maxlen=record[1])

    def _set(self, record: Record) -> Any:
        return set()

    def _weak_dict(self, record: Record) -> Any:
        return KnownNodes()

    def _bytearray(self, record: Record) -> Any:
        return bytearray(record[1])

    def _array(self, record: Record) -> Any:
        return array(record[1], record[2:])

    def _enum(self, record: Record) -> Any:
        return CONSTANTS.things[record[1]](record[2])

    def _constant(self, record: Record) -> Any:
        return CONSTANTS.constant(record[1])

    def _outside(self, record: Record) -> Any:
        return self.outside[record[1]]

    def _context(self, record: Record) -> Any:
        return context_adopt(record[1])

    def _page_table(self, record: Record) -> Any:
        table = table_adopt(self.frames, *record[1:])
        self.tables.append(table)
        return table

    def _host_file(self, record: Record) -> Any:
        return HostChunks(self.host.program(record[1]), self.outside["host"])

    # ---- second round

    def _tuples(self) -> None:
        things, records, values = self.things, self.records, self._values
        for index in self.immutable:
            record = records[index]
            match record[0]:
                case What.TUPLE:
                    things[index] = tuple(values(record, 1))
                case What.FROZENSET:
                    things[index] = frozenset(values(record, 1))
                case What.NAMED_TUPLE:
                    things[index] = tuple.__new__(CONSTANTS.things[record[1]], values(record, 2))
                case What.METHOD:
                    things[index] = getattr(things[record[1][0]], record[2])
                case What.HOST_FDS:
                    things[index] = self._descriptors(record)
                case What.HOST_SOURCE:
                    things[index] = self.host.source(things[record[1][0]], record[2])

    def _descriptors(self, record: Record) -> Any:
        path, limit = self.things[record[1][0]], record[2]
        if len(record) == 3:
            return self.host.descriptors(path, limit)
        return HostFds.with_numbers(path, limit, self.outside["host"], self._values(record, 3))

    def _values(self, record: Record, start: int) -> list[Any]:
        things = self.things
        return [part if part.__class__ in ATOMS else things[part[0]] for part in record[start:]]

    # ---- third round

    def _instances(self) -> None:
        things, records = self.things, self.records
        setters = [shape.setters for shape in self.shapes]
        for index in self.instances:
            record = iter(records[index])
            instance = things[index]
            for store, part in zip(setters[next(record)], record, strict=True):
                store(instance, part if part.__class__ in ATOMS else things[part[0]])

    def _contents(self) -> None:
        things, records = self.things, self.records
        for index in self.filled:
            record = records[index]
            what = record[0]
            if what == What.DICT or what == What.WEAK_DICT:
                parts = self._values(record, 1)
                pairs = zip(parts[::2], parts[1::2], strict=True)
                if what == What.DICT:
                    things[index].update(pairs)
                else:
                    things[index].know(dict(pairs))
            elif what == What.SET:
                things[index].update(self._values(record, 1))
            else:
                things[index].extend(self._values(record, 2 if what == What.DEQUE else 1))


_IMMUTABLE = frozenset((What.TUPLE, What.FROZENSET, What.NAMED_TUPLE, What.METHOD, What.HOST_FDS, What.HOST_SOURCE))
_FILLED = frozenset((What.DEQUE, What.SET, What.WEAK_DICT))
_MAKERS: dict[int, Callable[[Decoder, Record], Any]] = {
    What.DEQUE: Decoder._deque, What.SET: Decoder._set, What.WEAK_DICT: Decoder._weak_dict,
    What.BYTEARRAY: Decoder._bytearray, What.ARRAY: Decoder._array, What.ENUM: Decoder._enum,
    What.CONSTANT: Decoder._constant, What.OUTSIDE: Decoder._outside, What.CONTEXT: Decoder._context,
    What.PAGE_TABLE: Decoder._page_table, What.HOST_FILE: Decoder._host_file,
}
