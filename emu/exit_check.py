"""Finds the engine's switch for the check that follows every load and store.

Unicorn generates a call after each memory access that asks whether a memory hook wants to stop. rvsim has no memory
hooks, and the call is most of what a load or store costs. The engine has a switch that leaves it out (its ARM front
end uses it inside an IT block, which must not be left in its middle); the switch is a byte of the engine's own
structure, with no public name. So it is found by looking: an ARM engine translates code with and without an IT block,
and the one byte that goes up and down with it is the switch. Nothing is assumed about where it stands; if not exactly
one byte behaves so, there is no switch, and everything works, slower.
"""

from __future__ import annotations

import ctypes
import functools

import unicorn
from unicorn import arm_const
from unicorn import unicorn_const as uc_const

_CODE = 0x1000
_PLAIN = _CODE + 0x800
_END = _CODE + 0xC00
_IN_IT_BLOCK = bytes.fromhex("804208bf7047")       # cmp r0, r0; it eq; bxeq lr
_OUTSIDE = bytes.fromhex("00bf7047")               # nop; bx lr
_ROUNDS = 3
_IS_0 = bytes(int(value == 0) for value in range(256))
_IS_1 = bytes(int(value == 1) for value in range(256))


@functools.cache
def switch_offset() -> int | None:
    """Bytes from the start of the engine's structure to the switch, None if it cannot be found. 6 ms, once."""
    try:
        usable_size = ctypes.CDLL(None).malloc_usable_size
    except (AttributeError, OSError, TypeError):
        return None                                # not glibc: the structure's size is not known
    usable_size.restype = ctypes.c_size_t
    usable_size.argtypes = [ctypes.c_void_p]
    try:
        found = _probe(usable_size)
    except unicorn.UcError:
        return None
    return found.pop() if len(found) == 1 else None


def _probe(usable_size: ctypes._NamedFuncPointer) -> set[int]:
    engine = unicorn.Uc(uc_const.UC_ARCH_ARM, uc_const.UC_MODE_THUMB)
    engine.mem_map(_CODE, 0x1000)
    engine.mem_write(_CODE, _IN_IT_BLOCK)
    engine.mem_write(_PLAIN, _OUTSIDE)
    engine.reg_write(arm_const.UC_ARM_REG_LR, _END | 1)
    address = engine._uch.value
    size = usable_size(address)

    def state_after(start: int) -> bytes:
        engine.ctl_remove_cache(_CODE, _CODE + 0x1000)
        engine.emu_start(start | 1, _END)
        return ctypes.string_at(address, size)

    found = -1
    for _ in range(_ROUNDS):
        off, on = state_after(_PLAIN), state_after(_CODE)
        # As numbers of `size` bytes, each 1 where the byte is 0 before and 1 after: fast, for a large structure.
        found &= int.from_bytes(off.translate(_IS_0), "little") & int.from_bytes(on.translate(_IS_1), "little")
    marks = found.to_bytes(size, "little")
    return {at for at in range(marks.find(1), marks.rfind(1) + 1) if marks[at]} if found else set()
