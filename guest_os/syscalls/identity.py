"""Users and groups, capabilities. kernel/sys.c, groups.c, capability.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.capability import (
    CAP_CHOWN,
    CAP_DAC_OVERRIDE,
    CAP_DAC_READ_SEARCH,
    CAP_FOWNER,
    CAP_FSETID,
    CAP_LINUX_IMMUTABLE,
    CAP_MAC_OVERRIDE,
    CAP_MKNOD,
    CAP_SETGID,
    CAP_SETPCAP,
    CAP_SETUID,
)
from rvsim.guest_os.abi.errno import EINVAL, EPERM, ESRCH
from rvsim.guest_os.abi.securebits import SECBIT_KEEP_CAPS, SECBIT_NO_SETUID_FIXUP
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Int, Ptr, UInt
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.credentials import Credentials

KEEP = 0xFFFF_FFFF
NGROUPS_MAX = 65536
CAP_VERSION_1, CAP_VERSION_2, CAP_VERSION_3 = 0x1998_0330, 0x2007_1026, 0x2008_0522
CAP_LAST = 40
CAP_FULL = (1 << (CAP_LAST + 1)) - 1
FILE_CAPABILITIES = sum(1 << capability for capability in (
    CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_LINUX_IMMUTABLE, CAP_MKNOD,
    CAP_MAC_OVERRIDE))
"""include/linux/capability.h:CAP_FS_SET"""


def sys_getuid(task: Task) -> int:
    """The real user."""
    return task.cred.uid


def sys_geteuid(task: Task) -> int:
    """The effective user."""
    return task.cred.euid


def sys_getgid(task: Task) -> int:
    """The real group."""
    return task.cred.gid


def sys_getegid(task: Task) -> int:
    """The effective group."""
    return task.cred.egid


def _store_three(task: Task, addresses: tuple[int, int, int], values: tuple[int, int, int]) -> int:
    for address, value in zip(addresses, values, strict=True):
        user_memory.write_u32(task.space, address, value)
    return 0


def sys_getresuid(task: Task, ruid: Ptr, euid: Ptr, suid: Ptr) -> int:
    """Real, effective and saved user. EFAULT."""
    cred = task.cred
    return _store_three(task, (ruid, euid, suid), (cred.uid, cred.euid, cred.suid))


def sys_getresgid(task: Task, rgid: Ptr, egid: Ptr, sgid: Ptr) -> int:
    """Real, effective and saved group. EFAULT."""
    cred = task.cred
    return _store_three(task, (rgid, egid, sgid), (cred.gid, cred.egid, cred.sgid))


def _commit(task: Task, cred: Credentials) -> int:
    """Use new credentials, with the capabilities that a change of user brings or takes. kernel/cred.c:commit_creds"""
    old = task.cred
    if not cred.securebits & SECBIT_NO_SETUID_FIXUP:
        _fix_capabilities(old, cred)
    cred.used = old.used
    task.cred = cred
    if ((old.euid, old.egid, old.fsuid, old.fsgid) != (cred.euid, cred.egid, cred.fsuid, cred.fsgid)
            or cred.cap_permitted & ~old.cap_permitted):
        task.group.dumpable = 0
        task.group.parent_death_signal = 0
    return 0


def _fix_capabilities(old: Credentials, cred: Credentials) -> None:
    """security/commoncap.c:cap_emulate_setxuid"""
    if 0 in (old.uid, old.euid, old.suid) and 0 not in (cred.uid, cred.euid, cred.suid):
        if not cred.securebits & SECBIT_KEEP_CAPS:
            cred.cap_permitted = cred.cap_effective = 0
        cred.cap_ambient = 0
    if old.euid == 0 and cred.euid != 0:
        cred.cap_effective = 0
    elif old.euid != 0 and cred.euid == 0:
        cred.cap_effective = cred.cap_permitted


def sys_setuid(task: Task, uid: UInt) -> int:
    """Set the user: all three with CAP_SETUID, else the effective one. EINVAL: -1. EPERM. kernel/sys.c:__sys_setuid"""
    if uid == KEEP:
        raise EINVAL
    cred = task.cred.copy()
    if cred.capable(CAP_SETUID):
        cred.uid = cred.suid = uid
    elif uid not in (cred.uid, cred.suid):
        raise EPERM
    cred.euid = cred.fsuid = uid
    return _commit(task, cred)


def sys_setgid(task: Task, gid: UInt) -> int:
    """Set the group: all three with CAP_SETGID, else the effective one. EINVAL: -1. EPERM. kernel/sys.c:__sys_setgid"""
    if gid == KEEP:
        raise EINVAL
    cred = task.cred.copy()
    if cred.capable(CAP_SETGID):
        cred.gid = cred.sgid = gid
    elif gid not in (cred.gid, cred.sgid):
        raise EPERM
    cred.egid = cred.fsgid = gid
    return _commit(task, cred)


def sys_setreuid(task: Task, ruid: UInt, euid: UInt) -> int:
    """Set real and effective user; -1 keeps one. EPERM. kernel/sys.c:__sys_setreuid"""
    old, cred, free = task.cred, task.cred.copy(), task.cred.capable(CAP_SETUID)
    if ruid != KEEP:
        if not free and ruid not in (old.uid, old.euid):
            raise EPERM
        cred.uid = ruid
    if euid != KEEP:
        if not free and euid not in (old.uid, old.euid, old.suid):
            raise EPERM
        cred.euid = euid
    if ruid != KEEP or (euid != KEEP and euid != old.uid):
        cred.suid = cred.euid
    cred.fsuid = cred.euid
    return _commit(task, cred)


def sys_setregid(task: Task, rgid: UInt, egid: UInt) -> int:
    """Set real and effective group; -1 keeps one. EPERM. kernel/sys.c:__sys_setregid"""
    old, cred, free = task.cred, task.cred.copy(), task.cred.capable(CAP_SETGID)
    if rgid != KEEP:
        if not free and rgid not in (old.gid, old.egid):
            raise EPERM
        cred.gid = rgid
    if egid != KEEP:
        if not free and egid not in (old.gid, old.egid, old.sgid):
            raise EPERM
        cred.egid = egid
    if rgid != KEEP or (egid != KEEP and egid != old.gid):
        cred.sgid = cred.egid
    cred.fsgid = cred.egid
    return _commit(task, cred)


def sys_setresuid(task: Task, ruid: UInt, euid: UInt, suid: UInt) -> int:
    """Set real, effective and saved user; -1 keeps one. EPERM. kernel/sys.c:__sys_setresuid"""
    old, cred = task.cred, task.cred.copy()
    for uid in (ruid, euid, suid):
        if uid != KEEP and uid not in (old.uid, old.euid, old.suid) and not old.capable(CAP_SETUID):
            raise EPERM
    cred.uid = cred.uid if ruid == KEEP else ruid
    cred.euid = cred.euid if euid == KEEP else euid
    cred.suid = cred.suid if suid == KEEP else suid
    cred.fsuid = cred.euid
    return _commit(task, cred)


def sys_setresgid(task: Task, rgid: UInt, egid: UInt, sgid: UInt) -> int:
    """Set real, effective and saved group; -1 keeps one. EPERM. kernel/sys.c:__sys_setresgid"""
    old, cred = task.cred, task.cred.copy()
    for gid in (rgid, egid, sgid):
        if gid != KEEP and gid not in (old.gid, old.egid, old.sgid) and not old.capable(CAP_SETGID):
            raise EPERM
    cred.gid = cred.gid if rgid == KEEP else rgid
    cred.egid = cred.egid if egid == KEEP else egid
    cred.sgid = cred.sgid if sgid == KEEP else sgid
    cred.fsgid = cred.egid
    return _commit(task, cred)


def sys_setfsuid(task: Task, uid: UInt) -> int:
    """Set the user for file access; returns the old one. kernel/sys.c:__sys_setfsuid

    The capabilities that are about files leave the effective set with root, and come back with it.
    """
    old = task.cred
    if uid != KEEP and (uid in (old.uid, old.euid, old.suid, old.fsuid) or old.capable(CAP_SETUID)):
        cred = old.copy()
        cred.fsuid = uid
        if not cred.securebits & SECBIT_NO_SETUID_FIXUP:
            if old.fsuid == 0 and uid != 0:
                cred.cap_effective &= ~FILE_CAPABILITIES
            elif old.fsuid != 0 and uid == 0:
                cred.cap_effective |= cred.cap_permitted & FILE_CAPABILITIES
        _commit(task, cred)
    return old.fsuid


def sys_setfsgid(task: Task, gid: UInt) -> int:
    """Set the group for file access; returns the old one. kernel/sys.c:__sys_setfsgid"""
    old = task.cred
    if gid != KEEP and (gid in (old.gid, old.egid, old.sgid, old.fsgid) or old.capable(CAP_SETGID)):
        cred = old.copy()
        cred.fsgid = gid
        _commit(task, cred)
    return old.fsgid


def sys_getgroups(task: Task, size: Int, groups: Ptr) -> int:
    """The supplementary groups. EINVAL: `size` too small. EFAULT. kernel/groups.c"""
    own = task.cred.groups
    if size < 0:
        raise EINVAL
    if size:
        if len(own) > size:
            raise EINVAL
        user_memory.write(task.space, groups, struct.pack(f"<{len(own)}I", *own))
    return len(own)


def sys_setgroups(task: Task, size: Int, groups: Ptr) -> int:
    """Set the supplementary groups. EPERM: no CAP_SETGID. EINVAL: too many, or -1. EFAULT. kernel/groups.c"""
    if not task.cred.capable(CAP_SETGID):
        raise EPERM
    if not 0 <= size <= NGROUPS_MAX:
        raise EINVAL
    values = struct.unpack(f"<{size}I", user_memory.read(task.space, groups, 4 * size)) if size else ()
    if KEEP in values:
        raise EINVAL
    cred = task.cred.copy()
    cred.groups = tuple(sorted(values))
    task.cred = cred
    return 0


def _cap_words(task: Task, header: int) -> int:
    """How many words a set has. EINVAL: an unknown version, after storing the one to use. cap_validate_magic"""
    version = user_memory.read_u32(task.space, header)
    if version == CAP_VERSION_1:
        return 1
    if version not in (CAP_VERSION_2, CAP_VERSION_3):
        user_memory.write_u32(task.space, header, CAP_VERSION_3)
        raise EINVAL
    return 2


def _cap_pid(task: Task, header: int) -> int:
    pid = user_memory.read_u32(task.space, header + 4)
    return (pid ^ 0x8000_0000) - 0x8000_0000


def sys_capget(task: Task, header: Ptr, data: Ptr) -> int:
    """A thread's capabilities. EINVAL: version, pid. ESRCH. EFAULT. kernel/capability.c

    Without `data` it only tells which version to use.
    """
    try:
        words = _cap_words(task, header)
    except EINVAL:
        if not data:
            return 0
        raise
    if not data:
        return 0
    pid = _cap_pid(task, header)
    if pid < 0:
        raise EINVAL
    other = task if pid == 0 else pid_task(find_vpid(pid, task), PidType.PID)
    if other is None:
        raise ESRCH
    cred = other.cred
    sets = (cred.cap_effective, cred.cap_permitted, cred.cap_inheritable)
    user_memory.write(task.space, data, b"".join(
        struct.pack("<3I", *(value >> 32 * word & 0xFFFF_FFFF for value in sets)) for word in range(words)))
    return 0


def sys_capset(task: Task, header: Ptr, data: Ptr) -> int:
    """Set the caller's capabilities, within what is permitted. kernel/capability.c, security/commoncap.c:cap_capset

    Raises:
        EINVAL: the version. EFAULT. EPERM: another thread's; more than was permitted; effective ones that are not
            permitted; inheritable ones outside the bounding set or, without CAP_SETPCAP, that were not permitted.
    """
    words = _cap_words(task, header)
    if _cap_pid(task, header) not in (0, task.tid):
        raise EPERM
    raw = struct.unpack(f"<{3 * words}I", user_memory.read(task.space, data, 12 * words))
    effective, permitted, inheritable = (
        sum(raw[3 * word + which] << 32 * word for word in range(words)) & CAP_FULL for which in range(3))
    cred = task.cred.copy()
    if not cred.capable(CAP_SETPCAP) and inheritable & ~(cred.cap_inheritable | cred.cap_permitted):
        raise EPERM
    if inheritable & ~(cred.cap_inheritable | cred.cap_bounding):
        raise EPERM
    if permitted & ~cred.cap_permitted or effective & ~permitted:
        raise EPERM
    cred.cap_effective, cred.cap_permitted, cred.cap_inheritable = effective, permitted, inheritable
    cred.cap_ambient &= permitted & inheritable
    return _commit(task, cred)
