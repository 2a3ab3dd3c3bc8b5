"""Restartable sequences: what a thread registered, and what becomes of a section that was disturbed. kernel/rseq.c

struct rseq (32 bytes): cpu_id_start u32, cpu_id u32, rseq_cs u64, flags u32, node_id u32, mm_cid u32.
struct rseq_cs (32 bytes): version u32, flags u32, start_ip u64, post_commit_offset u64, abort_ip u64.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import TASK_SIZE

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task

SECTION = struct.Struct("<IIQQQ")
IDS = struct.Struct("<II")
NODE_IDS = struct.Struct("<II")
OFF_SECTION, OFF_FLAGS, OFF_NODE = 8, 16, 20
CPU_ID_UNINITIALIZED = 0xFFFF_FFFF
FEATURE_SIZE = 28
ALIGNMENT = 32


class Rseq:
    """A thread's registration.

    `disturbed`: it was preempted, or a signal came, since it was settled. `stored`: its ids are, which never change.
    """

    __slots__ = ("address", "disturbed", "signature", "size", "stored")

    def __init__(self, address: int, size: int, signature: int) -> None:
        self.address = address
        self.size = size
        self.signature = signature
        self.disturbed = True
        self.stored = False

    def copy(self) -> Rseq:
        """What a child that has memory of its own starts with."""
        new = Rseq(self.address, self.size, self.signature)
        new.disturbed, new.stored = self.disturbed, self.stored
        return new


def settle(task: Task, rseq: Rseq) -> None:
    """Before the program goes on: leave a section that was disturbed by its abort handler, and store the hart's number.

    kernel/rseq.c:__rseq_handle_notify_resume

    Raises:
        EFAULT, EINVAL: what the program registered is not usable: SIGSEGV.
    """
    space = task.space
    address = rseq.address
    section = user_memory.read_u64(space, address + OFF_SECTION)
    if section:
        _leave_section(task, rseq, section)
    rseq.disturbed = False
    if not rseq.stored:
        user_memory.write(space, address, IDS.pack(0, 0))
        user_memory.write(space, address + OFF_NODE, NODE_IDS.pack(0, 0))
        rseq.stored = True


def _leave_section(task: Task, rseq: Rseq, address: int) -> None:
    """kernel/rseq.c:rseq_ip_fixup, rseq_get_rseq_cs"""
    space, hart = task.space, task.kernel.hart
    if address >= TASK_SIZE:
        raise EINVAL
    version, flags, start, length, abort = SECTION.unpack(user_memory.read(space, address, SECTION.size))
    if start >= TASK_SIZE or start + length >= TASK_SIZE or abort >= TASK_SIZE or version:
        raise EINVAL
    if start <= abort < start + length or abort < 4:
        raise EINVAL
    if user_memory.read_u32(space, abort - 4) != rseq.signature:
        raise EINVAL
    inside = start <= hart.pc < start + length
    if inside and (flags or user_memory.read_u32(space, rseq.address + OFF_FLAGS)):
        raise EINVAL
    if inside and not rseq.disturbed:
        return
    user_memory.write_u64(space, rseq.address + OFF_SECTION, 0)
    if inside:
        hart.save()
        task.context.pc = abort
        hart.load(task.context, space.table)


def forget(task: Task, rseq: Rseq) -> None:
    """The registration ends: the ids say so. EFAULT. kernel/rseq.c:rseq_reset_rseq_cpu_node_id"""
    user_memory.write(task.space, rseq.address, IDS.pack(0, CPU_ID_UNINITIALIZED))
    user_memory.write(task.space, rseq.address + OFF_NODE, NODE_IDS.pack(0, 0))
