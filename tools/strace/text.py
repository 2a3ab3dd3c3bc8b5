"""Numbers, strings and flags as strace writes them. No memory, no task: text from values only."""

from __future__ import annotations

from rvsim.guest_os.abi.errno import Errno
from rvsim.tools.strace.constants import Table

MAX_STRING = 32
"""Bytes of a string or a buffer that are shown; strace's -s."""
MAX_ELEMENTS = 32
"""Elements of an array that are shown."""

ERRORS: dict[int, tuple[str, str]] = {error.number: (error.__name__, error.text) for error in Errno.__subclasses__()}

_ESCAPES = {0x22: '\\"', 0x5C: "\\\\", 0x09: "\\t", 0x0A: "\\n", 0x0B: "\\v", 0x0C: "\\f", 0x0D: "\\r"}


def signed(value: int) -> int:
    """A C int in a register."""
    return ((value & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000


def signed_long(value: int) -> int:
    """A C long in a register."""
    return ((value & 0xFFFF_FFFF_FFFF_FFFF) ^ 1 << 63) - (1 << 63)


def address(value: int) -> str:
    """A pointer that is not followed."""
    return f"{value:#x}" if value else "NULL"


def quote(data: bytes, more: bool = False) -> str:
    """A string in quotes, C escapes inside; `more`: it was cut."""
    parts = []
    for at, byte in enumerate(data):
        escape = _ESCAPES.get(byte)
        if escape is not None:
            parts.append(escape)
        elif 0x20 <= byte < 0x7F:
            parts.append(chr(byte))
        elif data[at + 1:at + 2].isdigit():
            parts.append(f"\\{byte:03o}")
        else:
            parts.append(f"\\{byte:o}")
    return '"' + "".join(parts) + ('"...' if more else '"')


def quote_hex(data: bytes, more: bool = False) -> str:
    """As `quote`, every byte as \\xNN: for random bytes."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in data) + ('"...' if more else '"')


def cut(data: bytes, size: int | None = None) -> str:
    """The start of a buffer; `size` is the whole of it, if `data` is not."""
    return quote(data[:MAX_STRING], (len(data) if size is None else size) > MAX_STRING)


def one_of(value: int, table: Table, unknown: str) -> str:
    """The name of `value`."""
    for name, number in table.items():
        if number == value:
            return name
    return f"{value:#x} /* {unknown} */"


def flags(value: int, table: Table, unknown: str = "") -> str:
    """The names of the bits of `value`, the rest in hexadecimal."""
    parts = []
    rest = value
    for name, number in table.items():
        if number and rest & number == number:
            parts.append(name)
            rest &= ~number
    if not value:
        return next((name for name, number in table.items() if not number), "0")
    if not parts:
        return f"{value:#x} /* {unknown} */" if unknown else f"{value:#x}"
    if rest:
        parts.append(f"{rest:#x}")
    return "|".join(parts)


def array(items: list[str], more: bool = False) -> str:
    """`[a, b, ...]`"""
    return "[" + ", ".join(items + ["..."] * more) + "]"


def fields(*pairs: tuple[str, object], more: bool = False) -> str:
    """`{name=value, …}`; `more`: there are others, which strace leaves out too."""
    return "{" + ", ".join([f"{name}={value}" for name, value in pairs] + ["..."] * more) + "}"
