"""One instruction at a time. RISC-V's user mode has no trace flag; the engine counts instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EFAULT
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.task.operand import LR, SC, atomic_function, is_long

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.task import Task

SEQUENCE_INSTRUCTIONS = 16
"""Volume I, "Eventual Success of Store-Conditional Instructions"."""


def instruction_at(space: AddressSpace, pc: int) -> int:
    """The 16 or 32 bits at `pc`, 0 if they cannot be read."""
    try:
        low = int.from_bytes(user_memory.read(space, pc, 2), "little")
        return low | int.from_bytes(user_memory.read(space, pc + 2, 2), "little") << 16 if is_long(low) else low
    except (EFAULT, OutOfMemory):
        return 0


def step(task: Task) -> int:
    """Run one instruction of the loaded task; returns the cause, negative if it did not trap.

    From an lr on, everything up to its sc is one step: whoever looks in between makes the reservation be lost, and a
    loop around the two would never end. gdb steps so too, gdb/riscv-tdep.c:riscv_deal_with_atomic_sequence
    """
    hart, space = task.kernel.hart, task.space
    word = instruction_at(space, hart.pc)
    cause = int(hart.step(1))
    if atomic_function(word) != LR:
        return cause
    for _ in range(SEQUENCE_INSTRUCTIONS):
        if cause >= 0:
            break
        word = instruction_at(space, hart.pc)
        cause = int(hart.step(1))
        if atomic_function(word) == SC:
            break
    return cause
