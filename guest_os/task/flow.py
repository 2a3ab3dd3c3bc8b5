"""Where an instruction leads. RISC-V, Volume I: "RV32I Base Integer Instruction Set", "RVC Instruction Set Listings"
"""

from __future__ import annotations

from collections.abc import Callable

from rvsim.guest_os.task.operand import ADDRESSES, is_long

BRANCH, JALR, JAL = 0x63, 0x67, 0x6F
C_J, C_BEQZ, C_BNEZ = 5, 6, 7


def size_of(word: int) -> int:
    """Bytes of the instruction: 2 or 4."""
    return 4 if is_long(word) else 2


def is_jump(word: int) -> bool:
    """Whether it is a jump or a branch, taken or not: only behind one of these does a time slice end."""
    if is_long(word):
        return word & 0x7F in (BRANCH, JALR, JAL)
    return (word & 3 == 1 and word >> 13 & 7 >= C_J) or _is_register_jump(word)


def _is_register_jump(word: int) -> bool:
    return word & 0xE07F == 0x8002 and bool(word >> 7 & 31)


def is_call(word: int) -> bool:
    """Whether it is a jump that leaves its return address in ra or t0. Volume I, "Control Transfer Instructions"."""
    if is_long(word):
        return word & 0x7F in (JAL, JALR) and word >> 7 & 31 in (1, 5)
    return _is_register_jump(word) and bool(word >> 12 & 1)


def successors(pc: int, word: int, register: Callable[[int], int]) -> tuple[int, ...]:
    """Where the program can be after the instruction at `pc`, if it does not trap: one or two addresses.

    `register` gives x0 to x31 as they are before it.
    """
    behind = pc + size_of(word)
    if not is_jump(word):
        return (behind % ADDRESSES,)
    if not is_long(word):
        if _is_register_jump(word):
            return (register(word >> 7 & 31) & ~1,)
        target = (pc + (_c_jump(word) if word >> 13 == C_J else _c_branch(word))) % ADDRESSES
        return (target,) if word >> 13 == C_J else (behind, target)
    opcode = word & 0x7F
    if opcode == JALR:
        return ((register(word >> 15 & 31) + _signed(word >> 20, 12)) % ADDRESSES & ~1,)
    if opcode == JAL:
        offset = word >> 31 << 20 | (word >> 12 & 0xFF) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3FF) << 1
        return ((pc + _signed(offset, 21)) % ADDRESSES,)
    offset = word >> 31 << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 0x3F) << 5 | (word >> 8 & 15) << 1
    return behind, (pc + _signed(offset, 13)) % ADDRESSES


def _signed(value: int, bits: int) -> int:
    return value - (value >> bits - 1 << bits)


def _c_jump(word: int) -> int:
    """The offset of c.j: imm[11|4|9:8|10|6|7|3:1|5] in bits 12 to 2."""
    offset = (word >> 12 & 1) << 11 | (word >> 11 & 1) << 4 | (word >> 9 & 3) << 8 | (word >> 8 & 1) << 10
    offset |= (word >> 7 & 1) << 6 | (word >> 6 & 1) << 7 | (word >> 3 & 7) << 1 | (word >> 2 & 1) << 5
    return _signed(offset, 12)


def _c_branch(word: int) -> int:
    """The offset of c.beqz and c.bnez: imm[8|4:3] in bits 12 to 10, imm[7:6|2:1|5] in bits 6 to 2."""
    offset = (word >> 12 & 1) << 8 | (word >> 10 & 3) << 3 | (word >> 5 & 3) << 6 | (word >> 3 & 3) << 1
    return _signed(offset | (word >> 2 & 1) << 5, 9)
