"""Extended attributes: who may read and write which. fs/xattr.c, xattr(7)

Differs: there are no POSIX ACLs: system.posix_acl_* gives EOPNOTSUPP. Capabilities of files (security.capability) are
kept, but exec does not look at them.
"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_SETFCAP, CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import E2BIG, EINVAL, ENODATA, EOPNOTSUPP, EPERM, ERANGE
from rvsim.guest_os.abi.fcntl import XATTR_CREATE, XATTR_NAME_MAX, XATTR_REPLACE, XATTR_SIZE_MAX
from rvsim.guest_os.abi.inotify import IN_ATTRIB
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG, S_ISVTX
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.attr import check_writable
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.permission import MAY_READ, MAY_WRITE, owner_or_capable

_SPACES = (b"user.", b"trusted.", b"security.")
_CAPABILITY = b"security.capability"
_CAPABILITY_HEADERS = ((20, 2), (24, 3))
"""Size and revision (byte 3) of struct vfs_cap_data and vfs_ns_cap_data. include/uapi/linux/capability.h"""


def _check(inode: Inode, cred: Credentials, name: bytes, mask: int) -> None:
    """fs/xattr.c:xattr_permission, xattr_resolve_name"""
    if not 0 < len(name) <= XATTR_NAME_MAX:
        raise ERANGE
    if name.startswith(b"trusted."):
        if not cred.capable(CAP_SYS_ADMIN):
            raise EPERM if mask & MAY_WRITE else ENODATA
    elif not name.startswith((b"security.", b"system.")):
        kind = inode.mode & S_IFMT
        if name.startswith(b"user."):
            if kind not in (S_IFREG, S_IFDIR):
                raise EPERM if mask & MAY_WRITE else ENODATA
            if kind == S_IFDIR and inode.mode & S_ISVTX and mask & MAY_WRITE and not owner_or_capable(inode, cred):
                raise EPERM
        inode.permission(cred, mask)
    if not name.startswith(_SPACES):
        raise EOPNOTSUPP


def _check_security(name: bytes, cred: Credentials) -> None:
    """Who may change a security attribute. security/commoncap.c:cap_inode_setxattr. EPERM."""
    if not name.startswith(b"security."):
        return
    if not cred.capable(CAP_SETFCAP if name == _CAPABILITY else CAP_SYS_ADMIN):
        raise EPERM


def _check_full(name: bytes) -> None:
    """EINVAL: a name that is only its space: `user.` and no more."""
    if name in _SPACES:
        raise EINVAL


def getxattr(path: Path, cred: Credentials, name: bytes) -> bytes:
    """The value of an extended attribute.

    Raises:
        ENODATA: there is none, or it is hidden. EOPNOTSUPP: the file system keeps none of this kind.
        ERANGE: a name without bytes, or too long. EINVAL: a name without its second part. EACCES.
    """
    _check(path.inode, cred, name, MAY_READ)
    _check_full(name)
    return path.inode.getxattr(name)


def setxattr(path: Path, cred: Credentials, name: bytes, value: bytes, flags: int = 0) -> None:
    """Set an extended attribute.

    Raises:
        EINVAL: an unknown flag; a name without its second part; a malformed security.capability.
        E2BIG: a value above 64 KiB.
        EEXIST, ENODATA: by flag.
        EPERM, EACCES, EROFS, EOPNOTSUPP, ERANGE, ENOSPC.
    """
    if flags & ~(XATTR_CREATE | XATTR_REPLACE):
        raise EINVAL
    if len(value) > XATTR_SIZE_MAX:
        raise E2BIG
    check_writable(path)
    if name == _CAPABILITY and value and (len(value), *value[3:4]) not in _CAPABILITY_HEADERS:
        raise EINVAL
    _check(path.inode, cred, name, MAY_WRITE)
    _check_security(name, cred)
    _check_full(name)
    path.inode.setxattr(name, value, flags)
    notify.at_place(path.dentry, IN_ATTRIB)


def listxattr(path: Path, cred: Credentials) -> list[bytes]:
    """The names of the extended attributes; trusted ones only for CAP_SYS_ADMIN."""
    names = path.inode.listxattr()
    if cred.capable(CAP_SYS_ADMIN):
        return names
    return [name for name in names if not name.startswith(b"trusted.")]


def removexattr(path: Path, cred: Credentials, name: bytes) -> None:
    """Take an extended attribute away. Raises ENODATA and what `setxattr` raises."""
    check_writable(path)
    _check(path.inode, cred, name, MAY_WRITE)
    _check_security(name, cred)
    _check_full(name)
    path.inode.removexattr(name)
    notify.at_place(path.dentry, IN_ATTRIB)
