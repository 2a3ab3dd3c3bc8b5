"""Places in the tree: paths, mounts, and the table of mounts. fs/mount.h, fs/namespace.c"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.errno import EBUSY, EINVAL, ELOOP, ENODEV, ENOENT, ENOTDIR
from rvsim.guest_os.abi.fcntl import (
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_RDONLY,
    MS_RELATIME,
    MS_STRICTATIME,
)
from rvsim.guest_os.abi.stat import makedev
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions, SuperBlock
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Caller, Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.inode import Inode, Stat

PER_MOUNT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME


class SpecialFiles(Protocol):
    """Who opens the inodes whose file is not the file system's: device nodes and FIFOs."""

    def open_special(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """A file of the device, FIFO or socket `inode`. Raises ENXIO where nothing serves it."""
        ...


class Path:
    """A place in the tree: a name in a mount. include/linux/path.h

    Attributes:
        fresh: the walk that led here has just asked a volatile directory, so the inode's facts are those of now.
    """

    __slots__ = ("dentry", "fresh", "mount")

    def __init__(self, mount: Mount, dentry: Dentry, fresh: bool = False) -> None:
        self.mount = mount
        self.dentry = dentry
        self.fresh = fresh

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and self.dentry is other.dentry and self.mount is other.mount

    def __hash__(self) -> int:
        return hash((self.mount, self.dentry))

    def __repr__(self) -> str:
        return f"<Path {self.display()!r}>"

    @property
    def inode(self) -> Inode:
        """What stands there."""
        return self.dentry.inode

    def stat(self) -> Stat:
        """The facts of what stands there, right after the walk that found it."""
        inode = self.dentry.inode
        return inode.stat_as_found() if self.fresh else inode.stat()

    def display(self, root: Path | None = None) -> bytes:
        """The text of /proc/PID/fd links and getcwd, as seen from `root`. fs/d_path.c:d_path

        A deleted name gets ` (deleted)`; a place that is not below `root` is shown from the top of its mounts.
        """
        text, _ = self.text_below(root)
        return text + b" (deleted)" if self.dentry.deleted else text

    def text_below(self, root: Path | None) -> tuple[bytes, bool]:
        """The path's text and whether the walk up ended at `root` (or at the top, when that is None)."""
        mount, dentry = self.mount, self.dentry
        if dentry.inode.sb.pseudo:
            return dentry.name, True
        names: list[bytes] = []
        while root is None or dentry is not root.dentry or mount is not root.mount:
            if dentry is mount.root:
                if mount.parent is None:
                    return b"/" + b"/".join(reversed(names)), root is None and mount.attached
                assert mount.mountpoint is not None
                dentry = mount.mountpoint
                mount = mount.parent
                continue
            if dentry.parent is None:
                return b"/" + b"/".join(reversed(names)), False
            names.append(dentry.name)
            dentry = dentry.parent
        return b"/" + b"/".join(reversed(names)), True


class Mount:
    """A superblock's tree, or a part of it, at a place of another mount. fs/mount.h:mount"""

    __slots__ = ("attached", "children", "flags", "id", "mountpoint", "parent", "root", "sb", "source", "table")

    def __init__(self, table: MountTable, sb: SuperBlock, root: Dentry, source: bytes, flags: int) -> None:
        self.table = table
        self.sb = sb
        self.root = root
        self.source = source
        self.flags = flags
        self.id = table.new_id()
        self.parent: Mount | None = None
        self.mountpoint: Dentry | None = None
        self.children: dict[Dentry, Mount] = {}
        self.attached = False

    def __repr__(self) -> str:
        return f"<Mount {self.id} {self.sb.type_name}>"

    @property
    def readonly(self) -> bool:
        """Whether nothing may be changed through this mount. fs/namespace.c:mnt_want_write"""
        return bool(self.flags & MS_RDONLY) or self.sb.readonly


class MountTable:
    """The mounts of one machine: its tree, its file system types, its device numbers.

    `special` opens device nodes and FIFOs, `caller` knows who asks; boot sets both before the first open.
    """

    def __init__(self, special: SpecialFiles | None = None) -> None:
        self.special = special
        self.caller: Caller | None = None
        self.types: dict[str, FileSystemType] = {}
        self.mounts: dict[int, Mount] = {}
        self.last_id = 0
        self.last_dev = 0
        self.change_queue = WaitQueue()
        self._changes = 0

    def acting(self, opener: Credentials) -> Credentials:
        """Who uses an open file now: the running task, or, when there is none, who opened it."""
        cred = self.caller.credentials() if self.caller is not None else None
        return opener if cred is None else cred

    @property
    def changes(self) -> int:
        """How often the tree of mounts has changed; `change_queue` is woken at each time."""
        return self._changes

    @changes.setter
    def changes(self, value: int) -> None:
        self._changes = value
        self.change_queue.wake_all()

    def new_id(self) -> int:
        """The next mount id."""
        self.last_id += 1
        return self.last_id

    def adopt(self, sb: SuperBlock) -> SuperBlock:
        """Give a superblock its device number. fs/super.c:set_anon_super"""
        if not sb.dev:
            self.last_dev += 1
            sb.dev = makedev(0, self.last_dev)
        return sb

    def register(self, fs_type: FileSystemType) -> None:
        """Make a kind of file system known to mount(2) and /proc/filesystems."""
        self.types[fs_type.name] = fs_type

    def make(self, sb: SuperBlock, source: bytes = b"none", flags: int = 0) -> Mount:
        """A mount of `sb` that stands nowhere yet (the root's, and those of pipes and other pseudo files)."""
        self.adopt(sb)
        return Mount(self, sb, sb.root, source, flags & PER_MOUNT)

    def mount_root(self, sb: SuperBlock, source: bytes = b"none", flags: int = 0) -> Path:
        """Mount the root of the tree; the place to start from."""
        mount = self.make(sb, source, flags)
        mount.attached = True
        self.mounts[mount.id] = mount
        self.changes += 1
        return Path(mount, mount.root)

    def mount_type(self, name: bytes, source: bytes, at: Path, flags: int = 0, data: bytes = b"") -> Mount:
        """Mount a new instance of a registered type. fs/namespace.c:do_new_mount

        Raises:
            ENODEV: no such type.
            EINVAL: a wrong option.
            EBUSY, ENOTDIR, ENOENT: as `attach`.
        """
        fs_type = self.types.get(name.decode("utf-8", "replace"))
        if fs_type is None:
            raise ENODEV
        sb = fs_type.mount(source, MountOptions(data))
        return self.mount(sb, source, at, flags)

    def mount(self, sb: SuperBlock, source: bytes, at: Path, flags: int = 0) -> Mount:
        """Mount `sb` at a place."""
        mount = self.make(sb, source, flags)
        self.attach(mount, at)
        return mount

    def bind(self, source: Path, at: Path, flags: int = 0, *, recursive: bool = False) -> Mount:
        """Show `source` at another place too; with `recursive` its mounts as well. fs/namespace.c:do_loopback"""
        mount = self._clone(source.mount, source.dentry, recursive=recursive)
        if flags:
            mount.flags = flags & PER_MOUNT
        self.attach(mount, at)
        return mount

    def _clone(self, old: Mount, root: Dentry, *, recursive: bool) -> Mount:
        new = Mount(self, old.sb, root, old.source, old.flags)
        if recursive:
            for mountpoint, child in tuple(old.children.items()):
                if mountpoint.is_below(root):
                    self._hang(self._clone(child, child.root, recursive=True), new, mountpoint)
        return new

    def _hang(self, mount: Mount, parent: Mount, mountpoint: Dentry) -> None:
        mount.parent = parent
        mount.mountpoint = mountpoint
        parent.children[mountpoint] = mount
        mountpoint.mounted += 1
        self.changes += 1
        for one in _subtree(mount):
            one.attached = parent.attached
            if parent.attached:
                self.mounts[one.id] = one

    def attach(self, mount: Mount, at: Path) -> None:
        """Hang a mount at a place, on top of what is mounted there. fs/namespace.c:do_add_mount, graft_tree

        Raises:
            EBUSY: the same root of the same file system is mounted there already.
            ENOTDIR: one is a directory and the other not.
            ENOENT: the place was removed.
            EINVAL: the place is not in this tree.
        """
        self._hang(mount, *self._place_for(mount, at))

    @staticmethod
    def _place_for(mount: Mount, at: Path) -> tuple[Mount, Dentry]:
        """Where `mount` comes to stand at a place; errors as `attach`."""
        parent, mountpoint = at.mount, at.dentry
        while mountpoint.mounted and mountpoint in parent.children:
            parent = parent.children[mountpoint]
            mountpoint = parent.root
        if not parent.attached:
            raise EINVAL
        if parent.sb is mount.sb and mountpoint is mount.root and mountpoint is parent.root:
            raise EBUSY
        if mountpoint.deleted:
            raise ENOENT
        if mount.root.inode.is_dir != mountpoint.inode.is_dir:
            raise ENOTDIR
        return parent, mountpoint

    def move(self, mount: Mount, at: Path) -> None:
        """Hang a mount, with all below it, at another place. fs/namespace.c:do_move_mount

        Raises:
            EINVAL: the root of the tree cannot move.
            ELOOP: the place is below the mount itself.
            EBUSY, ENOTDIR, ENOENT: as `attach`; nothing has changed.
        """
        if mount.parent is None:
            raise EINVAL
        above: Mount | None = at.mount
        while above is not None:
            if above is mount:
                raise ELOOP
            above = above.parent
        parent, mountpoint = self._place_for(mount, at)
        self._unhang(mount)
        self._hang(mount, parent, mountpoint)

    def _unhang(self, mount: Mount) -> None:
        assert mount.parent is not None
        assert mount.mountpoint is not None
        del mount.parent.children[mount.mountpoint]
        mount.mountpoint.mounted -= 1
        mount.parent = mount.mountpoint = None
        self.changes += 1
        for one in _subtree(mount):
            one.attached = False
            self.mounts.pop(one.id, None)

    def unmount(self, path: Path, *, detach: bool = False, busy: bool = False) -> None:
        """Take the mount whose root is `path` away. fs/namespace.c:do_umount

        `busy` says that open files or working directories use it; `detach` takes it away all the same.

        Raises:
            EINVAL: no mount's root.
            EBUSY: in use, or other mounts stand on it, or it is the root of the tree.
        """
        mount = path.mount
        if path.dentry is not mount.root:
            raise EINVAL
        if mount.parent is None:
            raise EBUSY if mount.attached else EINVAL
        if not detach and (busy or mount.children):
            raise EBUSY
        self._unhang(mount)

    def remount(self, path: Path, flags: int, *, mount_only: bool = False) -> None:
        """Change a mount's flags, and the superblock's read-only flag unless `mount_only`. fs/namespace.c:do_remount

        Raises:
            EINVAL: no mount's root.
        """
        mount = path.mount
        if path.dentry is not mount.root:
            raise EINVAL
        mount.flags = flags & PER_MOUNT
        if not mount_only:
            mount.sb.readonly = bool(flags & MS_RDONLY)
        self.changes += 1

    def __iter__(self) -> Iterator[Mount]:
        """The mounts in the tree, oldest first."""
        return iter(tuple(self.mounts.values()))


def _subtree(mount: Mount) -> Iterator[Mount]:
    yield mount
    for child in tuple(mount.children.values()):
        yield from _subtree(child)
