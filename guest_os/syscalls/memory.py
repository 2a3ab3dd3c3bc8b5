"""brk, mmap and their family. mm/mmap.c, mprotect.c, mremap.c, madvise.c, mlock.c, mincore.c, msync.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EACCES, EBUSY, EEXIST, EINVAL, ENOMEM, EOPNOTSUPP, EPERM
from rvsim.guest_os.abi.fcntl import MS_NOEXEC
from rvsim.guest_os.abi.mman import (
    MADV_COLD,
    MADV_DODUMP,
    MADV_DOFORK,
    MADV_DONTDUMP,
    MADV_DONTFORK,
    MADV_DONTNEED,
    MADV_FREE,
    MADV_HUGEPAGE,
    MADV_KEEPONFORK,
    MADV_MERGEABLE,
    MADV_NOHUGEPAGE,
    MADV_NORMAL,
    MADV_PAGEOUT,
    MADV_POPULATE_READ,
    MADV_POPULATE_WRITE,
    MADV_RANDOM,
    MADV_SEQUENTIAL,
    MADV_UNMERGEABLE,
    MADV_WILLNEED,
    MADV_WIPEONFORK,
    MAP_ANONYMOUS,
    MAP_FIXED,
    MAP_FIXED_NOREPLACE,
    MAP_GROWSDOWN,
    MAP_HUGETLB,
    MAP_LOCKED,
    MAP_NONBLOCK,
    MAP_NORESERVE,
    MAP_POPULATE,
    MAP_PRIVATE,
    MAP_SHARED,
    MAP_SHARED_VALIDATE,
    MAP_SYNC,
    MAP_TYPE,
    MCL_CURRENT,
    MCL_FUTURE,
    MCL_ONFAULT,
    MREMAP_DONTUNMAP,
    MREMAP_FIXED,
    MREMAP_MAYMOVE,
    MS_ASYNC,
    MS_INVALIDATE,
    MS_SYNC,
    PROT_EXEC,
    PROT_GROWSDOWN,
    PROT_GROWSUP,
    PROT_READ,
    PROT_WRITE,
    VM_DONTCOPY,
    VM_DONTDUMP,
    VM_GROWSDOWN,
    VM_LOCKED,
    VM_MAYWRITE,
    VM_NORESERVE,
    VM_SHARED,
    VM_WIPEONFORK,
)
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace, lock
from rvsim.guest_os.mm.fault import Access, BadAccess
from rvsim.guest_os.mm.layout import MMAP_MIN, PAGE_MASK, PAGE_SIZE, TASK_SIZE, page_down, page_up
from rvsim.guest_os.syscalls.args import Fd, Int, Ptr, SizeT, ULong
from rvsim.guest_os.task.resources import RLIM_INFINITY, RLIMIT_MEMLOCK
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File

_PROT_MASK = PROT_READ | PROT_WRITE | PROT_EXEC


def sys_brk(task: Task, address: Ptr) -> int:
    """Move the end of the heap; returns where it is now, unmoved if it cannot be. mm/mmap.c:brk"""
    return task.space.set_brk(address)


def sys_mmap(task: Task, addr: Ptr, length: SizeT, prot: ULong, flags: ULong, fd: Fd, offset: ULong) -> int:
    """Map memory or a file. mm/mmap.c:ksys_mmap_pgoff; the offset is in bytes (riscv64).

    Raises:
        EINVAL: length 0, a misaligned offset or fixed address, neither or both of SHARED and PRIVATE.
        EBADF, EACCES, ENODEV: the file is closed, not open for this, or cannot be mapped.
        ENOMEM: no room. EEXIST: MAP_FIXED_NOREPLACE and something is there. EPERM: below mmap_min_addr; PROT_EXEC on a
        mount with noexec; a seal.
    """
    if offset & PAGE_MASK or not length:
        raise EINVAL
    size = page_up(length)
    if length > TASK_SIZE:
        raise ENOMEM
    kind = flags & MAP_TYPE
    if kind not in (MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE) or flags & MAP_HUGETLB:
        raise EINVAL
    if kind == MAP_SHARED_VALIDATE and flags & MAP_SYNC:
        raise EOPNOTSUPP
    file = cache = None
    vm_flags = VM_MAYWRITE | (VM_SHARED if kind != MAP_PRIVATE else 0)
    vm_flags |= (VM_NORESERVE if flags & MAP_NORESERVE else 0) | (VM_LOCKED if flags & MAP_LOCKED else 0)
    if not flags & MAP_ANONYMOUS:
        file = task.fds.get(fd)
        if offset + size > 1 << 63:
            raise EINVAL
        if not file.readable:
            raise EACCES
        if kind != MAP_PRIVATE and not file.writable:
            if prot & PROT_WRITE:
                raise EACCES
            vm_flags &= ~VM_MAYWRITE
        if prot & PROT_EXEC and file.path.mount.flags & MS_NOEXEC:
            raise EPERM
        target = file.map_target()
        if target is None:
            file = None                     # /dev/zero: plain zeroed memory
        else:
            if kind != MAP_PRIVATE and not target.check_shared_map(bool(prot & PROT_WRITE)):
                vm_flags &= ~VM_MAYWRITE
            cache = task.space.memory.cache_of(target)
    elif flags & MAP_GROWSDOWN:
        if kind != MAP_PRIVATE:
            raise EINVAL
        vm_flags |= VM_GROWSDOWN
    space = task.space
    start = _place(space, addr, size, flags)
    area = space.map(start, size, prot & _PROT_MASK, vm_flags, cache, offset if cache is not None else 0, file)
    if (flags & MAP_POPULATE and not flags & MAP_NONBLOCK) or area.flags & VM_LOCKED:
        populate(space, start, start + size)
    return start


def _place(space: AddressSpace, addr: int, size: int, flags: int) -> int:
    if not flags & (MAP_FIXED | MAP_FIXED_NOREPLACE):
        return space.find_free(size, page_down(addr) if addr < TASK_SIZE else 0)
    if addr & PAGE_MASK:
        raise EINVAL
    if addr > TASK_SIZE - size:
        raise ENOMEM
    if addr < MMAP_MIN:
        raise EPERM
    if flags & MAP_FIXED_NOREPLACE:
        if space.areas.overlapping(addr, addr + size):
            raise EEXIST
    else:
        space.unmap(addr, addr + size)
    return addr


def populate(space: AddressSpace, start: int, end: int) -> None:
    """Touch every page of [start, end) that can be touched, as MAP_POPULATE and mlock do. mm/gup.c"""
    for page in range(start, end, PAGE_SIZE):
        area = space.areas.find(page)
        if area is None or not area.prot:
            continue
        try:
            if not space.table.walk(page):
                space.fault(page, Access.WRITE if area.prot & PROT_WRITE and not area.shared else Access.READ)
        except BadAccess:
            return


def _range(addr: int, length: int) -> int:
    """The end of [addr, addr + length), page-rounded. Raises EINVAL."""
    if addr & PAGE_MASK or length > TASK_SIZE or addr > TASK_SIZE - page_up(length):
        raise EINVAL
    return addr + page_up(length)


def sys_munmap(task: Task, addr: Ptr, length: SizeT) -> int:
    """Unmap; what is not mapped is no error. EINVAL: misaligned, empty or out of range. mm/mmap.c"""
    end = _range(addr, length)
    if end == addr:
        raise EINVAL
    task.space.unmap(addr, end)
    return 0


def sys_mprotect(task: Task, addr: Ptr, length: SizeT, prot: ULong) -> int:
    """Change protection. mm/mprotect.c:do_mprotect_pkey

    Raises:
        EINVAL: misaligned, or an unknown bit. ENOMEM: a part is not mapped.
        EACCES: writing to a shared map of a file that is open for reading only; executing from a mount with noexec.
    """
    grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP)
    if grows == PROT_GROWSDOWN | PROT_GROWSUP or addr & PAGE_MASK:
        raise EINVAL
    if not length:
        return 0
    if length > TASK_SIZE or addr > TASK_SIZE - page_up(length):
        raise ENOMEM
    if prot & ~(_PROT_MASK | PROT_GROWSDOWN | PROT_GROWSUP | 8):
        raise EINVAL
    end = addr + page_up(length)
    space = task.space
    if grows:
        area = space.areas.find(addr)
        if area is None or not area.flags & VM_GROWSDOWN:
            raise EINVAL
        addr = area.start
    if prot & (PROT_WRITE | PROT_EXEC):
        for area in space.areas.overlapping(addr, end):
            if prot & PROT_WRITE and area.flags & VM_SHARED and not area.flags & VM_MAYWRITE:
                raise EACCES
            if prot & PROT_EXEC and isinstance(area.file, File) and area.file.path.mount.flags & MS_NOEXEC:
                raise EACCES
    space.protect(addr, end, prot & _PROT_MASK)
    return 0


def sys_mremap(task: Task, addr: Ptr, old_len: SizeT, new_len: SizeT, flags: ULong, new_addr: Ptr) -> int:
    """Resize or move a mapping. mm/mremap.c

    Raises:
        EINVAL: flags, alignment, overlap, a new length of 0. EFAULT: not one mapping. ENOMEM: no room in place.
    """
    if flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED) or (flags & MREMAP_FIXED and not flags & MREMAP_MAYMOVE):
        raise EINVAL
    if flags & MREMAP_DONTUNMAP or addr & PAGE_MASK or not new_len or new_len > TASK_SIZE or old_len > TASK_SIZE:
        raise EINVAL
    return task.space.remap(addr, page_up(old_len), page_up(new_len), bool(flags & MREMAP_MAYMOVE),
                            new_addr if flags & MREMAP_FIXED else None)


_ADVICE_NOTHING = (MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT, MADV_MERGEABLE,
                   MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE)
_ADVICE_FLAGS = {MADV_DONTFORK: (VM_DONTCOPY, True), MADV_DOFORK: (VM_DONTCOPY, False),
                 MADV_DONTDUMP: (VM_DONTDUMP, True), MADV_DODUMP: (VM_DONTDUMP, False),
                 MADV_WIPEONFORK: (VM_WIPEONFORK, True), MADV_KEEPONFORK: (VM_WIPEONFORK, False)}


def sys_madvise(task: Task, addr: Ptr, length: SizeT, advice: Int) -> int:
    """Advice on memory; MADV_DONTNEED and MADV_FREE drop pages, DONTFORK and its like are kept. mm/madvise.c

    Raises:
        EINVAL: misaligned, unknown advice, or pages that are locked. ENOMEM: a part is not mapped.
    """
    if advice not in (MADV_DONTNEED, MADV_FREE, MADV_POPULATE_READ, MADV_POPULATE_WRITE, *_ADVICE_NOTHING,
                      *_ADVICE_FLAGS):
        raise EINVAL
    if addr & PAGE_MASK or length > TASK_SIZE or addr > TASK_SIZE - page_up(length):
        raise EINVAL
    end = addr + page_up(length)
    if end == addr or (advice in _ADVICE_NOTHING and task.space.covered(addr, end)):
        return 0
    space = task.space
    if advice in (MADV_DONTNEED, MADV_FREE):
        for area in space.areas.overlapping(addr, end):
            if area.flags & VM_LOCKED or (advice == MADV_FREE and (area.shared or area.cache is not None)):
                raise EINVAL
            space.discard(max(addr, area.start), min(end, area.end))
    elif advice in (MADV_POPULATE_READ, MADV_POPULATE_WRITE):
        extent = user_memory.writable if advice == MADV_POPULATE_WRITE else user_memory.readable
        if not space.covered(addr, end) or extent(space, addr, end - addr) < end - addr:
            raise ENOMEM
    elif advice in _ADVICE_FLAGS:
        flag, on = _ADVICE_FLAGS[advice]
        for area in space.split_range(addr, end):
            if advice == MADV_WIPEONFORK and (area.cache is not None or area.shared):
                raise EINVAL
            area.flags = area.flags | flag if on else area.flags & ~flag
    if not space.covered(addr, end):
        raise ENOMEM
    return 0


def sys_msync(task: Task, addr: Ptr, length: SizeT, flags: Int) -> int:
    """Store what shared file maps changed. EINVAL: flags, alignment. ENOMEM: not mapped. EBUSY: locked. mm/msync.c"""
    if flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) or addr & PAGE_MASK or (flags & MS_ASYNC and flags & MS_SYNC):
        raise EINVAL
    if length > TASK_SIZE or addr > TASK_SIZE - page_up(length):
        raise ENOMEM
    end = addr + page_up(length)
    for area in task.space.areas.overlapping(addr, end):
        if flags & MS_INVALIDATE and area.flags & VM_LOCKED:
            raise EBUSY
        if area.shared and area.cache is not None and flags & MS_SYNC:
            area.cache.write_back()
    if end > addr and not task.space.covered(addr, end):
        raise ENOMEM
    return 0


def sys_mincore(task: Task, addr: Ptr, length: SizeT, vec: Ptr) -> int:
    """Which pages are resident, a byte each. EINVAL: misaligned. ENOMEM: not mapped. EFAULT: `vec`. mm/mincore.c"""
    if addr & PAGE_MASK:
        raise EINVAL
    if length > TASK_SIZE or addr > TASK_SIZE - page_up(length):
        raise ENOMEM
    space, end = task.space, addr + page_up(length)
    if end > addr and not space.covered(addr, end):
        raise ENOMEM
    for start in range(addr, end, PAGE_SIZE * PAGE_SIZE):
        stop = min(end, start + PAGE_SIZE * PAGE_SIZE)
        resident = bytearray((stop - start) // PAGE_SIZE)
        for page, _ in space.table.entries(start, stop):
            resident[(page - start) // PAGE_SIZE] = 1
        for area in space.areas.overlapping(start, stop):
            if area.cache is not None:
                for index in area.cache.pages:
                    at = area.start + index * PAGE_SIZE - area.offset
                    if max(start, area.start) <= at < min(stop, area.end):
                        resident[(at - start) // PAGE_SIZE] = 1
        user_memory.write(space, vec + (start - addr) // PAGE_SIZE, resident)
    return 0


def _may_lock(task: Task, pages: int) -> None:
    limit = task.group.limits.soft[RLIMIT_MEMLOCK]
    if task.cred.euid != 0 and limit != RLIM_INFINITY and (task.space.locked_vm + pages) * PAGE_SIZE > limit:
        raise EPERM if limit == 0 else ENOMEM


def _mlock(task: Task, addr: int, length: int, locked: bool, fill: bool) -> int:
    start = page_down(addr)
    end = page_up(addr + length)
    if end > TASK_SIZE or addr + length < addr:
        raise ENOMEM if end > TASK_SIZE else EINVAL
    space = task.space
    if locked:
        _may_lock(task, (end - start) // PAGE_SIZE)
    areas = space.split_range(start, end)
    lock(space, areas, locked)
    if end > start and not space.covered(start, end):
        raise ENOMEM
    if locked and fill:
        populate(space, start, end)
    return 0


def sys_mlock(task: Task, addr: Ptr, length: SizeT) -> int:
    """Lock pages in memory. ENOMEM: not mapped, or RLIMIT_MEMLOCK. mm/mlock.c"""
    return _mlock(task, addr, length, True, True)


def sys_mlock2(task: Task, addr: Ptr, length: SizeT, flags: Int) -> int:
    """As mlock, with MLOCK_ONFAULT (1). EINVAL: other flags. mm/mlock.c"""
    if flags & ~1:
        raise EINVAL
    return _mlock(task, addr, length, True, not flags)


def sys_munlock(task: Task, addr: Ptr, length: SizeT) -> int:
    """Undo mlock. ENOMEM: not mapped. mm/mlock.c"""
    return _mlock(task, addr, length, False, False)


def sys_mlockall(task: Task, flags: Int) -> int:
    """Lock all that is mapped, or will be. EINVAL: flags. ENOMEM, EPERM: RLIMIT_MEMLOCK. mm/mlock.c"""
    if not flags or flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) or flags == MCL_ONFAULT:
        raise EINVAL
    space = task.space
    _may_lock(task, space.total_vm - space.locked_vm if flags & MCL_CURRENT else 0)
    space.lock_future = bool(flags & MCL_FUTURE)
    if flags & MCL_CURRENT:
        lock(space, tuple(space.areas), True)
        if not flags & MCL_ONFAULT:
            for area in tuple(space.areas):
                populate(space, area.start, area.end)
    return 0


def sys_munlockall(task: Task) -> int:
    """Undo mlockall. mm/mlock.c"""
    task.space.lock_future = False
    lock(task.space, tuple(task.space.areas), False)
    return 0


def sys_riscv_flush_icache(task: Task, start: Ptr, end: Ptr, flags: ULong) -> int:
    """Make stored instructions visible: the engine notices a guest's stores itself. EINVAL: unknown flags.

    arch/riscv/kernel/sys_riscv.c
    """
    if flags & ~1:
        raise EINVAL
    return 0


