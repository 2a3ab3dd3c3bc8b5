"""Looks at files of the guest by somebody outside: a tracer, a debugger.

They are no part of the run. With a host that is recorded, or had again from a recording, the log must not know of them:
the run that is compared with it has nobody looking, or somebody who looks elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.fs.host_file import HostFile
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.page_cache import Backing


@contextmanager
def looking(backing: Backing) -> Iterator[None]:
    """While this lasts, whatever is read of a file is a look."""
    file: Any = backing
    while getattr(file, "lower", None) is not None:
        file = file.lower
    source = getattr(getattr(file, "sb", None), "source", None)
    if isinstance(file, HostFile):
        host = file.sb.host
    elif source is not None and hasattr(source, "host"):
        host = source.host
    else:
        yield
        return
    with host.aside():
        if isinstance(file, HostFile) and host.remembers:
            with file.sb.fds.untouched():
                yield
        else:
            yield


def contents(backing: Backing, most: int) -> bytes:
    """All of a file; nothing, if it cannot be read or has more than `most` bytes."""
    with looking(backing):
        size = backing.size
        try:
            return backing.read_raw(0, size) if size <= most else b""
        except Errno:
            return b""


def page(backing: Backing, index: int) -> bytes | None:
    """One page of a file, filled up with zeros; None: it has none there, or it cannot be read."""
    with looking(backing):
        if index * PAGE_SIZE >= backing.size:
            return None
        try:
            return backing.read_raw(index * PAGE_SIZE, PAGE_SIZE).ljust(PAGE_SIZE, b"\0")
        except Errno:
            return None
