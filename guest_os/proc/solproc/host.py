"""solproc for programs of the host: the files of a machine's processes as dictionaries, by the table that made them.

    machine = Machine(MachineConfig(), console)
    machine.start(b"/bin/sh", [b"sh"])
    for process in Processes(machine.context).each():
        print(process["pr_pid"], process["pr_fname"])

The machine may be at rest or in the middle of a run; nothing in it changes.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import ENOENT
from rvsim.guest_os.abi.layouts import Layout
from rvsim.guest_os.proc.solproc.prnode import PrDir
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.namei import lookup_dir
from rvsim.guest_os.vfs.open import open_file

Record = dict[str, Any]
"""A structure's members by their C names, as `Layout.unpack` gives them."""

PIECE_BYTES = 1 << 20


class Form(enum.Enum):
    """How structures stand in a file."""

    ONE = enum.auto()        # a single one
    ROW = enum.auto()        # one after the other
    HEADED = enum.auto()     # behind a prheader_t that says how many, and how far apart


FILES: dict[str, tuple[Layout, Form]] = {
    "status": (sol.PSTATUS, Form.ONE), "lstatus": (sol.LWPSTATUS, Form.HEADED), "psinfo": (sol.PSINFO, Form.ONE),
    "lpsinfo": (sol.LWPSINFO, Form.HEADED), "map": (sol.PRMAP, Form.ROW), "rmap": (sol.PRMAP, Form.ROW),
    "xmap": (sol.PRXMAP, Form.ROW), "sigact": (sol.SIGACTION, Form.ROW), "auxv": (sol.AUXV, Form.ROW),
    "usage": (sol.PRUSAGE, Form.ONE), "lusage": (sol.PRUSAGE, Form.HEADED), "watch": (sol.PRWATCH, Form.ROW),
    "lwpstatus": (sol.LWPSTATUS, Form.ONE), "lwpsinfo": (sol.LWPSINFO, Form.ONE), "lwpusage": (sol.PRUSAGE, Form.ONE),
}
"""Files that are structures and nothing else, by their last name."""


def parse(name: str, data: bytes) -> list[Record]:
    """The structures in the bytes of a file. KeyError: it is none of `FILES`. ValueError: it is cut off."""
    layout, form = FILES[name]
    if form is Form.ONE:
        return [layout.unpack(data)]
    start, step = 0, layout.size
    count = len(data) // step
    if form is Form.HEADED:
        head = sol.PRHEADER.unpack(data)
        start, step, count = sol.PRHEADER.size, head["pr_entsize"], head["pr_nent"]
    return [layout.unpack(data[start + at * step:start + (at + 1) * step]) for at in range(count)]


def parse_credentials(data: bytes) -> Record:
    """cred: `pr_groups` has all groups, however many. ValueError: it is cut off."""
    at = sol.PRCRED.offsets["pr_groups"]
    record = sol.PRCRED.unpack(data[:at].ljust(sol.PRCRED.size, b"\0"))
    count = record["pr_ngroups"]
    if len(data) < at + 4 * count:
        raise ValueError(f"{count} groups do not stand in {len(data)} bytes")
    record["pr_groups"] = tuple(int.from_bytes(data[place:place + 4], "little")
                                for place in range(at, at + 4 * count, 4))
    return record


class Processes:
    """The processes of a machine, through the tree that `context` sees; solproc is mounted at `place` there."""

    def __init__(self, context: FsContext, place: bytes = b"/system/proc") -> None:
        self.context = context
        self.place = place
        self.cred = Credentials()

    def pids(self) -> list[int]:
        """The numbers of all processes, in the order of their slots.

        Raises:
            ENOENT: no solproc is mounted at the place.
        """
        root = lookup_dir(self.context, self.cred, self.place).inode
        if not isinstance(root, PrDir):
            raise ENOENT
        return [int(name) for _, name, _, _ in root.readdir(2)]

    def data(self, pid: int, name: str) -> bytes:
        """The whole of a file, `psinfo` or `lwp/7/lwpstatus`. Raises ENOENT: the process, or the file, is gone."""
        file = open_file(self.context, self.cred, b"%s/%d/%s" % (self.place, pid, name.encode()), 0, 0)
        try:
            return file.pread(PIECE_BYTES, 0)
        finally:
            file.put()

    def memory(self, pid: int, address: int, size: int) -> bytes:
        """Up to `size` bytes of the process's memory; fewer where no more is mapped. Raises ENOENT: it is gone."""
        file = open_file(self.context, self.cred, b"%s/%d/as" % (self.place, pid), 0, 0)
        try:
            return file.pread(size, address)
        finally:
            file.put()

    def records(self, pid: int, name: str) -> list[Record]:
        """The structures in a file of `FILES`. Raises ENOENT: the process, or the file, is gone."""
        return parse(name.rpartition("/")[2], self.data(pid, name))

    def record(self, pid: int, name: str) -> Record:
        """The only structure of a file, `status` or `psinfo`. Raises ENOENT: as `records`."""
        return self.records(pid, name)[0]

    def credentials(self, pid: int) -> Record:
        """The ids of a process. Raises ENOENT: it is gone."""
        return parse_credentials(self.data(pid, "cred"))

    def each(self, name: str = "psinfo") -> Iterator[Record]:
        """This file of every process that has one."""
        for pid in self.pids():
            try:
                yield self.record(pid, name)
            except ENOENT:
                continue
