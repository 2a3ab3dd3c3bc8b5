"""Who may do what to an inode. fs/namei.c, fs/attr.c, fs/inode.c"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.capability import CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID
from rvsim.guest_os.abi.errno import EACCES, EPERM
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_ISGID, S_ISUID, S_ISVTX, S_IXGRP

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.inode import Inode

MAY_EXEC = 1
MAY_WRITE = 2
MAY_READ = 4


def check_mode(inode: Inode, cred: Credentials, mask: int) -> None:
    """Check `mask` against owner, group, mode bits and capabilities. fs/namei.c:generic_permission

    Raises:
        EACCES: not allowed.
    """
    mode = inode.mode
    if cred.fsuid == inode.uid:
        bits = mode >> 6
    elif inode.gid == cred.fsgid or inode.gid in cred.groups:
        bits = mode >> 3
    else:
        bits = mode
    if not mask & ~bits:
        return
    capabilities = cred.cap_effective
    if capabilities:
        is_dir = mode & S_IFMT == S_IFDIR
        if capabilities >> CAP_DAC_OVERRIDE & 1 and (is_dir or not mask & MAY_EXEC or mode & 0o111):
            return
        if capabilities >> CAP_DAC_READ_SEARCH & 1 and (mask == MAY_READ or (is_dir and not mask & MAY_WRITE)):
            return
    raise EACCES


def owner_or_capable(inode: Inode, cred: Credentials) -> bool:
    """Whether `cred` may act as the owner. fs/inode.c:inode_owner_or_capable"""
    return cred.fsuid == inode.uid or cred.capable(CAP_FOWNER)


def check_sticky(directory: Inode, victim: Inode, cred: Credentials) -> None:
    """In a sticky directory only the owners of file and directory remove. include/linux/fs.h:check_sticky

    Raises:
        EPERM: somebody else's file.
    """
    if (
        directory.mode & S_ISVTX
        and victim.uid != cred.fsuid
        and directory.uid != cred.fsuid
        and not cred.capable(CAP_FOWNER)
    ):
        raise EPERM


def new_owner(directory: Inode, mode: int, cred: Credentials) -> tuple[int, int, int]:
    """Mode, uid and gid of a file made in `directory`. fs/inode.c:inode_init_owner"""
    if not directory.mode & S_ISGID:
        return mode, cred.fsuid, cred.fsgid
    gid = directory.gid
    if mode & S_IFMT == S_IFDIR:
        mode |= S_ISGID
    elif mode & (S_ISGID | S_IXGRP) == S_ISGID | S_IXGRP and not cred.in_group(gid) and not cred.capable(CAP_FSETID):
        mode &= ~S_ISGID
    return mode, cred.fsuid, gid


def killed_privileges(inode: Inode, cred: Credentials) -> int:
    """The set-id bits that writing by `cred` takes from a file. fs/inode.c:setattr_should_drop_suidgid"""
    mode = inode.mode
    kill = mode & S_ISUID
    if mode & S_ISGID and (mode & S_IXGRP or not (cred.in_group(inode.gid) or cred.capable(CAP_FSETID))):
        kill |= S_ISGID
    if not kill or cred.capable(CAP_FSETID):
        return 0
    return kill
