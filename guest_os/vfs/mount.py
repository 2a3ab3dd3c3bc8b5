"""Places in the tree: paths, mounts, and the table of mounts. fs/mount.h, fs/namespace.c"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.errno import EBUSY, EINVAL, ELOOP, ENODEV, ENOENT, ENOSPC, ENOTDIR
from rvsim.guest_os.abi.fcntl import (
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
    MS_RDONLY,
    MS_STRICTATIME,
)
from rvsim.guest_os.abi.stat import S_IFDIR, makedev
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions, SuperBlock
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Caller, Credentials
    from rvsim.guest_os.vfs.file import File

ATIME_FLAGS = MS_NOATIME | MS_NODIRATIME | MS_STRICTATIME
PER_MOUNT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | ATIME_FLAGS
"""The MS_* flags that a mount keeps; without MS_NOATIME and MS_STRICTATIME it is relatime."""
MOUNT_MAX = 100_000
"""/proc/sys/fs/mount-max"""


class SpecialFiles(Protocol):
    """Who opens the inodes whose file is not the file system's: device nodes and FIFOs."""

    def open_special(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """A file of the device, FIFO or socket `inode`. Raises ENXIO where nothing serves it."""
        ...


class Path:
    """A place in the tree: a name in a mount. include/linux/path.h"""

    __slots__ = ("dentry", "mount")

    def __init__(self, mount: Mount, dentry: Dentry) -> None:
        self.mount = mount
        self.dentry = dentry

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
    """A superblock's tree, or a part of it, at a place of another mount. fs/mount.h:mount

    Attributes:
        attached: it is part of the machine's tree; those of pipes, and those that were taken away, are not.
        unbindable: it may not be bound to other places.
        opens, writers: files open in it, and regular ones open for writing.
    """

    __slots__ = (
        "attached", "children", "flags", "id", "mountpoint", "opens", "parent", "root", "sb", "source", "table",
        "unbindable", "writers",
    )  # fmt: skip

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
        self.attached = self.unbindable = False
        self.opens = self.writers = 0

    def __repr__(self) -> str:
        return f"<Mount {self.id} {self.sb.type_name}>"

    def subtree(self) -> Iterator[Mount]:
        """This mount and all that stand on it, each before those on it."""
        left = [self]
        while left:
            mount = left.pop()
            yield mount
            left.extend(reversed(tuple(mount.children.values())))

    @property
    def relatime(self) -> bool:
        """Access times are only kept roughly: the default."""
        return not self.flags & (MS_NOATIME | MS_STRICTATIME)

    @property
    def readonly(self) -> bool:
        """Whether nothing may be changed through this mount. fs/namespace.c:mnt_want_write"""
        return bool(self.flags & MS_RDONLY) or self.sb.readonly


class _RootFs(SuperBlock):
    """What the root of the tree is mounted on, so that it can be exchanged. init/do_mounts.c:rootfs_fs_type"""

    __slots__ = ()

    def __init__(self, sb: SuperBlock) -> None:
        super().__init__("rootfs", sb.clock)
        self.kept = True
        self.set_root(Inode(self, S_IFDIR | 0o755))


class MountTable:
    """The mounts of one machine: its tree, its file system types, its device numbers.

    `special` opens device nodes and FIFOs, `caller` knows who asks; boot sets both before the first open. `detached`
    are mounts that were taken away while something used them.

    Differs: every mount is private; nothing propagates to another.
    """

    def __init__(self, special: SpecialFiles | None = None) -> None:
        self.special = special
        self.caller: Caller | None = None
        self.types: dict[str, FileSystemType] = {}
        self.mounts: dict[int, Mount] = {}
        self.detached: list[Mount] = []
        self.last_id = 0
        self.last_dev = 0
        self.last_cookie = 0               # of inotify's moves
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
        base = self.make(_RootFs(sb), b"rootfs")
        base.attached = True
        self.mounts[base.id] = base
        mount = self.make(sb, source, flags)
        self._hang(mount, base, base.root)
        return Path(mount, mount.root)

    def mount_type(self, name: bytes, source: bytes, at: Path, flags: int = 0, data: bytes = b"") -> Mount:
        """Mount a new instance of a registered type. fs/namespace.c:do_new_mount

        Raises:
            ENODEV: no such type.
            EINVAL: a wrong option.
            EBUSY, ENOTDIR, ENOENT: as `attach`; EBUSY also where the same instance is mounted at that very place.
        """
        fs_type = self.types.get(name.decode("utf-8", "replace"))
        if fs_type is None:
            raise ENODEV
        sb = fs_type.mount(source, MountOptions(data))
        new = not sb.dev
        mount = self.mount(sb, source, at, flags)
        if new:
            sb.readonly = sb.readonly or bool(flags & MS_RDONLY)
        return mount

    def mount(self, sb: SuperBlock, source: bytes, at: Path, flags: int = 0) -> Mount:
        """Mount `sb` at a place. As `attach`, and EBUSY where the root of `sb` is mounted there already."""
        parent, mountpoint = self._top(at)
        if parent.sb is sb and mountpoint is parent.root:
            raise EBUSY
        self._check_room(1)
        mount = self.make(sb, source, flags)
        self.attach(mount, at)
        return mount

    def bind(self, source: Path, at: Path, flags: int = 0, *, recursive: bool = False) -> Mount:
        """Show `source` at another place too; with `recursive` its mounts as well. fs/namespace.c:do_loopback

        Raises:
            EINVAL: the source is in no tree, or unbindable.
            ENOTDIR, ENOENT: as `attach`. ENOSPC: too many mounts.
        """
        if not at.mount.attached or not source.mount.attached or source.mount.unbindable:
            raise EINVAL
        parent, mountpoint = self._place(source.dentry, at)
        copied = self._copied(source) if recursive else []
        self._check_room(1 + len(copied))
        mount = Mount(self, source.mount.sb, source.dentry, source.mount.source, source.mount.flags)
        if flags:
            mount.flags = flags & PER_MOUNT
        twins = {source.mount: mount}
        for old in copied:
            assert old.parent is not None
            assert old.mountpoint is not None
            twins[old] = twin = Mount(self, old.sb, old.root, old.source, old.flags)
            self._hang(twin, twins[old.parent], old.mountpoint)
        self._hang(mount, parent, mountpoint)
        return mount

    def _copied(self, source: Path) -> list[Mount]:
        """The mounts below a place that a recursive bind shows too, each after the one it stands on. copy_tree"""
        found: list[Mount] = []
        left = [child for at, child in source.mount.children.items() if at.is_below(source.dentry)]
        while left:
            mount = left.pop()
            if not mount.unbindable:
                found.append(mount)
                left.extend(mount.children.values())
        return found

    def _check_room(self, count: int) -> None:
        """ENOSPC: more mounts than there may be. fs/namespace.c:count_mounts"""
        if len(self.mounts) + count > MOUNT_MAX:
            raise ENOSPC

    def _hang(self, mount: Mount, parent: Mount, mountpoint: Dentry) -> None:
        mount.parent = parent
        mount.mountpoint = mountpoint
        parent.children[mountpoint] = mount
        mountpoint.mounted += 1
        self.changes += 1
        for one in mount.subtree():
            one.attached = parent.attached
            if parent.attached:
                self.mounts[one.id] = one

    def _top(self, at: Path) -> tuple[Mount, Dentry]:
        """The root of what is mounted at a place last, or the place itself. EINVAL: it is not in this tree."""
        parent, mountpoint = at.mount, at.dentry
        while mountpoint.mounted and mountpoint in parent.children:
            parent = parent.children[mountpoint]
            mountpoint = parent.root
        if not parent.attached:
            raise EINVAL
        return parent, mountpoint

    def attach(self, mount: Mount, at: Path) -> None:
        """Hang a mount at a place, on top of what is mounted there. fs/namespace.c:do_add_mount, graft_tree

        Raises:
            ENOTDIR: one is a directory and the other not.
            ENOENT: the place was removed.
            EINVAL: the place is not in this tree.
        """
        self._hang(mount, *self._place(mount.root, at))

    def _place(self, root: Dentry, at: Path) -> tuple[Mount, Dentry]:
        """Where a mount with this root would hang; errors as `attach`."""
        parent, mountpoint = self._top(at)
        if mountpoint.deleted:
            raise ENOENT
        if root.inode.is_dir != mountpoint.inode.is_dir:
            raise ENOTDIR
        return parent, mountpoint

    def move(self, source: Path, at: Path) -> None:
        """Hang a mount, with all below it, at another place. fs/namespace.c:do_move_mount

        Raises:
            EINVAL: `source` is no mount's root, or the first root's; one is a directory and the other not.
            ELOOP: the place is below the mount itself.
            ENOENT: the place was removed.
        """
        mount = source.mount
        parent, mountpoint = self._top(at)
        if mountpoint.deleted:
            raise ENOENT
        if mount.parent is None or not mount.attached or source.dentry is not mount.root:
            raise EINVAL
        if mount.root.inode.is_dir != mountpoint.inode.is_dir:
            raise EINVAL
        above: Mount | None = parent
        while above is not None:
            if above is mount:
                raise ELOOP
            above = above.parent
        self._unhang(mount)
        self._hang(mount, parent, mountpoint)

    def pivot(self, root: Path, new: Path, old: Path) -> None:
        """Make `new` the root, and hang the old one at `old`, which is below. fs/namespace.c:pivot_root

        Raises:
            EBUSY: `new` or `old` is on the root's own mount.
            EINVAL: `root` or `new` is no mount's root or was never mounted; `old` is not below `new`.
            ENOENT: a place was removed.
        """
        under, mountpoint = self._top(old)
        if mountpoint.deleted or new.dentry.deleted:
            raise ENOENT
        top, upper = root.mount, new.mount
        if not top.attached or not upper.attached:
            raise EINVAL
        if top in (upper, under):
            raise EBUSY
        for place in (root, new):
            if place.dentry is not place.mount.root or place.mount.parent is None:
                raise EINVAL
        if not Path(under, mountpoint).text_below(new)[1] or not new.text_below(root)[1]:
            raise EINVAL
        base, place_of_root = top.parent, top.mountpoint
        assert base is not None
        assert place_of_root is not None
        self._unhang(upper)
        self._unhang(top)
        self._hang(upper, base, place_of_root)
        self._hang(top, under, mountpoint)

    def _unhang(self, mount: Mount) -> None:
        assert mount.parent is not None
        assert mount.mountpoint is not None
        del mount.parent.children[mount.mountpoint]
        mount.mountpoint.mounted -= 1
        mount.parent = mount.mountpoint = None
        self.changes += 1
        for one in mount.subtree():
            one.attached = False
            self.mounts.pop(one.id, None)

    def unmount(self, path: Path, *, detach: bool = False, busy: bool = False) -> None:
        """Take the mount whose root is `path` away; `detach`: with all below it. fs/namespace.c:do_umount

        `busy` says that working directories or roots are in it; `detach` takes it away all the same.

        Raises:
            EINVAL: no mount's root, or nothing is under it.
            EBUSY: in use, or other mounts stand on it.
        """
        mount = path.mount
        if path.dentry is not mount.root or not mount.attached or mount.parent is None:
            raise EINVAL
        if not detach and (busy or mount.opens or mount.children):
            raise EBUSY
        for one in reversed(tuple(mount.subtree())):
            self._unhang(one)
            self.detached.append(one)

    def sweep(self, in_use: Callable[[Mount], bool]) -> None:
        """Shut down the superblocks that nothing reaches any more. fs/super.c:deactivate_super

        `in_use` says of a mount that was taken away whether a process stands in it.
        """
        for mount in tuple(self.detached):
            if mount.opens or in_use(mount):
                continue
            self.detached.remove(mount)
            sb = mount.sb
            if not sb.kept and not any(other.sb is sb for other in (*self, *self.detached)):
                notify.unmounted(sb)
                sb.shut_down()

    def writers(self, sb: SuperBlock) -> int:
        """How many regular files of `sb` are open for writing."""
        return sum(mount.writers for mount in (*self, *self.detached) if mount.sb is sb)

    def remount(self, path: Path, flags: int, data: bytes = b"", *, mount_only: bool = False) -> None:
        """Change a mount's flags, and unless `mount_only` its superblock's. fs/namespace.c:do_remount

        Raises:
            EINVAL: no mount's root; a wrong option.
            EBUSY: read-only, and files are open for writing.
            EROFS: writable, and it can never be.
        """
        mount = path.mount
        if path.dentry is not mount.root or not mount.attached:
            raise EINVAL
        readonly = bool(flags & MS_RDONLY)
        if readonly and (mount.writers if mount_only else self.writers(mount.sb)):
            raise EBUSY
        if not mount_only:
            mount.sb.reconfigure(MountOptions(data), readonly)
        mount.flags = flags & PER_MOUNT
        self.changes += 1

    def __iter__(self) -> Iterator[Mount]:
        """The mounts in the tree, oldest first."""
        return iter([self.mounts[number] for number in sorted(self.mounts)])
