"""Where things stand in a user address space. arch/riscv/include/asm/processor.h, elf.h (Sv39)"""

PAGE_SIZE = 4096
PAGE_MASK = PAGE_SIZE - 1

TASK_SIZE = 1 << 38
"""First address past the user half of Sv39."""

MMAP_MIN = 0x10000
"""Lowest address that can be mapped (vm.mmap_min_addr)."""

STACK_TOP = TASK_SIZE - PAGE_SIZE
STACK_GAP = 256 * PAGE_SIZE
"""Kept free below a stack that grows. mm/mmap.c:stack_guard_gap"""

DYN_BASE = (TASK_SIZE // 3 * 2) & ~PAGE_MASK
"""Load address of a position-independent program: ELF_ET_DYN_BASE."""

MMAP_GAP = 128 << 20
"""Least distance between the top of the stack and mapped areas. arch/riscv/mm, mm/util.c:mmap_base"""

MAX_RW_COUNT = 0x7FFF_F000
"""The most that one call moves. include/linux/fs.h"""


def page_down(address: int) -> int:
    """The start of the page that holds `address`."""
    return address & ~PAGE_MASK


def page_up(address: int) -> int:
    """The first page boundary at or after `address`."""
    return (address + PAGE_MASK) & ~PAGE_MASK
