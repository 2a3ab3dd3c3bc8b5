"""Printers of plain arguments: numbers, flags, strings, buffers, and pointers to one structure."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace

from rvsim.tools.strace import constants as c
from rvsim.tools.strace.call import WORD, Arg, Call, Show
from rvsim.tools.strace.text import (
    MAX_ELEMENTS,
    MAX_STRING,
    address,
    array,
    cut,
    flags,
    one_of,
    quote,
    quote_hex,
    signed,
    signed_long,
)

PATH_MAX = 4096

INT = Arg(lambda call, value: str(signed(value)), kind="int")
UINT = Arg(lambda call, value: str(value & 0xFFFF_FFFF), kind="uint")
LONG = Arg(lambda call, value: str(signed_long(value)), kind="long")
ULONG = Arg(lambda call, value: str(value & WORD), kind="ulong")
HEX = Arg(lambda call, value: f"{value:#x}", kind="hex")
PTR = Arg(lambda call, value: address(value), kind="pointer")
PTR_OUT = Arg(lambda call, value: address(value), out=True, kind="pointer")
OFFSET = Arg(lambda call, value: f"{value:#x}" if value else "0", kind="hex")
FD = INT
SIZE = ULONG


def _dirfd(call: Call, value: int) -> str:
    fd = signed(value)
    return "AT_FDCWD" if fd == -100 else str(fd)


def _id(call: Call, value: int) -> str:
    number = value & 0xFFFF_FFFF
    return "-1" if number == 0xFFFF_FFFF else str(number)


def octal_mode(value: int) -> str:
    """Permission bits: at least three digits, with a 0 in front."""
    return (f"0{value:o}" if value else "0").zfill(3)


def file_mode(value: int) -> str:
    """st_mode: its type and bits by name, then the permissions."""
    value &= 0xFFFF
    kind = value & 0o170000
    parts = [name for name, number in c.FILE_TYPES.items() if number == kind]
    if kind and not parts:
        parts.append(f"0{kind:o}")
    parts += [name for name, number in c.MODE_BITS.items() if kind and value & number]
    return "|".join([*parts, octal_mode(value & (0o777 if kind else 0o7777))])


DIRFD = Arg(_dirfd, kind="dirfd")
ID = Arg(_id, kind="int")
MODE = Arg(lambda call, value: octal_mode(value & 0xFFFF), kind="octal")


def flag(table: c.Table, unknown: str = "") -> Arg:
    """A word of flags."""
    return Arg(lambda call, value: flags(value & 0xFFFF_FFFF, table, unknown), kind="flags", names=table)


def flag_long(table: c.Table, unknown: str = "") -> Arg:
    """Flags in a whole register."""
    return Arg(lambda call, value: flags(value, table, unknown), kind="flags", names=table)


def choice(table: c.Table, unknown: str) -> Arg:
    """One of several values."""
    return Arg(lambda call, value: one_of(value & 0xFFFF_FFFF, table, unknown), kind="choice", names=table)


def open_flags(value: int) -> str:
    """The access mode, then the flags."""
    mode = value & 3
    rest = value & 0xFFFF_FFFF & ~3
    name = next(name for name, number in c.ACCESS_MODES.items() if number == mode)
    return f"{name}|{flags(rest, c.OPEN_FLAGS)}" if rest else name


def bare_open_flags(value: int) -> str:
    """Flags of open without an access mode (pipe2, dup3)."""
    return flags(value & 0xFFFF_FFFF, c.OPEN_FLAGS, "O_???")


OPEN_FLAGS = Arg(lambda call, value: open_flags(value), kind="mixed", names=c.ACCESS_MODES | c.OPEN_FLAGS)
BARE_OPEN_FLAGS = Arg(lambda call, value: bare_open_flags(value), kind="flags", names=c.OPEN_FLAGS)


def signal_name(number: int) -> str:
    """SIGINT, SIGRT_1, or the number."""
    return c.SIGNALS.get(number, str(number))


SIGNAL = Arg(lambda call, value: signal_name(signed(value)), kind="signal")


# ---- strings and buffers


def path_text(call: Call, value: int) -> str:
    """A path, whole."""
    found = call.string(value, PATH_MAX) if value else None
    return quote(found[0], not found[1]) if found is not None else address(value)


def string_text(call: Call, value: int) -> str:
    """A string, cut at 32 bytes."""
    found = call.string(value, MAX_STRING + 1) if value else None
    return quote(found[0][:MAX_STRING], len(found[0]) > MAX_STRING) if found is not None else address(value)


def buffer_text(call: Call, value: int, size: int) -> str:
    """The first bytes of a buffer of `size` bytes."""
    data = call.read(value, min(size, MAX_STRING)) if value and size >= 0 else None
    return cut(data, size) if data is not None else address(value)


PATH = Arg(path_text, kind="string")
STRING = Arg(string_text, kind="string")


def buffer_in(size: int) -> Arg:
    """A buffer that the call reads; its size is in register `size`."""
    return Arg(lambda call, value: buffer_text(call, value, signed_long(call.args[size])), kind="buffer", size=size)


def _filled(call: Call, value: int) -> str:
    return address(value) if call.failed or call.result is None else buffer_text(call, value, call.bytes_done)


def _random(call: Call, value: int) -> str:
    data = None if call.failed else call.read(value, min(call.bytes_done, MAX_STRING))
    return quote_hex(data, call.bytes_done > MAX_STRING) if data is not None else address(value)


BUFFER_OUT = Arg(_filled, out=True, kind="filled")
"""A buffer of which the call filled `result` bytes."""
RANDOM_OUT = Arg(_random, out=True, kind="filled")
PATH_OUT = Arg(lambda call, value: address(value) if call.failed else path_text(call, value), out=True, kind="string")
STRING_OUT = Arg(lambda call, value: address(value) if call.failed else string_text(call, value), out=True,
                 kind="string")


# ---- pointers


def pointed(size: int, show: Callable[[bytes], str]) -> Show:
    """A printer of what a pointer leads to: `show` gets its `size` bytes."""

    def text(call: Call, value: int) -> str:
        data = call.read(value, size) if value else None
        return show(data) if data is not None else address(value)

    return text


def struct_in(size: int, show: Callable[[bytes], str]) -> Arg:
    """A pointer to something that the call reads."""
    return Arg(pointed(size, show), kind=show.__name__)


def struct_out(size: int, show: Callable[[bytes], str]) -> Arg:
    """A pointer to something that the call fills in unless it fails."""
    text = pointed(size, show)
    return Arg(lambda call, value: address(value) if call.failed else text(call, value), out=True, kind=show.__name__)


def number_in(code: str, show: Callable[[int], str] = str) -> Arg:
    """A pointer to one number: `[5]`."""
    made = struct_in(struct.calcsize(code), lambda data: f"[{show(struct.unpack('<' + code, data)[0])}]")
    return replace(made, kind=f"number{struct.calcsize(code)}")


def number_out(code: str, show: Callable[[int], str] = str) -> Arg:
    """A pointer to one number that the call stores."""
    made = struct_out(struct.calcsize(code), lambda data: f"[{show(struct.unpack('<' + code, data)[0])}]")
    return replace(made, kind=f"number{struct.calcsize(code)}")


def array_text(call: Call, value: int, count: int, size: int, show: Callable[[bytes], str]) -> str:
    """An array of `count` elements of `size` bytes."""
    if not value or count < 0:
        return address(value)
    if not count:
        return "[]"
    shown = min(count, MAX_ELEMENTS)
    data = call.read(value, shown * size)
    if data is None:
        return address(value)
    return array([show(data[at:at + size]) for at in range(0, len(data), size)], count > shown)


def string_array(call: Call, value: int) -> str:
    """argv: `["a", "b"]`."""
    if not value:
        return "NULL"
    items: list[str] = []
    while True:
        at = value + 8 * len(items)
        pointer = call.read(at, 8)
        if pointer is None:
            return array([*items, f"{at:#x}"]) if items else address(value)
        target = int.from_bytes(pointer, "little")
        if not target:
            return array(items)
        if len(items) == MAX_ELEMENTS:
            return array(items, True)
        items.append(string_text(call, target))


def environment(call: Call, value: int) -> str:
    """envp: how many there are."""
    if not value:
        return "NULL"
    count = 0
    while True:
        pointer = call.read(value + 8 * count, 8)
        if pointer is None:
            return f"{value:#x}"
        if not any(pointer):
            return f"{value:#x} /* {count} var{'' if count == 1 else 's'} */"
        count += 1


def named(name: str, arg: Arg, register: int) -> Arg:
    """An argument with its name in front, as clone's have."""
    return Arg(lambda call, value: f"{name}={arg.show(call, value)}", arg.out, register)
