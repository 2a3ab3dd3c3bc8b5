"""The files of the whole system. fs/proc/*.c; proc(5)"""

from __future__ import annotations

from rvsim.guest_os.abi.poll import POLLIN, POLLRDNORM
from rvsim.guest_os.abi.utsname import RELEASE, VERSION
from rvsim.guest_os.proc.node import SystemTextFile
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.task import Task

HZ_NS = 10_000_000
ISA = b"rv64imafdc_zicntr_zicsr_zifencei"


def all_tasks(kernel: Kernel) -> list[Task]:
    """Every thread of the machine, by number."""
    return list(kernel.root_ns.tasks(PidType.PID))


def cpuinfo(kernel: Kernel) -> bytes:
    """The one hart. arch/riscv/kernel/cpu.c:c_show"""
    return (b"processor\t: 0\nhart\t\t: 0\nisa\t\t: " + ISA + b"\nmmu\t\t: sv39\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\n"
            b"mimpid\t\t: 0x0\n\n")


def meminfo(kernel: Kernel) -> bytes:
    """Memory in kB; a page that several share counts once. fs/proc/meminfo.c"""
    frames = kernel.memory.frames
    cached, shmem = kernel.memory.cached_pages()
    spaces = {id(task.mm): task.mm for task in all_tasks(kernel) if task.mm is not None}.values()
    tables = sum(mm.table.tables for mm in spaces)
    anon = max(frames.used - cached - tables, 0)
    mapped = kernel.memory.mapped_pages()
    committed = sum(mm.data_vm + mm.stack_vm for mm in spaces)
    rows = (
        ("MemTotal", frames.total), ("MemFree", frames.free), ("MemAvailable", frames.free + cached), ("Buffers", 0),
        ("Cached", cached), ("SwapCached", 0), ("Active", anon), ("Inactive", cached), ("Active(anon)", anon),
        ("Inactive(anon)", 0), ("Active(file)", 0), ("Inactive(file)", cached), ("Unevictable", 0), ("Mlocked", 0),
        ("SwapTotal", 0), ("SwapFree", 0), ("Dirty", 0), ("Writeback", 0), ("AnonPages", anon), ("Mapped", mapped),
        ("Shmem", shmem), ("KReclaimable", 0), ("Slab", 0), ("SReclaimable", 0), ("SUnreclaim", 0), ("KernelStack", 0),
        ("PageTables", tables), ("NFS_Unstable", 0), ("Bounce", 0), ("WritebackTmp", 0),
        ("CommitLimit", frames.total // 2), ("Committed_AS", committed), ("VmallocTotal", 1 << 24), ("VmallocUsed", 0),
        ("VmallocChunk", 0))
    return b"".join(b"%-16s%8d kB\n" % (name.encode() + b":", pages * 4) for name, pages in rows)


def version(kernel: Kernel) -> bytes:
    """fs/proc/version.c"""
    return b"Linux version " + RELEASE + b" (rvsim@rvsim) (python) " + VERSION + b"\n"


def filesystems(kernel: Kernel) -> bytes:
    """The kinds of file system. fs/filesystems.c"""
    return b"".join((b"\t" if kind.needs_device else b"nodev\t") + name.encode() + b"\n"
                    for name, kind in kernel.mounts.types.items())


def devices(kernel: Kernel) -> bytes:
    """Major numbers. fs/proc/devices.c"""
    return (b"Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n")


def vmstat(kernel: Kernel) -> bytes:
    """Counters of memory management. mm/vmstat.c"""
    counters = kernel.counters
    faults = counters.faults + kernel.hart.zero_fills
    return (b"nr_free_pages %d\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault %d\npgmajfault 0\noom_kill %d\n"
            % (kernel.memory.frames.free, faults, counters.killed_for_memory))


class Fixed:
    """A file that always says the same."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text

    def __call__(self, kernel: Kernel) -> bytes:
        return self.text


class SwapsFile(SystemTextFile):
    """What is swapped to: poll would tell of a change. mm/swapfile.c:swaps_poll"""

    __slots__ = ()

    def poll(self) -> int:
        return POLLIN | POLLRDNORM
