"""Who a task acts as. include/linux/cred.h"""

from __future__ import annotations

from typing import Protocol

from rvsim.guest_os.abi.capability import ALL_CAPABILITIES


class Caller(Protocol):
    """Who knows on whose behalf the kernel works right now."""

    def credentials(self) -> Credentials | None:
        """Those of the running task; None when there is none."""
        ...


class Credentials:
    """User and group ids, supplementary groups and capability sets (bit n: capability n); root by default.

    Attributes:
        used: a capability has made something possible. include/linux/sched.h:PF_SUPERPRIV
    """

    __slots__ = (
        "cap_ambient", "cap_bounding", "cap_effective", "cap_inheritable", "cap_permitted", "egid", "euid", "fsgid",
        "fsuid", "gid", "groups", "securebits", "sgid", "suid", "uid", "used",
    )  # fmt: skip

    def __init__(self, uid: int = 0, gid: int = 0, groups: tuple[int, ...] = ()) -> None:
        self.uid = self.euid = self.suid = self.fsuid = uid
        self.gid = self.egid = self.sgid = self.fsgid = gid
        self.groups = groups
        full = ALL_CAPABILITIES if uid == 0 else 0
        self.cap_permitted = full
        self.cap_effective = full
        self.cap_inheritable = 0
        self.cap_bounding = ALL_CAPABILITIES
        self.cap_ambient = 0
        self.securebits = 0
        self.used = False

    def copy(self) -> Credentials:
        """An independent copy, as fork makes one."""
        new = Credentials.__new__(Credentials)
        for name in Credentials.__slots__:
            setattr(new, name, getattr(self, name))
        return new

    def capable(self, capability: int) -> bool:
        """Whether `capability` is in the effective set. kernel/capability.c:capable"""
        if self.cap_effective >> capability & 1:
            self.used = True
            return True
        return False

    def in_group(self, gid: int) -> bool:
        """Whether file access may use `gid`. kernel/groups.c:in_group_p"""
        return gid == self.fsgid or gid in self.groups

    def real(self) -> Credentials:
        """What access(2) tests: real ids, and capabilities to match. fs/open.c:access_override_creds"""
        new = self.copy()
        new.fsuid = self.uid
        new.fsgid = self.gid
        new.cap_effective = self.cap_permitted if self.uid == 0 else 0
        return new
