"""Identifiers, keys and permissions of System V IPC. ipc/util.c"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from rvsim.guest_os.abi.capability import CAP_IPC_OWNER, CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, EPERM
from rvsim.guest_os.abi.ipc import IPC_CREAT, IPC_EXCL, IPC_PRIVATE, IPCMNI_SHIFT, PERM
from rvsim.guest_os.vfs.credentials import Credentials

_SEQ_MAX = 0x7FFF_FFFF >> IPCMNI_SHIFT
_INDEX_MASK = (1 << IPCMNI_SHIFT) - 1


class IpcObject:
    """What every segment, set and queue has. include/linux/ipc.h:kern_ipc_perm

    Attributes:
        id, seq: its identifier, and the number in its upper bits.
        key: IPC_PRIVATE, or what others find it by.
        mode: permission bits, and those of its kind.
        deleted: it was removed; who waits for it gets EIDRM.
    """

    def __init__(self, key: int, mode: int, cred: Credentials) -> None:
        self.id = -1
        self.seq = 0
        self.key = key
        self.mode = mode
        self.uid = self.cuid = cred.euid
        self.gid = self.cgid = cred.egid
        self.deleted = False

    def check(self, cred: Credentials, wanted: int) -> None:
        """Whether `cred` may do what the permission bits in `wanted` say. EACCES. ipc/util.c:ipcperms"""
        asked = wanted >> 6 | wanted >> 3 | wanted
        granted = self.mode
        if cred.euid in (self.cuid, self.uid):
            granted >>= 6
        elif cred.in_group(self.cgid) or cred.in_group(self.gid):
            granted >>= 3
        if asked & ~granted & 0o7 and not cred.capable(CAP_IPC_OWNER):
            raise EACCES

    def check_owner(self, cred: Credentials) -> None:
        """Whether `cred` may change or remove it. EPERM. ipc/util.c:ipcctl_obtain_check"""
        if cred.euid not in (self.cuid, self.uid) and not cred.capable(CAP_SYS_ADMIN):
            raise EPERM

    def set_owner(self, perm: bytes) -> None:
        """IPC_SET: take uid, gid and permission bits of a struct ipc64_perm. EINVAL. ipc/util.c:ipc_update_perm"""
        _, uid, gid, _, _, mode, *_ = PERM.unpack(perm)
        if 0xFFFF_FFFF in (uid, gid):
            raise EINVAL
        self.uid, self.gid = uid, gid
        self.mode = self.mode & ~0o777 | mode & 0o777

    def pack_perm(self) -> bytes:
        """The struct ipc64_perm."""
        return PERM.pack(self.key, self.uid, self.gid, self.cuid, self.cgid, self.mode, self.seq, 0, 0, 0)


Kind = TypeVar("Kind", bound=IpcObject)


class IpcIds(Generic[Kind]):
    """The objects of one kind, by index and by key. include/linux/ipc_namespace.h:ipc_ids"""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.by_index: dict[int, Kind] = {}
        self.by_key: dict[int, Kind] = {}
        self.seq = 0
        self.last_index = -1

    def __iter__(self) -> Iterator[Kind]:
        """In order of index."""
        return iter([self.by_index[index] for index in sorted(self.by_index)])

    def __len__(self) -> int:
        return len(self.by_index)

    @property
    def highest(self) -> int:
        """The highest index in use, -1 for none."""
        return max(self.by_index, default=-1)

    def add(self, new: Kind) -> int:
        """Give an object its identifier. ENOSPC: there are too many. ipc/util.c:ipc_addid"""
        if len(self.by_index) >= self.limit:
            raise ENOSPC
        index = 0
        while index in self.by_index:
            index += 1
        if index <= self.last_index:
            self.seq = (self.seq + 1) % (_SEQ_MAX + 1)
        self.last_index = index
        new.seq = self.seq
        new.id = self.seq << IPCMNI_SHIFT | index
        self.by_index[index] = new
        if new.key != IPC_PRIVATE:
            self.by_key[new.key] = new
        return new.id

    def find_key(self, key: int, flags: int, cred: Credentials) -> Kind | None:
        """The object of `key`; None: one is to be made. ipc/util.c:ipcget_public

        Raises:
            ENOENT: there is none, without IPC_CREAT. EEXIST: there is one, with IPC_EXCL. EACCES.
        """
        if key == IPC_PRIVATE:
            return None
        found = self.by_key.get(key)
        if found is None:
            if not flags & IPC_CREAT:
                raise ENOENT
        elif flags & IPC_CREAT and flags & IPC_EXCL:
            raise EEXIST
        return found

    def get(self, ident: int) -> Kind:
        """The object of an identifier. EINVAL: there is none. ipc/util.c:ipc_obtain_object_check"""
        found = self.by_index.get(ident & _INDEX_MASK) if ident >= 0 else None
        if found is None or found.id != ident:
            raise EINVAL
        return found

    def at(self, index: int) -> Kind:
        """The object at an index (the *_STAT commands); upper bits are not looked at. EINVAL."""
        found = self.by_index.get(index & _INDEX_MASK)
        if found is None:
            raise EINVAL
        return found

    def hide(self, old: Kind) -> None:
        """Let nobody find the object by its key any more."""
        if self.by_key.get(old.key) is old:
            del self.by_key[old.key]
        old.key = IPC_PRIVATE

    def remove(self, old: Kind) -> None:
        """Take the object out."""
        if self.by_key.get(old.key) is old:
            del self.by_key[old.key]
        del self.by_index[old.id & _INDEX_MASK]
        old.deleted = True
