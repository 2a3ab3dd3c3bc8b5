"""Messages between a worker of Dask and a process of its own, over pipes: eight bytes of length, then a pickle."""

from __future__ import annotations

import os
import pickle
from typing import Any

_LENGTH_BYTES = 8


def send(fd: int, message: object) -> None:
    """Raises OSError: nobody reads any more."""
    data = pickle.dumps(message)
    view = memoryview(len(data).to_bytes(_LENGTH_BYTES, "little") + data)
    while view:
        view = view[os.write(fd, view):]


def receive(fd: int) -> Any:
    """The next message. Raises EOFError: the other end is gone."""
    return pickle.loads(_exactly(fd, int.from_bytes(_exactly(fd, _LENGTH_BYTES), "little")))


def _exactly(fd: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = os.read(fd, min(size - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
