"""sysfs: the hart and the memory as files, as far as programs ask for them. Documentation/ABI/testing/sysfs-devices-*

There are no devices to show: what would list them is there and empty. Made of the same tables as procfs.
"""

from __future__ import annotations

from math import gcd

from rvsim.guest_os.abi.stat import S_IFDIR
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.proc.node import Dir, Entry, Link, ProcSuperBlock, Special, TableDir, Text
from rvsim.guest_os.proc.system_files import Fixed
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.pid import Pid
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions

SYSFS_MAGIC = 0x62656572
SECTION_SIZE = 128 << 20
"""The most that a memory block holds. arch/riscv/include/asm/sparsemem.h:SECTION_SIZE_BITS"""

LEAST_BLOCK = 1 << 20


class SysSuperBlock(ProcSuperBlock):
    """One mount of sysfs."""

    __slots__ = ()

    magic = SYSFS_MAGIC
    file_size = PAGE_SIZE


def block_size(kernel: Kernel) -> int:
    """Bytes of a memory block: all of them together are the machine's memory, to the megabyte."""
    frames = kernel.memory.frames
    return max(gcd(SECTION_SIZE, frames.base, frames.size), LEAST_BLOCK)


def block_size_bytes(kernel: Kernel) -> bytes:
    """In hexadecimal. drivers/base/memory.c:block_size_bytes_show"""
    return b"%x\n" % block_size(kernel)


class _Target:
    """A link's text."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text

    def __call__(self, kernel: Kernel) -> bytes:
        return self.text


def _line(text: bytes) -> Text:
    return Text(Fixed(text + b"\n"))


def _block(number: int) -> Dir:
    return Dir({
        b"online": _line(b"1"), b"phys_device": _line(b"0"), b"phys_index": _line(b"%08x" % number),
        b"removable": _line(b"0"), b"state": _line(b"online"), b"valid_zones": _line(b"none"),
    }, 0o755)


class MemoryDir(TableDir):
    """devices/system/memory: a directory for each block of memory. drivers/base/memory.c"""

    def __init__(self, sb: ProcSuperBlock) -> None:
        size, frames = block_size(sb.kernel), sb.kernel.memory.frames
        blocks = range(frames.base // size, -(-(frames.base + frames.size) // size))
        table: dict[bytes, Entry] = {b"auto_online_blocks": _line(b"offline"),
                                     b"block_size_bytes": Text(block_size_bytes)}
        super().__init__(sb, 0o755, None, table | {b"memory%d" % number: _block(number) for number in blocks})


def _memory_dir(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    return MemoryDir(sb)


_ONE = (b"core_cpus", b"core_siblings", b"cluster_cpus", b"package_cpus", b"thread_siblings")
_CPU0: dict[bytes, Entry] = {
    b"topology": Dir({b"cluster_id": _line(b"-1"), b"core_id": _line(b"0"), b"physical_package_id": _line(b"0")}
                     | {name: _line(b"1") for name in _ONE} | {name + b"_list": _line(b"0") for name in _ONE}, 0o755),
    b"subsystem": Link(_Target(b"../../../../bus/cpu")),
    b"uevent": Text(Fixed(b"DRIVER=cpu\n"), 0o644),
}
_CPU: dict[bytes, Entry] = {
    b"cpu0": Dir(_CPU0, 0o755), b"isolated": _line(b""), b"kernel_max": _line(b"0"), b"offline": _line(b""),
    b"online": _line(b"0"), b"possible": _line(b"0"), b"present": _line(b"0"),
}
_EMPTY = Dir({}, 0o755)
_TABLE: dict[bytes, Entry] = {
    b"block": _EMPTY,
    b"bus": Dir({b"cpu": Dir({b"devices": Dir({b"cpu0": Link(_Target(b"../../../devices/system/cpu/cpu0"))}, 0o755),
                              b"drivers": _EMPTY}, 0o755)}, 0o755),
    b"class": Dir({b"block": _EMPTY, b"net": _EMPTY}, 0o755),
    b"dev": Dir({b"block": _EMPTY, b"char": _EMPTY}, 0o755),
    b"devices": Dir({b"system": Dir({b"cpu": Dir(_CPU, 0o755), b"memory": Special(_memory_dir, S_IFDIR)}, 0o755)},
                    0o755),
    b"firmware": _EMPTY, b"fs": _EMPTY, b"kernel": _EMPTY, b"module": _EMPTY,
}


class SysFs(FileSystemType):
    """The hart and the memory as files. No options."""

    name = "sysfs"

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def mount(self, source: bytes, options: MountOptions) -> SysSuperBlock:
        """All mounts show the same."""
        sb = SysSuperBlock(self.kernel, self.kernel.root_ns, "sysfs")
        sb.set_root(TableDir(sb, 0o555, None, _TABLE))
        return sb
