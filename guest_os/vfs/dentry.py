"""A name in a directory and the cache of names. include/linux/dcache.h"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import ENAMETOOLONG, ENOENT, Errno
from rvsim.guest_os.abi.fcntl import NAME_MAX

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.inode import Inode

_VOLATILE_MAX = 512


class Dentry:
    """One name of one inode. The root of a superblock has no parent.

    Attributes:
        children: the names below that have been looked up.
        mounted: how many mounts stand on this name.
        deleted: the name was taken away (open files and working directories may still hold it).
    """

    __slots__ = ("children", "deleted", "inode", "mounted", "name", "parent")

    def __init__(self, name: bytes, parent: Dentry | None, inode: Inode) -> None:
        self.name = name
        self.parent = parent
        self.inode = inode
        self.children: dict[bytes, Dentry] = {}
        self.mounted = 0
        self.deleted = False

    def __repr__(self) -> str:
        return f"<Dentry {self.name!r} ino {self.inode.ino}>"

    def lookup(self, name: bytes) -> Dentry:
        """The child `name`, from the cache or the file system. fs/namei.c:lookup_fast, lookup_slow

        Raises:
            ENOENT: there is none, or this directory was removed.
            ENOTDIR: this is no directory.
            ENAMETOOLONG: longer than NAME_MAX.
        """
        child = self.children.get(name)
        directory = self.inode
        if child is not None and not directory.volatile:
            return child
        if len(name) > NAME_MAX:
            raise ENAMETOOLONG
        if directory.dead:
            raise ENOENT
        try:
            inode = directory.lookup(name)
        except Errno:
            if child is not None:
                self.drop(child)
            raise
        if child is not None:
            if child.inode is inode or child.mounted:
                return child
            self.drop(child)
        return self.enter(name, inode)

    def lookup_or_none(self, name: bytes) -> Dentry | None:
        """As `lookup`, None instead of ENOENT for a name that may be made."""
        try:
            return self.lookup(name)
        except ENOENT:
            if self.inode.closed:
                raise
            return None

    def enter(self, name: bytes, inode: Inode) -> Dentry:
        """Enter a child that was looked up; of a volatile directory only so many are kept."""
        if len(self.children) > _VOLATILE_MAX and self.inode.volatile:
            self.children = {key: kept for key, kept in self.children.items() if kept.mounted}
        child = self.children[name] = Dentry(name, self, inode)
        return child

    def add(self, name: bytes, inode: Inode) -> Dentry:
        """Enter a child into the cache. fs/dcache.c:d_instantiate"""
        child = self.children[name] = Dentry(name, self, inode)
        return child

    def drop(self, child: Dentry) -> None:
        """Forget a child whose name is gone. fs/dcache.c:d_delete"""
        child.deleted = True
        if self.children.get(child.name) is child:
            del self.children[child.name]

    def move(self, new_parent: Dentry, new_name: bytes) -> None:
        """Give this entry another place; what was there is forgotten. fs/dcache.c:d_move"""
        assert self.parent is not None
        del self.parent.children[self.name]
        old = new_parent.children.get(new_name)
        if old is not None:
            old.deleted = True
        self.parent = new_parent
        self.name = new_name
        new_parent.children[new_name] = self

    def exchange(self, other: Dentry) -> None:
        """Let two entries change places. fs/dcache.c:d_exchange"""
        assert self.parent is not None
        assert other.parent is not None
        self.parent, other.parent = other.parent, self.parent
        self.name, other.name = other.name, self.name
        self.parent.children[self.name] = self
        other.parent.children[other.name] = other

    def is_below(self, ancestor: Dentry) -> bool:
        """Whether `ancestor` is this entry or above it. fs/dcache.c:is_subdir"""
        here: Dentry | None = self
        while here is not None:
            if here is ancestor:
                return True
            here = here.parent
        return False
