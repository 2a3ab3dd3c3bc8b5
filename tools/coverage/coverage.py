"""Coverage of the guest's code, over as many machines as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.abi.stat import S_IFMT, S_IFREG
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.namei import lookup
from rvsim.tools.coverage import debug_files
from rvsim.tools.coverage.code_map import CodeMap
from rvsim.tools.coverage.collector import LARGEST_FILE, Collector
from rvsim.tools.coverage.lcov import to_lcov
from rvsim.tools.coverage.report import Report

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine


class Coverage:
    """What ran in every machine that this was attached to, and what was merged into it.

    A program is read once, however many machines run it: use one object for all the cases of a process. It pickles, and
    `to_data` is JSON, both without the programs.
    """

    def __init__(self) -> None:
        self._report = Report()
        self._collectors: dict[int, Collector] = {}
        self._codes: dict[bytes, CodeMap] = {}
        self._pending: dict[bytes, tuple[str, set[tuple[int, int]]]] = {}

    def attach(self, machine: Machine) -> None:
        """Note what `machine` runs from now on, until `detach`. At any time: before its first program, or after it was
        restored from a snapshot.

        Raises:
            ValueError: it is attached to the machine already.
        """
        self._collectors[id(machine)] = Collector(machine)

    def detach(self, machine: Machine) -> None:
        """Note no more, and look in the machine for debug files that its programs name."""
        collector = self._collectors.pop(id(machine), None)
        if collector is None:
            return
        collector.detach()
        for digest, ran in collector.files.items():
            if digest not in self._codes:
                self._codes[digest] = CodeMap(ran.data, _debug_file(machine, ran.data, ran.path))
            self._pending.setdefault(digest, (ran.path, set()))[1].update(ran.ranges)

    @contextmanager
    def attached(self, machine: Machine) -> Iterator[None]:
        """`attach` and `detach`."""
        self.attach(machine)
        try:
            yield
        finally:
            self.detach(machine)

    @property
    def report(self) -> Report:
        """What ran in all machines that were detached."""
        for digest, (path, ranges) in self._pending.items():
            self._report.add_code(path, self._codes[digest], ranges)
        self._pending.clear()
        return self._report

    def merge(self, other: Coverage) -> None:
        """Take over what `other` has noted."""
        self.report.merge(other.report)

    def to_lcov(self) -> str:
        """A tracefile of lcov; see geninfo(1). Every count is 0 or 1."""
        return to_lcov(self.report)

    def to_data(self) -> dict[str, Any]:
        """As JSON can have it, for `from_data`."""
        return self.report.to_data()

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Coverage:
        """What `to_data` gave. Raises ValueError: another version's."""
        found = cls()
        found._report = Report.from_data(data)
        return found

    def __getstate__(self) -> dict[str, Any]:
        return self.to_data()

    def __setstate__(self, data: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]
        self._report = Report.from_data(data)


def _debug_file(machine: Machine, data: bytes, path: str) -> bytes:
    """The debug file of a program without line tables, from the guest's own tree; nothing, if there is none."""
    if not data or debug_files.has_lines(data):
        return b""

    def read(name: str) -> bytes | None:
        try:
            inode = lookup(machine.context, Credentials(), name.encode(errors="replace")).inode
            if inode.mode & S_IFMT != S_IFREG or inode.size > LARGEST_FILE:
                return None
            return inode.read_at(0, inode.size)
        except Errno:
            return None

    return debug_files.find(data, path, read)
