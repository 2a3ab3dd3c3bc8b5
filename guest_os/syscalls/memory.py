"""brk, mmap and their family. mm/mmap.c, mprotect.c, mremap.c, madvise.c, mlock.c, mincore.c, msync.c"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_IPC_LOCK, CAP_SYS_RAWIO
from rvsim.guest_os.abi.errno import (
    EACCES,
    EAGAIN,
    EBUSY,
    EEXIST,
    EFAULT,
    EINVAL,
    ENOMEM,
    EOPNOTSUPP,
    EOVERFLOW,
    EPERM,
)
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
    MAP_DENYWRITE,
    MAP_EXECUTABLE,
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
    MAP_STACK,
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
    VM_NEVEREXEC,
    VM_NORESERVE,
    VM_SHARED,
    VM_WIPEONFORK,
)
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.fault import Access, BadAccess
from rvsim.guest_os.mm.layout import MMAP_MIN, PAGE_MASK, PAGE_SIZE, TASK_SIZE, page_down, page_up
from rvsim.guest_os.mm.page_cache import PageCache
from rvsim.guest_os.syscalls.args import Fd, Int, Ptr, SizeT, ULong
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.task.resources import RLIM_INFINITY, RLIMIT_MEMLOCK
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode

_PROT_MASK = PROT_READ | PROT_WRITE | PROT_EXEC
PROT_SEM = 8
MAX_FILE_BYTES = (1 << 63) - 1
_LEGACY_FLAGS = (
    MAP_SHARED_VALIDATE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED
    | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | 0x7C00_0000)
"""What MAP_SHARED_VALIDATE knows; the last ones: MAP_UNINITIALIZED and sizes of huge pages.

include/linux/mman.h:LEGACY_MAP_MASK
"""


def _may_lock_none(task: Task) -> bool:
    """Whether nothing at all may be locked. mm/mlock.c:can_do_mlock"""
    return not task.group.limits.soft[RLIMIT_MEMLOCK] and not task.cred.capable(CAP_IPC_LOCK)


def _over_lock_limit(task: Task, size: int) -> bool:
    """Whether `size` bytes are more than may be locked. mm/mlock.c:do_mlock"""
    limit = task.group.limits.soft[RLIMIT_MEMLOCK]
    return limit != RLIM_INFINITY and size > limit and not task.cred.capable(CAP_IPC_LOCK)


def _may_grow_locked(task: Task, pages: int, flags: int) -> None:
    """EAGAIN: `pages` more, which would be locked, are over the limit. mm/mmap.c:mlock_future_ok"""
    if (flags & VM_LOCKED or task.space.lock_future) and _over_lock_limit(
            task, (task.space.locked_vm + pages) * PAGE_SIZE):
        raise EAGAIN


def sys_brk(task: Task, address: Ptr) -> int:
    """Move the end of the heap; returns where it is now, unmoved if it cannot be. mm/mmap.c:brk"""
    space = task.space
    try:
        _may_grow_locked(task, (page_up(address) - page_up(space.brk)) // PAGE_SIZE, 0)
    except EAGAIN:
        if address > space.brk:
            return space.brk
    return space.set_brk(address)


def sys_mmap(task: Task, addr: Ptr, length: SizeT, prot: ULong, flags: ULong, fd: Fd, offset: ULong) -> int:
    """Map memory or a file. mm/mmap.c:ksys_mmap_pgoff, do_mmap; the offset is in bytes (riscv64).

    Raises:
        EINVAL: length 0, a misaligned offset or fixed address, neither or both of SHARED and PRIVATE.
        EBADF, EACCES, ENODEV: the file is closed, not open for this, or cannot be mapped.
        ENOMEM: no room. EEXIST: MAP_FIXED_NOREPLACE and something is there. EPERM: below mmap_min_addr,
        locked, PROT_EXEC on a mount with noexec, or a seal.
        EAGAIN: more locked memory than may be. EOVERFLOW: past what a file can hold.
        EOPNOTSUPP: MAP_SHARED_VALIDATE with what is not known.
    """
    if offset & PAGE_MASK:
        raise EINVAL
    file = None if flags & MAP_ANONYMOUS else open_fd(task, fd)
    if not length or flags & MAP_HUGETLB:
        raise EINVAL
    size = page_up(length)
    if length > TASK_SIZE:
        raise ENOMEM
    start = _place(task, addr, size, flags)
    if flags & MAP_LOCKED and _may_lock_none(task):
        raise EPERM
    vm_flags = VM_MAYWRITE | (VM_SHARED if flags & MAP_TYPE != MAP_PRIVATE else 0)
    vm_flags |= (VM_NORESERVE if flags & MAP_NORESERVE else 0) | (VM_LOCKED if flags & MAP_LOCKED else 0)
    _may_grow_locked(task, size // PAGE_SIZE, vm_flags)
    cache = None
    if file is not None:
        vm_flags = _check_file(file, size, prot, flags, offset, vm_flags)
        target = file.map_target()
        if flags & MAP_GROWSDOWN:
            raise EINVAL
        if target is None:
            file = None                     # /dev/zero: plain zeroed memory
        else:
            if vm_flags & VM_SHARED and not target.check_shared_map(bool(prot & PROT_WRITE)):
                vm_flags &= ~VM_MAYWRITE
            cache = task.space.memory.cache_of(target)
    elif flags & MAP_TYPE not in (MAP_SHARED, MAP_PRIVATE) or (vm_flags & VM_SHARED and flags & MAP_GROWSDOWN):
        raise EINVAL
    elif flags & MAP_GROWSDOWN:
        vm_flags |= VM_GROWSDOWN
    space = task.space
    if flags & MAP_FIXED:
        space.unmap(start, start + size)
    area = space.map(start, size, prot & _PROT_MASK, vm_flags, cache, offset if cache is not None else 0, file)
    if prot & PROT_EXEC and cache is not None and task.kernel.observer is not None:
        task.kernel.observer.mapped(task, area)
    if (flags & MAP_POPULATE and not flags & MAP_NONBLOCK) or area.flags & VM_LOCKED:
        populate(space, start, start + size)
    return start


def _check_file(file: File, size: int, prot: int, flags: int, offset: int, vm_flags: int) -> int:
    """Whether `file` may be mapped so: the VM_* flags of the area. EOVERFLOW, EOPNOTSUPP, EACCES, EINVAL, EPERM"""
    kind = flags & MAP_TYPE
    if offset + size > MAX_FILE_BYTES:
        raise EOVERFLOW
    if kind == MAP_SHARED_VALIDATE and flags & ~_LEGACY_FLAGS:
        raise EOPNOTSUPP
    if kind not in (MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE):
        raise EINVAL
    if vm_flags & VM_SHARED and not file.writable:
        if prot & PROT_WRITE:
            raise EACCES
        vm_flags &= ~VM_MAYWRITE
    if not file.readable:
        raise EACCES
    if file.path.mount.flags & MS_NOEXEC:
        if prot & PROT_EXEC:
            raise EPERM
        vm_flags |= VM_NEVEREXEC
    return vm_flags


def _place(task: Task, addr: int, size: int, flags: int) -> int:
    """Where a mapping goes. ENOMEM, EINVAL, EPERM, EEXIST. mm/mmap.c:get_unmapped_area"""
    space = task.space
    if not flags & (MAP_FIXED | MAP_FIXED_NOREPLACE):
        return space.find_free(size, page_down(addr) if addr < TASK_SIZE else 0)
    if addr > TASK_SIZE - size:
        raise ENOMEM
    if addr & PAGE_MASK:
        raise EINVAL
    if addr < MMAP_MIN and not task.cred.capable(CAP_SYS_RAWIO):
        raise EPERM
    if flags & MAP_FIXED_NOREPLACE and space.areas.overlapping(addr, addr + size):
        raise EEXIST
    return addr


def populate(space: AddressSpace, start: int, end: int) -> bool:
    """Touch the pages of [start, end), as MAP_POPULATE and mlock do; whether all could be. mm/gup.c"""
    whole = True
    for page in range(start, end, PAGE_SIZE):
        area = space.areas.find(page)
        if area is None or not area.prot:
            whole = False
            continue
        try:
            if not space.table.walk(page):
                space.fault(page, Access.WRITE if area.prot & PROT_WRITE and not area.shared else Access.READ)
        except BadAccess:
            return False
    return whole


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
        EACCES: writing to a shared map of a file that is open for reading only, executing from a mount with noexec.
        What lies before is changed then.
    """
    grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP)
    if grows == PROT_GROWSDOWN | PROT_GROWSUP or addr & PAGE_MASK:
        raise EINVAL
    if not length:
        return 0
    end = addr + page_up(length)
    if end >= 1 << 64:
        raise ENOMEM
    if prot & ~(_PROT_MASK | PROT_GROWSDOWN | PROT_GROWSUP | PROT_SEM):
        raise EINVAL
    space = task.space
    if grows:
        area = space.areas.after(addr)
        if area is None or area.start >= end:
            raise ENOMEM
        if not area.flags & VM_GROWSDOWN:
            raise EINVAL
        addr = area.start
    space.protect(addr, end, prot & _PROT_MASK)
    return 0


def sys_mremap(task: Task, addr: Ptr, old_len: SizeT, new_len: SizeT, flags: ULong, new_addr: Ptr) -> int:
    """Resize or move a mapping. mm/mremap.c

    Raises:
        EINVAL: flags, alignment, overlap, a new length of 0, an old one of 0 of what is not shared. EFAULT: not one
            mapping. ENOMEM: no room in place. EAGAIN: more locked memory than may be.
    """
    if flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP) or addr & PAGE_MASK or not new_len:
        raise EINVAL
    may_move, keep = bool(flags & MREMAP_MAYMOVE), bool(flags & MREMAP_DONTUNMAP)
    if (flags & MREMAP_FIXED and not may_move) or (keep and (not may_move or old_len != new_len)):
        raise EINVAL
    if new_len > TASK_SIZE or old_len > TASK_SIZE:
        raise EINVAL
    space = task.space
    area = space.areas.find(addr)
    if area is not None and area.flags & VM_LOCKED:
        _may_grow_locked(task, (page_up(new_len) - page_up(old_len)) // PAGE_SIZE, area.flags)
    return space.remap(addr, page_up(old_len), page_up(new_len), may_move,
                       new_addr if flags & MREMAP_FIXED else None, keep)


_ADVICE_NOTHING = (MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT, MADV_MERGEABLE,
                   MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE)
_ADVICE_FLAGS = {MADV_DONTFORK: (VM_DONTCOPY, True), MADV_DOFORK: (VM_DONTCOPY, False),
                 MADV_DONTDUMP: (VM_DONTDUMP, True), MADV_DODUMP: (VM_DONTDUMP, False),
                 MADV_WIPEONFORK: (VM_WIPEONFORK, True), MADV_KEEPONFORK: (VM_WIPEONFORK, False)}


def sys_madvise(task: Task, addr: Ptr, length: SizeT, advice: Int) -> int:
    """Advice on memory; MADV_DONTNEED and MADV_FREE drop pages, DONTFORK and its like are kept. mm/madvise.c

    Raises:
        EINVAL: misaligned, unknown advice, pages that are locked, or that may not be populated so.
        ENOMEM: a part is not mapped. EFAULT: a page of a file that is not there.
    """
    if advice not in (MADV_DONTNEED, MADV_FREE, MADV_POPULATE_READ, MADV_POPULATE_WRITE, *_ADVICE_NOTHING,
                      *_ADVICE_FLAGS):
        raise EINVAL
    end = addr + page_up(length)
    if addr & PAGE_MASK or end >= 1 << 64:
        raise EINVAL
    if end == addr or (advice in _ADVICE_NOTHING and task.space.covered(addr, end)):
        return 0
    space = task.space
    if advice in (MADV_DONTNEED, MADV_FREE):
        for area in space.areas.overlapping(addr, end):
            if area.flags & VM_LOCKED or (advice == MADV_FREE and (area.shared or area.cache is not None)):
                raise EINVAL
            space.discard(max(addr, area.start), min(end, area.end))
    elif advice in (MADV_POPULATE_READ, MADV_POPULATE_WRITE):
        _populate(space, addr, end, advice == MADV_POPULATE_WRITE)
    elif advice in _ADVICE_FLAGS:
        flag, on = _ADVICE_FLAGS[advice]
        for area in space.split_range(addr, end):
            if advice == MADV_WIPEONFORK and (area.cache is not None or area.shared):
                raise EINVAL
            area.flags = area.flags | flag if on else area.flags & ~flag
    if not space.covered(addr, end):
        raise ENOMEM
    return 0


def _populate(space: AddressSpace, start: int, end: int, write: bool) -> None:
    """MADV_POPULATE_*. ENOMEM: not mapped. EINVAL: not allowed. EFAULT: past a file's end. mm/madvise.c"""
    at = start
    while at < end:
        area = space.areas.find(at)
        if area is None:
            raise ENOMEM
        if not area.prot & (PROT_WRITE if write else _PROT_MASK):
            raise EINVAL
        size = min(end, area.end) - at
        if (user_memory.writable if write else user_memory.readable)(space, at, size) < size:
            raise EFAULT
        at += size


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


def _in_memory(cache: PageCache, index: int) -> bool:
    """Whether a page of a file is in memory, mapped or not. mm/mincore.c:mincore_page"""
    return index in cache.pages or (isinstance(cache.backing, Inode) and cache.backing.resident(index))


def sys_mincore(task: Task, addr: Ptr, length: SizeT, vec: Ptr) -> int:
    """Which pages are resident, a byte each. EINVAL: misaligned. ENOMEM: not mapped. EFAULT: `vec`. mm/mincore.c"""
    if addr & PAGE_MASK:
        raise EINVAL
    if length > TASK_SIZE or addr > TASK_SIZE - page_up(length):
        raise ENOMEM
    space, end = task.space, addr + page_up(length)
    if vec > TASK_SIZE - (end - addr) // PAGE_SIZE:
        raise EFAULT
    if end > addr and not space.covered(addr, end):
        raise ENOMEM
    for start in range(addr, end, PAGE_SIZE * PAGE_SIZE):
        stop = min(end, start + PAGE_SIZE * PAGE_SIZE)
        resident = bytearray((stop - start) // PAGE_SIZE)
        for page, _ in space.table.entries(start, stop):
            resident[(page - start) // PAGE_SIZE] = 1
        for area in space.areas.overlapping(start, stop):
            if area.cache is not None:
                for page in range(max(start, area.start), min(stop, area.end), PAGE_SIZE):
                    index = (page - area.start + area.offset) // PAGE_SIZE
                    resident[(page - start) // PAGE_SIZE] |= _in_memory(area.cache, index)
        user_memory.write(space, vec + (start - addr) // PAGE_SIZE, resident)
    return 0


def _may_lock(task: Task, start: int, end: int) -> None:
    """EPERM: nothing may be locked. ENOMEM: not so much. What is locked already counts once. mm/mlock.c:do_mlock"""
    if _may_lock_none(task):
        raise EPERM
    space = task.space
    counted = sum(min(end, area.end) - max(start, area.start) for area in space.areas.overlapping(start, end)
                  if area.flags & VM_LOCKED)
    if _over_lock_limit(task, space.locked_vm * PAGE_SIZE + end - start - counted):
        raise ENOMEM


def _mlock(task: Task, addr: int, length: int, locked: bool, fill: bool) -> int:
    start = page_down(addr)
    end = start + page_up(length + (addr & PAGE_MASK))
    if locked:
        _may_lock(task, start, end)
    if end >= 1 << 64:
        raise EINVAL
    space = task.space
    reached = start                           # up to a hole
    for area in space.areas.overlapping(start, end):
        if area.start > reached:
            break
        reached = area.end
    space.lock(space.split_range(start, min(reached, end)), locked)
    if reached < end or (locked and fill and not populate(space, start, end)):
        raise ENOMEM
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
    if _may_lock_none(task):
        raise EPERM
    if flags & MCL_CURRENT and _over_lock_limit(task, space.total_vm * PAGE_SIZE):
        raise ENOMEM
    space.lock_future = bool(flags & MCL_FUTURE)
    if flags & MCL_CURRENT:
        space.lock(tuple(space.areas), True)
        if not flags & MCL_ONFAULT:
            for area in tuple(space.areas):
                populate(space, area.start, area.end)
    return 0


def sys_munlockall(task: Task) -> int:
    """Undo mlockall. mm/mlock.c"""
    task.space.lock_future = False
    task.space.lock(tuple(task.space.areas), False)
    return 0


def sys_riscv_flush_icache(task: Task, start: Ptr, end: Ptr, flags: ULong) -> int:
    """Make stored instructions visible: the engine notices a guest's stores itself. EINVAL: unknown flags.

    arch/riscv/kernel/sys_riscv.c
    """
    if flags & ~1:
        raise EINVAL
    return 0


