"""hostfs: a directory of the host, or one of its files, in the guest's tree; read-only or writable.

The guest's VFS walks names and follows links; the host is only asked for one name in one directory (see `host_fds`).
Owners: the user who runs rvsim appears as root, uid 0, and their group as gid 0; all other ids as they are. What a
guest makes belongs to that user on the host, unless rvsim runs as root: then to whom the guest says.
Differs: another file system that the host has mounted below the directory shows, but cannot be entered (EACCES).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import ref

from rvsim.guest_os.abi.errno import EINVAL, EROFS, ESTALE
from rvsim.guest_os.abi.fcntl import MS_RDONLY, NAME_MAX
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs.host_dir import HostDir, StillHostDir
from rvsim.guest_os.fs.host_fds import HostFds, Key, guest_errno, key_of
from rvsim.guest_os.fs.host_file import HostFile
from rvsim.guest_os.fs.host_node import HAS_BLOCKS, HostNode
from rvsim.guest_os.fs.host_os import HOST, HostOs
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.inode import Stat
from rvsim.guest_os.vfs.super_block import MountOptions, StatFs, SuperBlock

HOSTFS_MAGIC = 0x00C0FFEE
"""fs/hostfs/hostfs_kern.c:HOSTFS_SUPER_MAGIC"""
_SYNTHETIC_INO = 1 << 62
_NODES_MAX = 1024
_HAS_MORE = frozenset((S_IFDIR, S_IFLNK))


class HostTime:
    """The host's clock: what `touch` on a host's file must write, for the host's programs compare such times."""

    def __init__(self, host: HostOs) -> None:
        self.host = host

    def monotonic_ns(self) -> int:
        return self.host.monotonic_ns()

    def realtime_ns(self) -> int:
        return self.host.realtime_ns()


class KnownNodes(dict[Key, ref[HostNode]]):
    """Inodes by what the host knows them by: those that something refers to, and some that are gone already."""

    def alive(self) -> dict[Key, HostNode]:
        """Those that are not gone."""
        return {key: node for key, entry in self.items() if (node := entry()) is not None}

    def know(self, nodes: Mapping[Key, HostNode]) -> None:
        """Add some."""
        self.update((key, ref(node)) for key, node in nodes.items())


class HostSuperBlock(SuperBlock):
    """A mounted directory or regular file of the host.

    Attributes:
        fds: its descriptors.
        host: whom to ask.
        nodes: the inodes that something refers to, and some that are gone already.
        nodes_max: how many of both there may be until those that are gone are looked for.
        still: the host does not change the tree meanwhile (the lower layer of an overlay).
        given_readonly: the user who runs rvsim allows no changes.
        may_chown: the host lets us give files away.
    """

    __slots__ = (
        "__weakref__", "fds", "given_readonly", "host", "may_chown", "nodes", "nodes_max", "own_gid", "own_uid",
        "root_dev", "still",
    )  # fmt: skip

    magic = HOSTFS_MAGIC

    def __init__(
        self, path: bytes, *, readonly: bool = True, still: bool = False, clock: Clock | None = None,
        host: HostOs = HOST,
    ) -> None:
        """Raises OSError: `path` is not there, or neither a directory nor a regular file, or may not be entered."""
        super().__init__("hostfs", clock or HostTime(host))
        self.host = host
        self.readonly = self.given_readonly = readonly
        self.still = still
        self.own_uid, self.own_gid, effective = host.user()
        self.may_chown = effective == 0
        self.nodes = KnownNodes()
        self.nodes_max = _NODES_MAX
        path = host.realpath(path)
        directory, name = path, b""
        kind = host.stat(path).st_mode & S_IFMT
        if kind != S_IFDIR:
            directory, name = os.path.split(path)
            if kind != S_IFREG:
                raise OSError(EINVAL.number, "neither a directory nor a regular file", os.fsdecode(path))
        self.fds = HostFds(directory, host=host)
        st = host.fstat(self.fds.root_fd)
        self.root_dev = st.st_dev
        top = self.node(st, None, None)
        top.is_root = True
        self.set_root(top if not name else top.lookup(name))

    def __getstate__(self) -> dict[str, Any]:
        names = [name for kind in type(self).__mro__ for name in getattr(kind, "__slots__", ())]
        state = {name: getattr(self, name) for name in names if name != "__weakref__"}
        state["nodes"] = self.nodes.alive()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.nodes = KnownNodes()
        self.nodes.know(state["nodes"])

    # Inodes -----------------------------------------------------------------------------------------------------------

    def node(self, st: os.stat_result, parent: HostNode | None, name: bytes | None) -> HostNode:
        """The inode that `st` tells of, found as `name` in `parent`; with its facts brought up to date."""
        key = (st.st_dev, st.st_ino)
        entry = self.nodes.get(key)
        node = None if entry is None else entry()
        if node is not None and node.mode & S_IFMT == st.st_mode & S_IFMT and not node.dead:
            node.refresh(st)
        else:
            node = self._make(st, key)
            if len(self.nodes) >= self.nodes_max:
                self.nodes = KnownNodes({key: entry for key, entry in self.nodes.items() if entry() is not None})
                self.nodes_max = _NODES_MAX + 2 * len(self.nodes)
            self.nodes[key] = ref(node)
        if parent is not None and name is not None:
            node.places[parent, name] = None
        return node

    def _make(self, st: os.stat_result, key: Key) -> HostNode:
        kind = st.st_mode & S_IFMT
        if kind == S_IFREG:
            return HostFile(self, st, key)
        if kind != S_IFDIR:
            return HostNode(self, st, key)
        node = StillHostDir(self, st, key) if self.still else HostDir(self, st, key)
        node.foreign = st.st_dev != self.root_dev
        return node

    def facts(self, st: os.stat_result) -> Stat | None:
        """The facts of a file without an inode of it; None: there is one, or it is for more than its facts."""
        mode, ino, dev, nlink, uid, gid, size, _, _, _ = st
        kind = mode & S_IFMT
        if kind in _HAS_MORE or dev != self.root_dev:
            return None
        entry = self.nodes.get((dev, ino))
        if entry is not None and entry() is not None:
            return None
        ctime_ns = st.st_ctime_ns
        return Stat(
            self.dev, ino, mode, nlink, 0 if uid == self.own_uid else uid, 0 if gid == self.own_gid else gid,
            st.st_rdev, size, self.block_size, st.st_blocks if HAS_BLOCKS else size + 511 >> 9, st.st_atime_ns,
            st.st_mtime_ns, ctime_ns, ctime_ns,
        )  # fmt: skip

    def forget(self, node: HostNode) -> None:
        """The inode is gone."""
        self.fds.drop(node)
        entry = self.nodes.get(node.key)
        if entry is not None and entry() is node:
            del self.nodes[node.key]

    @contextmanager
    def handle(self, node: HostNode) -> Iterator[int]:
        """A descriptor that names the inode, for as long as `with` lasts. Raises ESTALE."""
        held = self.fds.held(node)
        if held is None and node.is_dir:
            held = self.fds.directory(node)
        if held is not None:
            yield held
            return
        parent_fd, name = self.fds.place(node)
        flags = getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        fd = self.fds.open(name, flags, parent_fd)
        try:
            if key_of(self.host.fstat(fd)) != node.key:
                raise ESTALE
            yield fd
        finally:
            self.host.close(fd)

    # Numbers ----------------------------------------------------------------------------------------------------------

    def synthetic_ino(self) -> int:
        """A number for a file that lies on another device of the host; the others have the host's."""
        return _SYNTHETIC_INO | self.new_ino()

    def host_uid(self, uid: int) -> int:
        """The host's user for the guest's; `HostNode.refresh` has the other way."""
        return uid or self.own_uid

    def host_gid(self, gid: int) -> int:
        """The same for groups."""
        return gid or self.own_gid

    def statfs(self) -> StatFs:
        try:
            st = self.host.statvfs(self.fds.root_fd)
        except OSError as error:
            raise guest_errno(error) from None
        return StatFs(
            self.magic, st.f_frsize, st.f_blocks, st.f_bfree, st.f_bavail, st.f_files, st.f_ffree,
            min(st.f_namemax, NAME_MAX), flags=MS_RDONLY if self.readonly else 0,
        )  # fmt: skip

    def reconfigure(self, options: MountOptions, readonly: bool) -> None:
        """The guest may make it read-only; what the user gave read-only stays so. Raises EROFS."""
        if self.given_readonly and not readonly:
            raise EROFS
        self.readonly = readonly

    def show_options(self) -> bytes:
        return b",ro" if self.readonly else b""

    def close(self) -> None:
        """Let go of the host's directory."""
        self.fds.close()
