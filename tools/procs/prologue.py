"""What a function has done to its stack by the time it gets to an instruction, read from the instructions.

The same reading as that of the guest program pstack (user_apps/src/proc/pstack/prologue.c). The Unprivileged
Architecture, "RV64I Base Integer Instruction Set" and "C" Standard Extension.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

RA, SP, FP = 1, 2, 8


@dataclass(slots=True)
class Layout:
    """A frame. Offsets count from the stack pointer that the function was called with.

    `size`: how far below that the stack pointer is. `ra_at`, `fp_at`: where these were saved. `fp_offset`: where the
    frame pointer points. None: not done yet.
    """

    size: int = 0
    ra_at: int | None = None
    fp_at: int | None = None
    fp_offset: int | None = None


def _sign(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


@dataclass(slots=True)
class _Reader:
    """`deep` is the frame as it was before the stack was given back; `known` are registers that hold a constant."""

    now: Layout = field(default_factory=Layout)
    deep: Layout = field(default_factory=Layout)
    known: dict[int, int] = field(default_factory=dict)

    def move_stack(self, by: int) -> None:
        if by > 0:
            self.deep = replace(self.now)
        self.now.size -= by

    def save(self, register: int, offset: int) -> None:
        if register == RA and self.now.ra_at is None:
            self.now.ra_at = offset - self.now.size
        elif register == FP and self.now.fp_at is None:
            self.now.fp_at = offset - self.now.size

    def ends_here(self) -> None:
        """Control does not come past this: what follows is reached from before the stack was given back."""
        if self.now.size <= 0 < self.deep.size:
            self.now = replace(self.deep)

    def add(self, target: int, source: int, immediate: int) -> None:
        if target == SP and source == SP:
            self.move_stack(immediate)
        elif target == SP and source == FP and self.now.fp_offset is not None:
            self.move_stack(self.now.size + self.now.fp_offset + immediate)
        elif target == FP and source == SP:
            self.now.fp_offset = immediate - self.now.size
        elif source == 0 or source in self.known:
            self.known[target] = self.known.get(source, 0) + immediate
            self.known.pop(0, None)
        else:
            self.known.pop(target, None)

    def add_registers(self, target: int, left: int, right: int, minus: bool) -> None:
        if target == SP and left == SP and right in self.known:
            self.move_stack(-self.known[right] if minus else self.known[right])
        else:
            self.known.pop(target, None)

    def short(self, code: int) -> None:
        """A compressed instruction."""
        target, source = code >> 7 & 31, code >> 2 & 31
        immediate = _sign(code >> 7 & 0x20 | code >> 2 & 0x1F, 6)
        kind = code & 0xE003
        if kind == 0x0000 and (code >> 2 & 7) + 8 == FP:                            # c.addi4spn
            offset = code >> 7 & 0x30 | code >> 1 & 0x3C0 | code >> 4 & 4 | code >> 2 & 8
            self.now.fp_offset = offset - self.now.size
        elif kind in (0x0001, 0x2001):                                              # c.addi, c.addiw
            self.add(target, target, immediate)
        elif kind == 0x4001:                                                        # c.li
            self.add(target, 0, immediate)
        elif kind == 0x6001 and target == SP:                                       # c.addi16sp
            self.move_stack(_sign(code >> 3 & 0x200 | code >> 2 & 0x10 | code << 1 & 0x40 | code << 4 & 0x180
                                  | code << 3 & 0x20, 10))
        elif kind == 0x6001:                                                        # c.lui
            self.known[target] = immediate << 12
        elif kind == 0xE002:                                                        # c.sdsp
            self.save(source, code >> 7 & 0x38 | code >> 1 & 0x1C0)
        elif kind == 0xA001 or (kind == 0x8002 and not source and not code & 0x1000):   # c.j, c.jr
            self.ends_here()
        elif kind == 0x8002 and source and code & 0x1000:                           # c.add
            self.add_registers(target, target, source, False)
        elif kind == 0x8002 and source:                                             # c.mv
            self.add(target, source, 0)

    def long(self, code: int) -> None:
        """An instruction of 32 bits."""
        target, left, right = code >> 7 & 31, code >> 15 & 31, code >> 20 & 31
        kind = code & 0x707F
        if kind in (0x0013, 0x001B):                                                # addi, addiw
            self.add(target, left, _sign(code >> 20, 12))
        elif kind == 0x0033:                                                        # add, sub
            self.add_registers(target, left, right, bool(code >> 30 & 1))
        elif kind == 0x3023:                                                        # sd
            if left == SP:
                self.save(right, _sign(code >> 20 & 0xFE0 | target, 12))
        elif code & 0x7F == 0x37:                                                   # lui
            self.known[target] = _sign(code & 0xFFFF_F000, 32)
        elif code & 0xFFF == 0x6F or code & 0x7FFF == 0x67:                         # j, jr
            self.ends_here()


@lru_cache(maxsize=1024)
def read_prologue(code: bytes) -> Layout:
    """The frame after the instructions of `code`, which begin with the function's first."""
    reader = _Reader()
    at = 0
    while at + 2 <= len(code):
        half = int.from_bytes(code[at:at + 2], "little")
        if half & 3 != 3:
            reader.short(half)
            at += 2
        elif at + 4 <= len(code):
            reader.long(int.from_bytes(code[at:at + 4], "little"))
            at += 4
        else:
            break
    return reader.now
