"""The registers as gdb numbers them, and the description by which it learns that. GDB manual, "RISC-V Features"

0 to 31 are x0 to x31, 32 is pc, 33 to 64 are f0 to f31, then come the CSRs that a user program may read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task

PC = 32
F0 = 33
FFLAGS, FRM, FCSR, CYCLE, TIME, INSTRET = range(65, 71)
COUNT = 71

X_NAMES = ("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", *(f"a{n}" for n in range(8)),
           *(f"s{n}" for n in range(2, 12)), *(f"t{n}" for n in range(3, 7)))
F_NAMES = (*(f"ft{n}" for n in range(8)), "fs0", "fs1", *(f"fa{n}" for n in range(8)),
           *(f"fs{n}" for n in range(2, 12)), *(f"ft{n}" for n in range(8, 12)))
_CSRS = (("fflags", 32), ("frm", 32), ("fcsr", 32), ("cycle", 64), ("time", 64), ("instret", 64))
_X_TYPES = {1: "code_ptr", 2: "data_ptr", 3: "data_ptr", 4: "data_ptr", 8: "data_ptr"}

EXPEDITED = (PC, 2, 8, 1)
"""What gdb asks for at every stop, sent along with it: pc, sp, fp, ra."""


class Register(NamedTuple):
    """A register's name, and its size in bytes."""

    name: str
    size: int


REGISTERS = (*(Register(name, 8) for name in X_NAMES), Register("pc", 8), *(Register(name, 8) for name in F_NAMES),
             *(Register(name, bits // 8) for name, bits in _CSRS))


def _target_xml() -> bytes:
    lines = ['<?xml version="1.0"?>', '<!DOCTYPE target SYSTEM "gdb-target.dtd">', '<target version="1.0">',
             "<architecture>riscv:rv64</architecture>", "<osabi>GNU/Linux</osabi>",
             '<feature name="org.gnu.gdb.riscv.cpu">']
    lines += [f'<reg name="{name}" bitsize="64" type="{_X_TYPES.get(number, "int")}" regnum="{number}"/>'
              for number, name in enumerate(X_NAMES)]
    lines += [f'<reg name="pc" bitsize="64" type="code_ptr" regnum="{PC}"/>', "</feature>",
              '<feature name="org.gnu.gdb.riscv.fpu">', '<union id="riscv_double">',
              '<field name="float" type="ieee_single"/>', '<field name="double" type="ieee_double"/>', "</union>"]
    lines += [f'<reg name="{name}" bitsize="64" type="riscv_double" regnum="{F0 + number}"/>'
              for number, name in enumerate(F_NAMES)]
    csrs = [f'<reg name="{name}" bitsize="{bits}" type="int" regnum="{FFLAGS + at}"'
            f'{" save-restore=" + chr(34) + "no" + chr(34) if bits == 64 else ""}/>'
            for at, (name, bits) in enumerate(_CSRS)]
    lines += [*csrs[:3], "</feature>", '<feature name="org.gnu.gdb.riscv.csr">', *csrs[3:], "</feature>", "</target>"]
    return "\n".join(lines).encode() + b"\n"


TARGET_XML = _target_xml()


def is_current(task: Task) -> bool:
    """Whether the task's registers are in the hart."""
    kernel = task.kernel
    return kernel.scheduler.current is task and kernel.hart.context is task.context


def read_register(task: Task, number: int) -> int:
    """A register of a task, whose saved registers must be up to date."""
    context, kernel = task.context, task.kernel
    if number < PC:
        return int(context.get(number)) & (1 << 64) - 1
    if number == PC:
        return int(context.pc)
    if number < FFLAGS:
        return int(context.get_f(number - F0))
    if number <= FCSR:
        fcsr = int(context.fcsr)
        return (fcsr & 31, fcsr >> 5 & 7, fcsr & 255)[number - FFLAGS]
    if number == INSTRET and kernel.hart.retired is not None:
        return int(kernel.hart.retired)
    if number == TIME:
        return int(kernel.hart.time_ns()) // int(kernel.hart.timebase_ns)
    return int(kernel.hart.ticks)


def write_register(task: Task, number: int, value: int) -> bool:
    """Change a register of a task; False: this one cannot be changed. x0 stays 0.

    An LR reservation of the task is lost if it is a floating-point register and the task is the one that runs.
    """
    context, hart = task.context, task.kernel.hart
    loaded = is_current(task)
    if number > FCSR:
        return False
    if number < PC:
        if number:
            context.set(number, value)
            if loaded:
                hart.set_x(number, value)
        return True
    if number == PC:
        context.pc = value
        if loaded:
            hart.pc = value
        return True
    if number < FFLAGS:
        context.set_f(number - F0, value)
    else:
        fcsr = int(context.fcsr)
        context.fcsr = ((fcsr & ~31) | value & 31, (fcsr & ~0xE0) | (value & 7) << 5, value & 255)[number - FFLAGS]
    if loaded:
        hart.load(context, task.space.table)
    return True


def packed(task: Task, number: int) -> bytes:
    """A register's value as the bytes that gdb gets, little-endian."""
    return read_register(task, number).to_bytes(REGISTERS[number].size, "little")


def all_packed(task: Task) -> bytes:
    """All registers, in the order of their numbers."""
    return b"".join(packed(task, number) for number in range(COUNT))
