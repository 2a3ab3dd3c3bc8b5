"""What a machine has of the host, and how a restored one comes to it.

In memory, in the process that took the snapshot, everything is where it was. A snapshot from a file names directories,
files and archives of the host, and whoever restores it must grant each of them again, as for a new machine; the
built-in programs are always granted. What is granted read-only stays so, whatever the snapshot says.

Differs: what is in the host's files is not part of a snapshot. Files that were changed meanwhile show as they are now,
and one that is gone gives ESTALE, even where the guest had it open.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT
from rvsim.guest_os.boot import APPS, Share
from rvsim.guest_os.fs.archive_entry import Source
from rvsim.guest_os.fs.host_dir import HostDir
from rvsim.guest_os.fs.host_fds import HostFds, key_of
from rvsim.guest_os.fs.host_node import HostNode
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.snapshot.errors import SnapshotError
from rvsim.guest_os.vfs.dentry import Dentry

_TREE = re.compile(rb"([0-9a-f]{64})\.tree")
_NOWHERE = (-1, -1)
"""The key of an inode that the host has no more: what it finds by its name is never taken for it."""


def program_digest(name: str) -> str:
    """What tells one built-in program from another of its name. Raises OSError."""
    return hashlib.sha256((APPS / name).read_bytes()).hexdigest()


Moved = Sequence[tuple[bytes, bytes]]
"""Files and directories that were elsewhere when a snapshot was taken: (there, here) of each."""


def moved_path(path: bytes, moved: Moved) -> bytes:
    """Where a path leads now."""
    for there, here in moved:
        if path == there or path.startswith(there + b"/"):
            return here + path[len(there):]
    return path


class HostResources:
    """Everything of the host is where it was when the snapshot was taken, in this process."""

    def descriptors(self, path: bytes, limit: int) -> HostFds:
        """The directory of the host that was mounted. Raises OSError, SnapshotError."""
        return HostFds(path, limit)

    def source(self, path: bytes, size: int) -> Any:
        """An archive of the host, or the tree of an image, of `size` bytes. Raises OSError, SnapshotError."""
        from rvsim.guest_os.fs.archive_entry import BadArchive
        from rvsim.guest_os.fs.archive_source import HostSource
        from rvsim.guest_os.fs.layered_source import SUFFIX, LayeredSource

        try:
            found: Source = LayeredSource(path) if path.endswith(SUFFIX) else HostSource(path)
        except BadArchive as error:
            raise SnapshotError(f"{os.fsdecode(path)}: {error}") from None
        if found.size != size:
            raise SnapshotError(f"{os.fsdecode(path)}: the archive is not the one that the machine had")
        return found

    def program(self, name: str) -> str:
        """The path of a built-in program, whose bytes nobody has needed yet."""
        return str(APPS / name)

    def settle(self, things: Sequence[Any]) -> None:
        """Everything is made, as `things`: bring what depends on the host up to date."""


class Grant(NamedTuple):
    """A directory of the host, with its links resolved; or the one file `name` in it."""

    directory: bytes
    name: bytes
    readonly: bool


class GrantedResources(HostResources):
    """Nothing of the host but what is granted, and the built-in programs."""

    def __init__(self, root: bytes | None = None, shares: Iterable[Share] = (), trees: bytes | None = None,
                 moved: Moved = ()) -> None:
        """`root`: what was `--root`, a directory or an archive, or the tree of an image; `shares`: of each, the host's
        path and `readonly`; `trees`: where trees of images are found by their digests; `moved`: what the snapshot knows
        by other names."""
        self.archive = None if root is None else os.path.realpath(root)
        self.trees = trees
        self.moved = moved
        self.grants: dict[bytes, Grant] = {}
        self._opened: dict[int, Grant] = {}
        self._kept: list[HostFds] = []
        for share in shares:
            self._grant(share.host, share.readonly)
        if root is not None:
            self._grant(root, True)

    def _grant(self, path: bytes, readonly: bool) -> None:
        path = os.path.realpath(path)
        directory, name = (path, b"") if os.path.isdir(path) else os.path.split(path)
        known = self.grants.get(directory)
        if known is None or (name, readonly) < (known.name, known.readonly):
            self.grants[directory] = Grant(directory, name, readonly)

    def descriptors(self, path: bytes, limit: int) -> HostFds:
        path = self._here(path)
        grant = self.grants.get(path)
        if grant is None:
            raise SnapshotError(f"the machine had {os.fsdecode(path)} of the host; allow it again with -v or --root")
        made = HostFds(grant.directory, max(1, min(limit, 1024)))
        self._opened[id(made)] = grant
        self._kept.append(made)
        return made

    def _here(self, path: bytes) -> bytes:
        here = moved_path(path, self.moved)
        return path if here == path else os.path.realpath(here)

    def source(self, path: bytes, size: int) -> Any:
        path = self._here(path)
        name = _TREE.fullmatch(os.path.basename(path))
        if name is not None:
            return super().source(self._tree(name[0], name[1]), size)
        if path != self.archive:
            raise SnapshotError(f"the machine had {os.fsdecode(path)} of the host as its root; allow it again with "
                                "--root")
        return super().source(path, size)

    def _tree(self, name: bytes, digest: bytes) -> bytes:
        """Where the tree of an image is here: the one that is granted, or else one that was cached before."""
        if self.archive is not None and os.path.basename(self.archive) == name and os.path.isfile(self.archive):
            return self.archive
        found = None if self.trees is None else os.path.join(self.trees, name)
        if found is None or not os.path.isfile(found):
            raise SnapshotError(f"the machine had an image as its root, with the layers sha256:{digest.decode()}; give "
                                "it again with --image")
        return found

    def program(self, name: str) -> str:
        if not name or "/" in name or name in (".", "..") or "\0" in name:
            raise SnapshotError("the snapshot names a program that cannot be")
        return super().program(name)

    def settle(self, things: Sequence[Any]) -> None:
        """The owners of files, and what the host knows them by, are those of this host; names lead nowhere else."""
        nodes = [thing for thing in things if isinstance(thing, HostNode)]
        for thing in things:
            if isinstance(thing, Dentry) and thing.parent is not None and not _is_name(thing.name):
                raise SnapshotError("the snapshot has a file with a name that cannot be")
        for sb in [thing for thing in things if isinstance(thing, HostSuperBlock)]:
            grant = self._opened.get(id(sb.fds))
            if grant is None:
                raise SnapshotError("the snapshot has a directory of the host that was never mounted")
            mine = [node for node in nodes if node.sb is sb]
            if grant.name:
                _check_file_only(sb, mine, grant.name, things)
            sb.given_readonly = sb.given_readonly or grant.readonly
            sb.readonly = sb.readonly or sb.given_readonly
            sb.own_uid, sb.own_gid = os.getuid(), os.getgid()
            sb.may_chown = os.geteuid() == 0
            _find_again(sb, mine)


def _is_name(name: object) -> bool:
    """One step down in a directory."""
    return isinstance(name, bytes) and name not in (b"", b".", b"..") and b"/" not in name and b"\0" not in name


def _check_file_only(sb: HostSuperBlock, nodes: list[HostNode], name: bytes, things: Sequence[Any]) -> None:
    """Of a directory of which one file is granted, nothing else may be in the machine."""
    for node in nodes:
        if node.is_root:
            wrong = any(isinstance(thing, Dentry) and thing.inode is node for thing in things)
        else:
            wrong = any(place[1] != name for place in node.places) or node.is_dir
        if wrong:
            raise SnapshotError(f"the machine had more of {os.fsdecode(sb.fds.root_path)} than {os.fsdecode(name)}; "
                                "allow the directory with -v")


def _find_again(sb: HostSuperBlock, nodes: list[HostNode]) -> None:
    """Look every inode up by a name of it, from the directory that was mounted down."""
    st = os.fstat(sb.fds.root_fd)
    sb.root_dev = st.st_dev
    sb.nodes.clear()
    left: dict[HostNode, None] = dict.fromkeys(nodes)
    for node in nodes:
        for parent, name in node.places:
            if not _is_name(name) or not isinstance(parent, HostNode) or parent.sb is not sb:
                raise SnapshotError("the snapshot has a file of the host with a name that cannot be")
        if node.is_root:
            if not node.is_dir:
                raise SnapshotError("the snapshot has a directory of the host that is none")
            node.key = key_of(st)
            sb.nodes.know({node.key: node})
            del left[node]
    while left:
        again: dict[HostNode, None] = {}
        for node in left:
            if any(parent in left for parent, _ in node.places):
                again[node] = None
                continue
            node.key = _NOWHERE
            for parent, name in node.places:
                try:
                    found = os.stat(name, dir_fd=sb.fds.directory(parent), follow_symlinks=False)
                except OSError:
                    continue
                if found.st_mode & S_IFMT == node.mode & S_IFMT:
                    node.key = key_of(found)
                    node.foreign = found.st_mode & S_IFMT == S_IFDIR and found.st_dev != sb.root_dev
                    sb.nodes.know({node.key: node})
                    break
        if len(again) == len(left):
            raise SnapshotError("the snapshot has directories of the host that contain each other")
        left = again
    for node in nodes:
        if isinstance(node, HostDir) and node.entries:
            node.read_again()
