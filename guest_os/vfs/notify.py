"""Telling those who watch files what happens to them. fs/notify/fsnotify.c

A superblock in which nothing is watched has no `watches`: then nothing here costs more than that look, which callers
where it counts make themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.inotify import (
    IN_ACCESS,
    IN_CLOSE_NOWRITE,
    IN_CLOSE_WRITE,
    IN_DELETE_SELF,
    IN_EXCL_UNLINK,
    IN_ISDIR,
    IN_MODIFY,
    IN_MOVE_SELF,
    IN_MOVED_FROM,
    IN_MOVED_TO,
    IN_UNMOUNT,
)

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.dentry import Dentry
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.inode import Inode
    from rvsim.guest_os.vfs.super_block import SuperBlock


class Watch(Protocol):
    """Who watches one inode. `mask`: the IN_* events that it wants, and IN_EXCL_UNLINK."""

    mask: int

    def happened(self, event: int, name: bytes, cookie: int) -> None:
        """One of its events: of the inode itself (`name` empty), or of a name in it."""
        ...

    def removed(self) -> None:
        """There is nothing to watch any more."""
        ...


def add(inode: Inode, watch: Watch) -> None:
    """Let `watch` know what happens to an inode from now on."""
    sb = inode.sb
    if sb.watches is None:
        sb.watches = {}
    sb.watches.setdefault(inode, {})[watch] = None


def remove(inode: Inode, watch: Watch) -> None:
    """Let `watch`, which watches the inode, be told no more."""
    watches = inode.sb.watches
    assert watches is not None
    del watches[inode][watch]
    if not watches[inode]:
        del watches[inode]
    if not watches:
        inode.sb.watches = None


def _tell(inode: Inode, event: int, name: bytes = b"", cookie: int = 0, *, unlinked: bool = False) -> None:
    watches = inode.sb.watches
    if watches is None:
        return
    for watch in tuple(watches.get(inode, ())):
        if watch.mask & event & ~IN_ISDIR and not (unlinked and watch.mask & IN_EXCL_UNLINK):
            watch.happened(event, name, cookie)


def at_inode(inode: Inode, event: int) -> None:
    """Something happened to an inode, by whatever name. fsnotify_inode"""
    if inode.sb.watches is not None:
        _tell(inode, event | IN_ISDIR if inode.is_dir else event)


def at_place(place: Dentry, event: int) -> None:
    """Something happened to what stands at a place: its directory hears of it, and itself. fsnotify_dentry"""
    inode = place.inode
    if inode.sb.watches is None:
        return
    if inode.is_dir:
        event |= IN_ISDIR
    if place.parent is not None:
        _tell(place.parent.inode, event, place.name, unlinked=place.deleted)
    _tell(inode, event, unlinked=place.deleted)


def at_name(directory: Inode, event: int, name: bytes, inode: Inode, cookie: int = 0) -> None:
    """A name of `inode` came to a directory, or went. fsnotify_name"""
    if directory.sb.watches is not None:
        _tell(directory, event | IN_ISDIR if inode.is_dir else event, name, cookie)


def moved(old: Inode, old_name: bytes, new: Inode, new_name: bytes, inode: Inode, cookie: int) -> None:
    """A name of `inode` moved. fsnotify_move"""
    at_name(old, IN_MOVED_FROM, old_name, inode, cookie)
    at_name(new, IN_MOVED_TO, new_name, inode, cookie)
    _tell(inode, IN_MOVE_SELF)


def accessed(file: File) -> None:
    """Bytes or entries of an open file were read. fsnotify_access"""
    at_place(file.path.dentry, IN_ACCESS)


def modified(file: File) -> None:
    """Bytes of an open file were written. fsnotify_modify"""
    at_place(file.path.dentry, IN_MODIFY)


def closed(file: File) -> None:
    """The last holder of an open file let go of it. fsnotify_close"""
    at_place(file.path.dentry, IN_CLOSE_WRITE if file.writable else IN_CLOSE_NOWRITE)


def gone(inode: Inode) -> None:
    """An inode has no name and is not open any more. fsnotify_inoderemove"""
    watches = inode.sb.watches
    if watches is None:
        return
    _tell(inode, IN_DELETE_SELF)
    for watch in tuple(watches.get(inode, ())):
        watch.removed()


def unmounted(sb: SuperBlock) -> None:
    """The last mount of a superblock is gone. fsnotify_sb_delete"""
    for inode, watches in tuple((sb.watches or {}).items()):
        for watch in tuple(watches):
            watch.happened(IN_UNMOUNT, b"", 0)
            if watch in (sb.watches or {}).get(inode, ()):
                watch.removed()
