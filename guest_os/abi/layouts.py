"""Binary structures as tables: pack and unpack them here, and write the C header for guests from the same rows.

Everything is little-endian LP64 with C's own alignment, RISC-V ELF psABI, "C/C++ type details".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = Any
"""An int, a tuple of ints, bytes, or a mapping for a structure (a sequence of them for an array)."""

_SCALARS = {
    "char": ("c", 1), "signed char": ("b", 1), "unsigned char": ("B", 1), "short": ("h", 2), "unsigned short": ("H", 2),
    "int": ("i", 4), "unsigned int": ("I", 4), "long": ("q", 8), "unsigned long": ("Q", 8), "uint32_t": ("I", 4),
    "int32_t": ("i", 4), "int64_t": ("q", 8), "uint64_t": ("Q", 8), "uintptr_t": ("Q", 8), "size_t": ("Q", 8),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A member: its C name and type, and how many (0: no array). `type` is a scalar of C or another `Layout`."""

    name: str
    type: str | Layout
    count: int = 0

    @property
    def unit(self) -> int:
        """Bytes of one element."""
        return self.type.size if isinstance(self.type, Layout) else _SCALARS[self.type][1]

    @property
    def align(self) -> int:
        return self.type.align if isinstance(self.type, Layout) else _SCALARS[self.type][1]

    @property
    def size(self) -> int:
        """Bytes of the whole member."""
        return self.unit * max(self.count, 1)

    def pack(self, value: Value) -> bytes:
        """The bytes of one value; too few elements are filled with zeros.

        Raises:
            struct.error: a number does not fit.
        """
        kind = self.type
        if isinstance(kind, Layout):
            members = value if self.count else (value,)
            data = b"".join(member if isinstance(member, bytes) else kind.pack(member) for member in members)
        elif kind == "char" and self.count:
            data = bytes(value)[:self.size]
        elif self.count:
            numbers = tuple(value)[:self.count]
            data = struct.pack(f"<{len(numbers)}{_SCALARS[kind][0]}", *numbers)
        elif kind == "char":
            data = bytes((value & 0xFF,))
        else:
            data = struct.pack("<" + _SCALARS[kind][0], value)
        return data.ljust(self.size, b"\0")

    def unpack(self, data: bytes) -> Value:
        """The value that stands in exactly `size` bytes."""
        kind = self.type
        if isinstance(kind, Layout):
            members = tuple(kind.unpack(data[at:at + kind.size]) for at in range(0, self.size, kind.size))
            return members if self.count else members[0]
        if kind == "char":
            return data if self.count else data[0]
        numbers = struct.unpack(f"<{max(self.count, 1)}{_SCALARS[kind][0]}", data)
        return numbers if self.count else numbers[0]


class Layout:
    """A structure. `offsets[name]` and `size` follow from the fields as a C compiler would place them."""

    def __init__(self, name: str, *fields: Field, about: str = "") -> None:
        self.name = name
        self.fields = fields
        self.about = about
        self.offsets: dict[str, int] = {}
        self.align = max(field.align for field in fields)
        at = 0
        for field in fields:
            at = -(-at // field.align) * field.align
            self.offsets[field.name] = at
            at += field.size
        self.size = -(-at // self.align) * self.align

    def pack(self, values: Mapping[str, Value] | None = None, /, **more: Value) -> bytes:
        """The bytes of a structure; members that are not given are zero.

        Raises:
            KeyError: there is no such member.
            struct.error: a number does not fit.
        """
        given = {**(values or {}), **more}
        out = bytearray(self.size)
        for field in self.fields:
            if field.name in given:
                at = self.offsets[field.name]
                out[at:at + field.size] = field.pack(given.pop(field.name))
        if given:
            raise KeyError(f"{self.name} has no {', '.join(sorted(given))}")
        return bytes(out)

    def unpack(self, data: bytes) -> dict[str, Value]:
        """Every member of a structure at the start of `data`. ValueError: `data` is too short."""
        if len(data) < self.size:
            raise ValueError(f"{self.name} has {self.size} bytes, not {len(data)}")
        return {
            field.name: field.unpack(bytes(data[self.offsets[field.name]:self.offsets[field.name] + field.size]))
            for field in self.fields
        }


def c_declaration(layout: Layout) -> str:
    """The structure in C, with an assertion on its size and the place of each member."""
    lines = [f"/* {layout.about} */"] if layout.about else []
    lines.append("typedef struct {")
    for field in layout.fields:
        kind = field.type.name if isinstance(field.type, Layout) else field.type
        lines.append(f"    {kind} {field.name}{f'[{field.count}]' if field.count else ''};")
    lines.append(f"}} {layout.name};")
    lines.append(f'_Static_assert(sizeof({layout.name}) == {layout.size}, "{layout.name}");')
    lines.extend(
        f'_Static_assert(offsetof({layout.name}, {name}) == {at}, "{layout.name}.{name}");'
        for name, at in layout.offsets.items()
    )
    return "\n".join(lines) + "\n"


def c_header(guard: str, about: str, constants: Mapping[str, Sequence[tuple[str, int]]],
             layouts: Sequence[Layout]) -> str:
    """A whole header: groups of constants, each under a comment, then the structures."""
    parts = [f"/* {about} */", f"#ifndef {guard}", f"#define {guard}", "", "#include <stddef.h>", "#include <stdint.h>"]
    for title, group in constants.items():
        width = max(len(name) for name, _ in group)
        parts += ["", f"/* {title} */"]
        parts += [f"#define {name.ljust(width)} {value:#x}" if value > 9 else f"#define {name.ljust(width)} {value}"
                  for name, value in group]
    parts.append("")
    parts += [c_declaration(layout) for layout in layouts]
    parts += ["#endif", ""]
    return "\n".join(parts)
