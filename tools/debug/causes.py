"""The causes of traps by their names. RISC-V, Volume II, "Supervisor Cause Register (scause)", exception codes."""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    0: "instruction address misaligned", 1: "instruction access fault", 2: "illegal instruction", 3: "breakpoint",
    4: "load address misaligned", 5: "load access fault", 6: "store/AMO address misaligned",
    7: "store/AMO access fault", 8: "environment call from U-mode", 9: "environment call from S-mode",
    12: "instruction page fault", 13: "load page fault", 15: "store/AMO page fault",
}
ILLEGAL: Final = 2
ECALL: Final = 8
FAULTS: Final = frozenset(NAMES) - {ECALL}


def name_of(cause: int) -> str:
    """The name of a cause."""
    return NAMES.get(cause, f"exception {cause}")


def reads_counter(word: int) -> bool:
    """Whether an instruction is a read of time, cycle or instret, which traps and is answered by the machine itself."""
    return word & 0xFA07F == 0x02073 and 0xC00 <= word >> 20 <= 0xC02
