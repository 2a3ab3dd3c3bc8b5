"""Which bytes of memory an instruction touches. RISC-V, Volume I: "RV32/64G Instruction Set Listings", "RVC Instruction
Set Listings"

    31        25 24   20 19   15 14  12 11      7 6      0
    |    imm[11:0]      |  rs1  | width|   rd    | opcode |    loads, I-type
    | imm[11:5] |  rs2  |  rs1  | width| imm[4:0]| opcode |    stores, S-type
    | funct5 .. |  rs2  |  rs1  | width|   rd    | 0101111|    lr, sc, AMO: the address is rs1
"""

from __future__ import annotations

from collections.abc import Callable

LOAD, LOAD_FP, STORE, STORE_FP, AMO = 0x03, 0x07, 0x23, 0x27, 0x2F
SYSTEM, ECALL, EBREAK = 0x73, 0, 1
LR, SC = 2, 3
SP = 2
ADDRESSES = 1 << 64


def is_long(low: int) -> bool:
    """Whether the instruction whose first 16 bits are `low` has 32."""
    return low & 3 == 3


def atomic_function(word: int) -> int | None:
    """funct5 of an atomic instruction, None for any other."""
    return word >> 27 if word & 0x7F == AMO else None


def reads_and_writes(word: int) -> bool:
    """Whether it loads and stores: an AMO, or an lr, which is one with its sc."""
    return atomic_function(word) not in (None, SC)


def is_privileged(word: int) -> bool:
    """Whether it is for a higher privilege than the user's: sret, mret, wfi and their like, or a register above.

    Volume II, "CSR Address Mapping Conventions": bits 9 and 8 of a register's number are the privilege it asks for.
    """
    if word & 0x7F != SYSTEM:
        return False
    if word >> 12 & 3:                              # csrrw to csrrci
        return bool(word >> 28 & 3)
    return word >> 20 not in (ECALL, EBREAK)


def memory_operand(word: int, register: Callable[[int], int]) -> tuple[int, int] | None:
    """(address, bytes) that a load, store or AMO touches, None for any other instruction. `register`: x0 to x31."""
    if not is_long(word):
        return _compressed(word, register)
    opcode = word & 0x7F
    base, size = register(word >> 15 & 31), 1 << (word >> 12 & 3)
    if opcode in (LOAD, LOAD_FP):
        offset = word >> 20
    elif opcode in (STORE, STORE_FP):
        offset = word >> 25 << 5 | word >> 7 & 31
    elif opcode == AMO:
        return base, size
    else:
        return None
    return (base + offset - (offset >> 11 << 12)) % ADDRESSES, size


def _compressed(word: int, register: Callable[[int], int]) -> tuple[int, int] | None:
    """fld 1, lw 2, ld 3, fsd 5, sw 6, sd 7 are the function codes of both forms: by register, and by sp."""
    code = word >> 13
    if code & 3 == 0:
        return None
    size = 4 if code & 3 == 2 else 8
    if word & 3 == 0:
        high = word >> 10 & 7
        offset = high << 3 | (word >> 6 & 1) << 2 | (word >> 5 & 1) << 6 if size == 4 else (
            high << 3 | (word >> 5 & 3) << 6)
        return (register(8 + (word >> 7 & 7)) + offset) % ADDRESSES, size
    if word & 3 != 2:
        return None
    if code & 4:
        offset = ((word >> 9 & 15) << 2 | (word >> 7 & 3) << 6) if size == 4 else (
            (word >> 10 & 7) << 3 | (word >> 7 & 7) << 6)
    else:
        offset = (word >> 12 & 1) << 5 | ((word >> 4 & 7) << 2 | (word >> 2 & 3) << 6 if size == 4 else
                                          (word >> 5 & 3) << 3 | (word >> 2 & 7) << 6)
    return (register(SP) + offset) % ADDRESSES, size
