"""Values of a recording as bytes: None, booleans, integers of any size, bytes, text, and tuples of these.

A value is a byte that says what it is, and then: for an integer, a varint of its zigzag form (LEB128, low bits first);
for bytes and text (UTF-8), their length as a varint and themselves; for a tuple, a varint of how many, and its members.
"""

from __future__ import annotations

Value = None | bool | int | bytes | str | tuple["Value", ...]

NONE, TRUE, FALSE, INTEGER, BYTES, TEXT, TUPLE = range(7)
MAX_DEPTH = 8
MAX_INTEGER_BYTES = 40


class Damaged(ValueError):
    """The bytes are no values."""


def encode(value: object, out: bytearray) -> None:
    """Append a value to `out`. Lists count as tuples. Raises TypeError for anything else."""
    if value is None:
        out.append(NONE)
    elif value is True:
        out.append(TRUE)
    elif value is False:
        out.append(FALSE)
    elif isinstance(value, int):
        out.append(INTEGER)
        _varint(value << 1 if value >= 0 else ~value << 1 | 1, out)
    elif isinstance(value, bytes):
        out.append(BYTES)
        _varint(len(value), out)
        out += value
    elif isinstance(value, str):
        data = value.encode("utf-8", "surrogateescape")
        out.append(TEXT)
        _varint(len(data), out)
        out += data
    elif isinstance(value, tuple | list):
        out.append(TUPLE)
        _varint(len(value), out)
        for member in value:
            encode(member, out)
    else:
        raise TypeError(f"{value!r} cannot be in a recording")


def _varint(number: int, out: bytearray) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


class Reader:
    """Takes values off bytes, one after another."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self.at < len(self.data)

    def value(self, depth: int = 0) -> Value:
        """The next value. Raises Damaged."""
        if self.at >= len(self.data):
            raise Damaged("it ends within a value")
        tag = self.data[self.at]
        self.at += 1
        if tag <= FALSE:
            return None if tag == NONE else tag == TRUE
        number = self._varint()
        if tag == INTEGER:
            return ~(number >> 1) if number & 1 else number >> 1
        if tag == BYTES:
            return self._take(number)
        if tag == TEXT:
            return self._take(number).decode("utf-8", "surrogateescape")
        if tag != TUPLE or depth == MAX_DEPTH or number > len(self.data) - self.at:
            raise Damaged(f"no value has the tag {tag}, or it holds too much")
        return tuple([self.value(depth + 1) for _ in range(number)])

    def _take(self, size: int) -> bytes:
        data = self.data[self.at:self.at + size]
        if len(data) != size:
            raise Damaged("it ends within a value")
        self.at += size
        return data

    def _varint(self) -> int:
        number = shift = 0
        while shift < 7 * MAX_INTEGER_BYTES:
            if self.at >= len(self.data):
                raise Damaged("it ends within a number")
            byte = self.data[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
        raise Damaged("a number is too long")
