"""What the hardware is like, and where a program runs. kernel/sys.c, Documentation/arch/riscv/hwprobe.rst"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, EINVAL
from rvsim.guest_os.abi.hwprobe import HWPROBE
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Flags, Ptr, SizeT
from rvsim.guest_os.task.task import Task


def sys_getcpu(task: Task, cpu: Ptr, node: Ptr, unused: Ptr) -> int:
    """Hart 0 of node 0. EFAULT: one of the places, after storing the other. kernel/sys.c"""
    failed = False
    for address in (cpu, node):
        if address:
            try:
                user_memory.write_u32(task.space, address, 0)
            except EFAULT:
                failed = True
    if failed:
        raise EFAULT
    return 0


HWPROBE_BITS = (3, 4, 5)
"""The keys whose value is a set of bits: to have some of them is enough."""
HWPROBE_WHICH_CPUS = 1


def sys_riscv_hwprobe(task: Task, pairs: Ptr, count: SizeT, cpu_count: SizeT, cpus: Ptr, flags: Flags) -> int:
    """Fill in values for keys, or (WHICH_CPUS) find the harts that have them. arch/riscv/kernel/sys_hwprobe.c

    Raises:
        EINVAL: flags, or no online hart is asked about. EFAULT.

    Differs: more than 4,096 pairs are EINVAL.
    """
    if flags & ~HWPROBE_WHICH_CPUS or count > 4096:
        raise EINVAL
    if flags:
        return _which_harts(task, pairs, count, cpu_count, cpus)
    if (cpu_count or cpus) and not _hart_mask(task, cpus, cpu_count) & 1:
        raise EINVAL
    for at in range(count):
        key, _ = _read_pair(task, pairs + 16 * at)
        known = 0 <= key < len(HWPROBE)
        user_memory.write(task.space, pairs + 16 * at,
                          struct.pack("<qQ", key if known else -1, HWPROBE[key] if known else 0))
    return 0


def _read_pair(task: Task, address: int) -> tuple[int, int]:
    key, value = struct.unpack("<qQ", user_memory.read(task.space, address, 16))
    return key, value


def _hart_mask(task: Task, cpus: int, size: int) -> int:
    return int.from_bytes(user_memory.read(task.space, cpus, min(size, 8)), "little")


def _which_harts(task: Task, pairs: int, count: int, size: int, cpus: int) -> int:
    """RISCV_HWPROBE_WHICH_CPUS: leave in the set at `cpus` the harts that have all values; an empty set is all."""
    if not size or not cpus:
        raise EINVAL
    mask = _hart_mask(task, cpus, size)
    like = not mask or mask & 1 != 0
    for at in range(count):
        key, value = _read_pair(task, pairs + 16 * at)
        own = HWPROBE[key] if 0 <= key < len(HWPROBE) else None
        if own is None:
            user_memory.write(task.space, pairs + 16 * at, struct.pack("<qQ", -1, 0))
            like = False
        elif (own & value != value) if key in HWPROBE_BITS else own != value:
            like = False
    user_memory.write(task.space, cpus, int(like).to_bytes(min(size, 8), "little"))
    return 0
