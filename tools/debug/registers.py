"""The registers of a task, by name: x0 to x31 and their names in the calling convention, pc, f0 to f31, fcsr."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rvsim.guest_os.proc.solproc.views import context_of

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task

NAMES: Final = (
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
    *(f"s{number}" for number in range(2, 12)), *(f"t{number}" for number in range(3, 7)),
)
"""RISC-V ELF psABI, "Integer Register Convention"."""

FLOAT_NAMES: Final = (
    *(f"ft{number}" for number in range(8)), "fs0", "fs1", *(f"fa{number}" for number in range(8)),
    *(f"fs{number}" for number in range(2, 12)), *(f"ft{number}" for number in range(8, 12)),
)

NUMBERS: Final[Mapping[str, int]] = (
    {name: number for number, name in enumerate(NAMES)} | {f"x{number}": number for number in range(32)} | {"fp": 8})
FLOAT_NUMBERS: Final[Mapping[str, int]] = (
    {name: number for number, name in enumerate(FLOAT_NAMES)} | {f"f{number}": number for number in range(32)})

_MASK = (1 << 64) - 1


def read(task: Task, name: str) -> int | None:
    """The value of a register, unsigned; None if there is none of that name."""
    context = context_of(task)
    if name == "pc":
        return int(context.pc)
    if name == "fcsr":
        return int(context.fcsr)
    if name in NUMBERS:
        number = NUMBERS[name]
        return int(context.get(number)) if number else 0
    if name in FLOAT_NUMBERS:
        return int(context.get_f(FLOAT_NUMBERS[name]))
    return None


def write(task: Task, name: str, value: int) -> bool:
    """Change a register of a task that stands still; whether there is one of that name. x0 stays 0."""
    hart = task.kernel.hart
    loaded = hart.context is task.context
    if loaded:
        hart.save()
    context = task.context
    value &= _MASK
    if name == "pc":
        context.pc = value
    elif name == "fcsr":
        context.fcsr = value & 0xFF
    elif name in NUMBERS:
        if NUMBERS[name]:
            context.set(NUMBERS[name], value)
    elif name in FLOAT_NUMBERS:
        context.set_f(FLOAT_NUMBERS[name], value)
    else:
        return False
    if loaded and task.mm is not None:
        hart.load(context, task.mm.table)
    return True


def all_of(task: Task) -> dict[str, int]:
    """pc and the 32 integer registers, in this order."""
    context = context_of(task)
    values = {"pc": int(context.pc)}
    for number, name in enumerate(NAMES):
        values[name] = int(context.get(number)) if number else 0
    return values


def floats_of(task: Task) -> dict[str, int]:
    """The 32 floating-point registers as 64 bits each, and fcsr."""
    context = context_of(task)
    return {name: int(context.get_f(number)) for number, name in enumerate(FLOAT_NAMES)} | {"fcsr": int(context.fcsr)}
