"""How to unwind the vDSO's functions: .eh_frame and .eh_frame_hdr. DWARF 5, 6.4; Linux Standard Base Core, "Exception
Frames".

Calls of the functions need one rule (nothing is on the stack, the caller is in ra). A frame of `rt_sigreturn` is the
context that a signal interrupted: every register is on the stack where the kernel stored it, the stack pointer too.
Its return address has a column of its own, 64, since all 32 registers are the interrupted function's. RISC-V ELF psABI,
"DWARF Register Numbers".
"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.signal_frame import OFF_FPREGS, OFF_GREGS
from rvsim.guest_os.mm.vdso_code import Function

SP, RA, F0, RETURN_COLUMN = 2, 1, 32, 64

DW_CFA_nop, DW_CFA_def_cfa, DW_CFA_def_cfa_expression, DW_CFA_expression = 0x00, 0x0C, 0x0F, 0x10
DW_OP_deref, DW_OP_breg0 = 0x06, 0x70
DW_EH_PE_udata4, DW_EH_PE_pcrel_sdata4, DW_EH_PE_datarel_sdata4 = 0x03, 0x1B, 0x3B


def sleb128(value: int) -> bytes:
    """A signed number, seven bits a byte, the lowest first. DWARF 5, 7.6"""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


def _on_stack(offset: int) -> bytes:
    """The expression for an address: the stack pointer plus `offset`."""
    return bytes([DW_OP_breg0 + SP]) + sleb128(offset)


def _saved(column: int, offset: int) -> bytes:
    expression = _on_stack(offset)
    return bytes([DW_CFA_expression, column, len(expression)]) + expression


def signal_rules() -> bytes:
    """The rules of a signal frame: the CFA is the interrupted stack pointer; each register is where it was stored."""
    cfa = _on_stack(OFF_GREGS + 8 * SP) + bytes([DW_OP_deref])
    return b"".join((
        bytes([DW_CFA_def_cfa_expression, len(cfa)]), cfa,
        *(_saved(number, OFF_GREGS + 8 * number) for number in range(1, 32)),
        *(_saved(F0 + number, OFF_FPREGS + 8 * number) for number in range(32)),
        _saved(RETURN_COLUMN, OFF_GREGS)))


def _padded(body: bytes) -> bytes:
    """An entry with its length in front, filled up to a multiple of 8."""
    body += bytes([DW_CFA_nop]) * (-(len(body) + 4) % 8)
    return struct.pack("<I", len(body)) + body


def _cie(augmentation: bytes, return_column: int, rules: bytes) -> bytes:
    factors = b"\1" + sleb128(-8)                       # of code and data; no rule uses them
    return _padded(struct.pack("<IB", 0, 1) + augmentation + b"\0" + factors
                   + bytes([return_column, 1, DW_EH_PE_pcrel_sdata4]) + rules)


def eh_frame(address: int, code: int, functions: list[Function]) -> tuple[bytes, list[tuple[int, int]]]:
    """The section for `address`, with the code at `code`; and (start, where the entry stands) for each function.

    The entry of `rt_sigreturn` begins an instruction early, see `vdso_code.assemble`.
    """
    call = _cie(b"zR", RA, bytes([DW_CFA_def_cfa, SP, 0]))
    signal = _cie(b"zRS", RETURN_COLUMN, signal_rules())
    out = call + signal
    table = []
    for function in functions:
        of_signal = function.name == "__vdso_rt_sigreturn"
        start = code + function.start - (4 if of_signal else 0)
        at = address + len(out)
        cie = address + (len(call) if of_signal else 0)
        out += _padded(struct.pack("<IiIB", at + 4 - cie, start - (at + 8), code + function.end - start, 0))
        table.append((start, at))
    return out + bytes(4), table


def eh_frame_hdr(address: int, frames: int, table: list[tuple[int, int]]) -> bytes:
    """The table to search: for the section at `address`, with .eh_frame at `frames`."""
    pairs = b"".join(struct.pack("<ii", start - address, entry - address) for start, entry in sorted(table))
    return struct.pack("<BBBBiI", 1, DW_EH_PE_pcrel_sdata4, DW_EH_PE_udata4, DW_EH_PE_datarel_sdata4,
                       frames - (address + 4), len(table)) + pairs


def eh_frame_hdr_size(functions: list[Function]) -> int:
    """Bytes of `eh_frame_hdr` for so many functions."""
    return 12 + 8 * len(functions)
