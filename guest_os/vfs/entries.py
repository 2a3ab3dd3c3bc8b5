"""Make, take away and move names: mkdir, mknod, symlink, link, unlink, rmdir, rename. fs/namei.c"""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_DAC_READ_SEARCH, CAP_MKNOD
from rvsim.guest_os.abi.errno import (
    EBUSY,
    EEXIST,
    EINVAL,
    EISDIR,
    EMLINK,
    ENAMETOOLONG,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    EPERM,
    EROFS,
    EXDEV,
)
from rvsim.guest_os.abi.fcntl import PATH_MAX, RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT
from rvsim.guest_os.abi.inotify import IN_ATTRIB, IN_CREATE, IN_DELETE
from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, S_ISVTX
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.namei import Walk
from rvsim.guest_os.vfs.permission import MAY_EXEC, MAY_WRITE, check_sticky, new_owner

LINK_MAX = (1 << 32) - 1
_DOTS = (b"", b".", b"..")


def _place_for_new(
    context: FsContext, cred: Credentials, name: bytes, base: Path | None, *, directory: bool = False
) -> Walk:
    """Walk to where `name` will be made and check that it can be. fs/namei.c:filename_create, may_create"""
    walk = Walk(context, cred, base)
    walk.to_parent(name)
    if walk.last in _DOTS or walk.dentry.lookup_or_none(walk.last) is not None:
        raise EEXIST
    if walk.trailing and not directory:
        raise ENOENT
    if walk.mount.readonly:
        raise EROFS
    parent = walk.dentry.inode
    if parent.dead:
        raise ENOENT
    parent.permission(cred, MAY_WRITE | MAY_EXEC)
    return walk


def mkdir(context: FsContext, cred: Credentials, name: bytes, mode: int, base: Path | None = None) -> Path:
    """Make a directory. fs/namei.c:do_mkdirat

    Raises:
        EEXIST: the name is taken.
        EROFS, EACCES, EMLINK, ENOSPC, and what path walk raises.
    """
    walk = _place_for_new(context, cred, name, base, directory=True)
    parent = walk.dentry.inode
    if parent.nlink >= LINK_MAX:
        raise EMLINK
    final, uid, gid = new_owner(parent, S_IFDIR | mode & (0o777 | S_ISVTX) & ~context.umask, cred)
    return _made(walk, parent.mkdir(walk.last, final, uid, gid))


def _made(walk: Walk, inode: Inode) -> Path:
    """Enter the name that was just made."""
    child = walk.dentry.add(walk.last, inode)
    notify.at_name(walk.dentry.inode, IN_CREATE, walk.last, inode)
    return Path(walk.mount, child)


def check_mknod(mode: int) -> None:
    """EPERM: a directory. EINVAL: no type that mknod makes. fs/namei.c:may_mknod"""
    kind = mode & S_IFMT
    if kind == S_IFDIR:
        raise EPERM
    if kind not in (0, S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK):
        raise EINVAL


def mknod(
    context: FsContext, cred: Credentials, name: bytes, mode: int, rdev: int = 0, base: Path | None = None
) -> Path:
    """Make a regular file, device node, FIFO or socket. fs/namei.c:do_mknodat

    Raises:
        EPERM: a directory, or a device without CAP_MKNOD.
        EINVAL: another type.
    """
    check_mknod(mode)
    kind = mode & S_IFMT
    walk = _place_for_new(context, cred, name, base)
    if kind in (S_IFCHR, S_IFBLK) and not cred.capable(CAP_MKNOD):
        raise EPERM
    parent = walk.dentry.inode
    final, uid, gid = new_owner(parent, (kind or S_IFREG) | mode & 0o7777 & ~context.umask, cred)
    if kind in (0, S_IFREG):
        inode = parent.create(walk.last, final, uid, gid)
    else:
        inode = parent.mknod(walk.last, final, uid, gid, rdev)
    return _made(walk, inode)


def symlink(context: FsContext, cred: Credentials, target: bytes, name: bytes, base: Path | None = None) -> Path:
    """Make a symbolic link with the text `target`. fs/namei.c:do_symlinkat

    Raises:
        ENOENT: an empty text.
        ENAMETOOLONG: a text of PATH_MAX bytes.
    """
    if not target:
        raise ENOENT
    if len(target) >= PATH_MAX:
        raise ENAMETOOLONG
    walk = _place_for_new(context, cred, name, base)
    parent = walk.dentry.inode
    _, uid, gid = new_owner(parent, S_IFLNK | 0o777, cred)
    return _made(walk, parent.symlink(walk.last, target, uid, gid))


def link(
    context: FsContext, cred: Credentials, old: bytes, new: bytes, old_base: Path | None = None,
    new_base: Path | None = None, *, follow: bool = False, empty: bool = False,
) -> None:  # fmt: skip
    """Give a file another name; `empty` lets an empty `old` be `old_base`. fs/namei.c:do_linkat

    Raises:
        EPERM: a directory.
        EXDEV: another mount.
        ENOENT: the file has no name left; an empty name without CAP_DAC_READ_SEARCH.
    """
    if empty and not old:
        if old_base is None:
            old_base = context.cwd
        if not cred.capable(CAP_DAC_READ_SEARCH):
            raise ENOENT
        source = old_base
    else:
        source = Walk(context, cred, old_base).to_end(old, follow=follow)
    walk = Walk(context, cred, new_base)
    walk.to_parent(new)
    if walk.last in _DOTS or walk.dentry.lookup_or_none(walk.last) is not None:
        raise EEXIST
    if walk.trailing:
        raise ENOENT
    if walk.mount.readonly:
        raise EROFS
    if walk.mount is not source.mount:
        raise EXDEV
    inode = source.inode
    parent = walk.dentry.inode
    if parent.dead:
        raise ENOENT
    parent.permission(cred, MAY_WRITE | MAY_EXEC)
    if inode.is_dir:
        raise EPERM
    if inode.nlink == 0 and not inode.linkable:
        raise ENOENT
    if inode.nlink >= LINK_MAX:
        raise EMLINK
    parent.link(walk.last, inode)
    inode.linkable = False
    notify.at_inode(inode, IN_ATTRIB)
    _made(walk, inode)


def _check_delete(parent: Inode, victim: Inode, cred: Credentials) -> None:
    """fs/namei.c:may_delete, without its tests of the victim's type."""
    parent.permission(cred, MAY_WRITE | MAY_EXEC)
    check_sticky(parent, victim, cred)


def unlink(context: FsContext, cred: Credentials, name: bytes, base: Path | None = None) -> None:
    """Take away a name that is no directory's. fs/namei.c:do_unlinkat

    Raises:
        EISDIR: a directory.
        EBUSY: a mount stands on it.
    """
    walk = Walk(context, cred, base)
    walk.to_parent(name)
    if walk.last in _DOTS:
        raise EISDIR
    if walk.mount.readonly:
        raise EROFS
    child = walk.dentry.lookup(walk.last)
    inode = child.inode
    if walk.trailing:
        raise EISDIR if inode.is_dir else ENOTDIR
    parent = walk.dentry.inode
    _check_delete(parent, inode, cred)
    if inode.is_dir:
        raise EISDIR
    if child.mounted:
        raise EBUSY
    parent.unlink(walk.last, inode)
    walk.dentry.drop(child)
    notify.at_inode(inode, IN_ATTRIB)
    _let_go(inode)
    notify.at_name(parent, IN_DELETE, walk.last, inode)


def _let_go(inode: Inode) -> None:
    """A name of an inode is gone: if it was the last, and the file is not open, the inode goes too."""
    if inode.nlink == 0 and inode.open_count == 0:
        notify.gone(inode)
        inode.evict()


def rmdir(context: FsContext, cred: Credentials, name: bytes, base: Path | None = None) -> None:
    """Remove an empty directory. fs/namei.c:do_rmdir

    Raises:
        ENOTDIR: no directory.
        EINVAL: the last name is `.`.
        ENOTEMPTY: it has entries, or the last name is `..`.
        EBUSY: the root, or a mount stands on it.
    """
    walk = Walk(context, cred, base)
    walk.to_parent(name)
    if walk.last == b"..":
        raise ENOTEMPTY
    if walk.last == b".":
        raise EINVAL
    if walk.last == b"":
        raise EBUSY
    if walk.mount.readonly:
        raise EROFS
    child = walk.dentry.lookup(walk.last)
    inode = child.inode
    parent = walk.dentry.inode
    _check_delete(parent, inode, cred)
    if not inode.is_dir:
        raise ENOTDIR
    if child.mounted:
        raise EBUSY
    parent.rmdir(walk.last, inode)
    inode.dead = True
    walk.dentry.drop(child)
    if inode.open_count == 0:
        notify.gone(inode)
        inode.evict()
    notify.at_name(parent, IN_DELETE, walk.last, inode)


def check_rename_flags(flags: int) -> None:
    """EINVAL: an unknown flag, or flags that do not go together. fs/namei.c:do_renameat2"""
    if flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT):
        raise EINVAL
    if flags & RENAME_EXCHANGE and flags & (RENAME_NOREPLACE | RENAME_WHITEOUT):
        raise EINVAL


def rename(
    context: FsContext, cred: Credentials, old: bytes, new: bytes, old_base: Path | None = None,
    new_base: Path | None = None, flags: int = 0,
) -> None:  # fmt: skip
    """Move a name, over an existing one or with flags. fs/namei.c:do_renameat2, vfs_rename

    Raises:
        EINVAL: flags that do not go together; a directory into itself.
        EXDEV: another mount.
        EBUSY: a name that is `.` or `..`; a mount stands on one.
        EEXIST: RENAME_NOREPLACE, and the new name is taken.
        EISDIR, ENOTDIR: one is a directory and the other not.
        ENOTEMPTY: the directory to replace has entries.
    """
    check_rename_flags(flags)
    source = Walk(context, cred, old_base)
    source.to_parent(old)
    target = Walk(context, cred, new_base)
    target.to_parent(new)
    if source.mount is not target.mount:
        raise EXDEV
    if source.last in _DOTS:
        raise EBUSY
    if target.last in _DOTS:
        raise EEXIST if flags & RENAME_NOREPLACE else EBUSY
    if source.mount.readonly:
        raise EROFS
    child = source.dentry.lookup(source.last)
    over = target.dentry.lookup_or_none(target.last)
    _check_rename(source, target, child, over, flags)
    if child is over or (over is not None and child.inode is over.inode):
        return
    _check_rename_rights(source.dentry.inode, target.dentry.inode, child, over, cred, flags)
    if child.mounted or (over is not None and over.mounted):
        raise EBUSY
    victim = over.inode if over is not None else None
    source.dentry.inode.rename(source.last, child.inode, target.dentry.inode, target.last, victim, flags)
    if flags & RENAME_EXCHANGE:
        assert over is not None
        child.exchange(over)
        _moved(source, target, child.inode)
        _moved(target, source, over.inode)
        return
    child.move(target.dentry, target.last)
    _moved(source, target, child.inode)
    if victim is not None:
        if victim.is_dir:
            victim.dead = True
        notify.at_inode(victim, IN_ATTRIB)
        _let_go(victim)


def _moved(source: Walk, target: Walk, inode: Inode) -> None:
    table = source.mount.table
    table.last_cookie += 1
    notify.moved(source.dentry.inode, source.last, target.dentry.inode, target.last, inode, table.last_cookie)


def _check_rename(source: Walk, target: Walk, child: Dentry, over: Dentry | None, flags: int) -> None:
    """What depends on the names alone."""
    if flags & RENAME_NOREPLACE and over is not None:
        raise EEXIST
    if flags & RENAME_EXCHANGE:
        if over is None:
            raise ENOENT
        if target.trailing and not over.inode.is_dir:
            raise ENOTDIR
    if not child.inode.is_dir and (source.trailing or (target.trailing and not flags & RENAME_EXCHANGE)):
        raise ENOTDIR
    if target.dentry.is_below(child):
        raise EINVAL
    if over is not None and source.dentry.is_below(over):
        raise EINVAL if flags & RENAME_EXCHANGE else ENOTEMPTY


def _check_rename_rights(
    old_dir: Inode, new_dir: Inode, child: Dentry, over: Dentry | None, cred: Credentials, flags: int
) -> None:
    """fs/namei.c:vfs_rename up to the file system's own part."""
    moves_dir = child.inode.is_dir
    _check_delete(old_dir, child.inode, cred)
    if over is None:
        if new_dir.dead:
            raise ENOENT
        new_dir.permission(cred, MAY_WRITE | MAY_EXEC)
    else:
        _check_delete(new_dir, over.inode, cred)
        if not flags & RENAME_EXCHANGE:
            if moves_dir and not over.inode.is_dir:
                raise ENOTDIR
            if not moves_dir and over.inode.is_dir:
                raise EISDIR
    if old_dir is not new_dir:
        # A directory that changes its parent has its `..` written.
        if moves_dir:
            child.inode.permission(cred, MAY_WRITE)
        if over is not None and flags & RENAME_EXCHANGE and over.inode.is_dir:
            over.inode.permission(cred, MAY_WRITE)
