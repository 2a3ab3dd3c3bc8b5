"""A copy of the guest's /proc in a directory of the host, for programs of the host that read one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.abi.fcntl import O_DIRECTORY, O_RDONLY
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.vfs import namei
from rvsim.guest_os.vfs.open import open_file
from rvsim.tests.guest_os.conftest import parse_dirents

DT_DIR, DT_REG, DT_LNK = 4, 8, 10
NO_TEXT = (b"mem", b"pagemap", b"clear_refs", b"kmsg")
LIMIT = 1 << 22


def export_proc(machine: Machine, target: Path, source: bytes = b"/proc") -> None:
    """Copy `source` as it is now, with links as links, into `target`, a new directory. What cannot be read is left out.

    The machine must stand still: from a console's or an observer's method, or before and after its run.
    """
    target.mkdir()
    folder = open_file(machine.context, machine.cred, source, O_RDONLY | O_DIRECTORY)
    entries = []
    while data := folder.getdents64(65536):
        entries += parse_dirents(data)
    folder.put()
    for name, _, kind in entries:
        if name in (b".", b"..") or name in NO_TEXT:
            continue
        place, copy = source + b"/" + name, target / os.fsdecode(name)
        with suppress(Errno):
            if kind == DT_DIR:
                export_proc(machine, copy, place)
            elif kind == DT_LNK:
                copy.symlink_to(os.fsdecode(namei.lookup(machine.context, machine.cred, place, follow=False)
                                            .inode.readlink()))
            elif kind == DT_REG:
                copy.write_bytes(_content(machine, place))


def _content(machine: Machine, place: bytes) -> bytes:
    file = open_file(machine.context, machine.cred, place, O_RDONLY)
    try:
        text = b""
        while len(text) < LIMIT and (data := file.read(65536)):
            text += data
        return text
    finally:
        file.put()
