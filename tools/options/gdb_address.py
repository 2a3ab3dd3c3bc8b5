"""Where `--gdb` listens. Read with the command line, so it imports nothing of the machine."""

from __future__ import annotations

import re
from typing import NamedTuple

LOOPBACK = "127.0.0.1"
_ADDRESS = re.compile(r"(?:(?P<host>\[[^\]]*\]|[^:\[\]]*):)?(?P<port>[0-9]{1,5})")


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int


def parse_address(text: str) -> Address:
    """`PORT`, `HOST:PORT` or `[HOST]:PORT`. Raises ValueError."""
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        raise ValueError(f"{text!r} is not PORT or HOST:PORT, with a port from 0 (choose one) to 65535")
    return Address((found["host"] or "").strip("[]") or LOOPBACK, int(found["port"]))
