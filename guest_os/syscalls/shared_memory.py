"""System V shared memory: shmget, shmat, shmdt, shmctl. ipc/shm.c"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_IPC_LOCK
from rvsim.guest_os.abi.errno import EINVAL, ENOSYS, EPERM
from rvsim.guest_os.abi.ipc import (
    IPC_INFO,
    IPC_RMID,
    IPC_SET,
    IPC_STAT,
    PERM,
    SHM_EXEC,
    SHM_HUGETLB,
    SHM_INFO,
    SHM_LOCK,
    SHM_LOCKED,
    SHM_RDONLY,
    SHM_REMAP,
    SHM_RND,
    SHM_STAT,
    SHM_STAT_ANY,
    SHM_UNLOCK,
    SHMID_DS,
)
from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE, VM_MAYWRITE, VM_SHARED
from rvsim.guest_os.ipc.shared_memory import SegmentFile, SharedMemory
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import MMAP_MIN, PAGE_MASK, TASK_SIZE, page_down, page_up
from rvsim.guest_os.syscalls.args import Int, Ptr, SizeT
from rvsim.guest_os.task.resources import RLIMIT_MEMLOCK
from rvsim.guest_os.task.task import Task


def _shm(task: Task) -> SharedMemory:
    found: SharedMemory = task.kernel.ipc.shm
    return found


def sys_shmget(task: Task, key: Int, size: SizeT, shmflg: Int) -> int:
    """The identifier of the segment of `key`, which may be made. ipc/shm.c:ksys_shmget

    Raises:
        ENOENT: there is none, without IPC_CREAT. EEXIST: there is one, with IPC_EXCL. EACCES. EINVAL: it is smaller,
        or a new one would be empty. ENOSPC, ENOMEM: too many, too large. ENOSYS: SHM_HUGETLB.
    """
    shm = _shm(task)
    found = shm.ids.find_key(key, shmflg, task.cred)
    if found is not None:
        if found.size < size:
            raise EINVAL
        found.check(task.cred, shmflg)
        return found.id
    if shmflg & SHM_HUGETLB and size:
        raise ENOSYS
    return shm.make(key, size, shmflg, task).id


def sys_shmat(task: Task, shmid: Int, shmaddr: Ptr, shmflg: Int) -> int:
    """Map a segment, at `shmaddr` unless that is 0; returns where it is. ipc/shm.c:do_shmat

    Raises:
        EINVAL: no such segment; an address that is not aligned (without SHM_RND) or taken (without SHM_REMAP).
        EACCES. ENOMEM: no room. EPERM: below mmap_min_addr.
    """
    if shmid < 0:
        raise EINVAL
    fixed = shmaddr != 0
    if fixed:
        if shmaddr & PAGE_MASK:
            if not shmflg & SHM_RND:
                raise EINVAL
            shmaddr = page_down(shmaddr)
            if not shmaddr and shmflg & SHM_REMAP:
                raise EINVAL
    elif shmflg & SHM_REMAP:
        raise EINVAL
    prot, wanted, flags = PROT_READ, 0o444, VM_SHARED
    if not shmflg & SHM_RDONLY:
        prot, wanted, flags = prot | PROT_WRITE, 0o666, flags | VM_MAYWRITE
    if shmflg & SHM_EXEC:
        prot, wanted = prot | PROT_EXEC, wanted | 0o111
    segment = _shm(task).ids.get(shmid)
    segment.check(task.cred, wanted)
    space = task.space
    size = page_up(segment.size)
    start = shmaddr if fixed else space.find_free(size)
    if fixed:
        if start + size > TASK_SIZE:
            raise EINVAL
        if start < MMAP_MIN:
            raise EPERM
        if shmflg & SHM_REMAP:
            space.unmap(start, start + size)
        elif space.areas.overlapping(start, start + size):
            raise EINVAL
    space.map(start, size, prot, flags, segment.cache, 0, segment.file)
    return start


def sys_shmdt(task: Task, shmaddr: Ptr) -> int:
    """Unmap the segment that was attached at `shmaddr`. EINVAL: there is none. ipc/shm.c:ksys_shmdt"""
    if shmaddr & PAGE_MASK:
        raise EINVAL
    space = task.space
    first = next((area for area in space.areas
                  if isinstance(area.file, SegmentFile) and area.start - area.offset == shmaddr), None)
    if first is None:
        raise EINVAL
    file = first.file
    assert isinstance(file, SegmentFile)
    end = shmaddr + page_up(file.segment.size)
    for area in space.areas.overlapping(shmaddr, end):
        if area.file is file and area.start - area.offset == shmaddr:
            space.unmap(area.start, area.end)
    return 0


def sys_shmctl(task: Task, shmid: Int, cmd: Int, buf: Ptr) -> int:
    """Look at, change, lock or remove a segment. ipc/shm.c:ksys_shmctl

    Raises:
        EINVAL: no such segment or command. EACCES, EPERM. EFAULT.
    """
    if shmid < 0 or cmd < 0:
        raise EINVAL
    shm = _shm(task)
    if cmd in (IPC_INFO, SHM_INFO):
        user_memory.write(task.space, buf, shm.limits() if cmd == IPC_INFO else shm.usage())
        return max(shm.ids.highest, 0)
    if cmd in (IPC_STAT, SHM_STAT, SHM_STAT_ANY):
        segment = shm.ids.get(shmid) if cmd == IPC_STAT else shm.ids.at(shmid)
        if cmd != SHM_STAT_ANY:
            segment.check(task.cred, 0o444)
        user_memory.write(task.space, buf, segment.pack(task))
        return 0 if cmd == IPC_STAT else segment.id
    if cmd in (IPC_SET, IPC_RMID):
        data = user_memory.read(task.space, buf, SHMID_DS.size) if cmd == IPC_SET else b""
        segment = shm.ids.get(shmid)
        segment.check_owner(task.cred)
        if cmd == IPC_RMID:
            shm.remove(segment)
        else:
            segment.set_owner(data[:PERM.size])
            segment.ctime_ns = task.kernel.clock.realtime_ns()
        return 0
    if cmd in (SHM_LOCK, SHM_UNLOCK):
        segment = shm.ids.get(shmid)
        if not task.cred.capable(CAP_IPC_LOCK):
            if task.cred.euid not in (segment.uid, segment.cuid):
                raise EPERM
            if cmd == SHM_LOCK and not task.group.limits.soft[RLIMIT_MEMLOCK]:
                raise EPERM
        segment.mode = segment.mode | SHM_LOCKED if cmd == SHM_LOCK else segment.mode & ~SHM_LOCKED
        return 0
    raise EINVAL


__all__ = ["sys_shmat", "sys_shmctl", "sys_shmdt", "sys_shmget"]
