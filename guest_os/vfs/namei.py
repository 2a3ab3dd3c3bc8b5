"""Path walk. fs/namei.c, path_resolution(7)

A walk starts at the root or at a base directory and takes one name after another: permission to search, `.` and `..`,
the name, mounts that stand on it, and symbolic links, whose text is put in front of what is left.
"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EXDEV
from rvsim.guest_os.abi.fcntl import (
    MAX_SYMLINKS,
    MS_NOSYMFOLLOW,
    PATH_MAX,
    RESOLVE_BENEATH,
    RESOLVE_IN_ROOT,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_SYMLINKS,
    RESOLVE_NO_XDEV,
)
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.inode import Stat
from rvsim.guest_os.vfs.mount import Mount, Path
from rvsim.guest_os.vfs.permission import MAY_EXEC

_DAC_OVERRIDE = 1 << 1
_SCOPED = RESOLVE_BENEATH | RESOLVE_IN_ROOT


class Walk:
    """The state of one path walk. fs/namei.c:nameidata

    Attributes:
        mount, dentry: where it stands.
        last: after `to_parent`, the name that was not taken yet: a name, b".", b"..", or b"" for the path `/`.
        facts: after `look`, of what it led to.
        wants_facts: they are all that is asked for.
        no_inode: the file system gave them without an inode, and `dentry` is the directory.
        fresh: the last name was just asked for in a volatile directory: the inode's facts are those of now.
        resolve: RESOLVE_* bits of openat2: what the walk may not do.
        trailing: the path ended in a slash: what it names must be a directory.
        links: symbolic links followed so far.
    """

    __slots__ = (
        "cred", "dentry", "facts", "fresh", "last", "links", "mount", "no_inode", "resolve", "root", "trailing",
        "wants_facts",
    )  # fmt: skip

    def __init__(self, context: FsContext, cred: Credentials, base: Path | None = None, resolve: int = 0) -> None:
        start = base or context.cwd
        self.root = start if resolve & _SCOPED else context.root
        self.resolve = resolve
        self.cred = cred
        self.mount: Mount = start.mount
        self.dentry: Dentry = start.dentry
        self.last = b""
        self.facts: Stat
        self.wants_facts = False
        self.no_inode = False
        self.fresh = False
        self.trailing = False
        self.links = 0

    @property
    def at_root(self) -> bool:
        """Whether what it led to is the root of a mount."""
        return self.dentry is self.mount.root and not self.no_inode

    def path(self) -> Path:
        """Where it stands."""
        return Path(self.mount, self.dentry)

    def to_end(self, name: bytes, *, follow: bool) -> Path:
        """Take every name; a symbolic link at the end is followed if `follow` or if a slash comes after it.

        Raises:
            ENOENT: a name is not there, or the path is empty.
            ENOTDIR: a name before another, or before a trailing slash, is no directory.
            EACCES: a directory may not be searched.
            ELOOP: more than 40 links.
            ENAMETOOLONG: PATH_MAX or NAME_MAX.
            EXDEV: with `resolve`, another mount, or a place outside the directory where the walk began.
        """
        self._take(self._split(name), parent=False, follow=follow)
        if self.trailing and self.dentry.inode.mode & S_IFMT != S_IFDIR:
            raise ENOTDIR
        return Path(self.mount, self.dentry)

    def look(self, name: bytes, follow: bool) -> Stat:
        """As `to_end`, for the `facts` alone, which it returns too; an empty name is where the walk stands."""
        if not name:
            self.facts = self.dentry.inode.stat()
            return self.facts
        pending = self._split(name)
        self.wants_facts = not self.trailing
        self._take(pending, parent=False, follow=follow)
        if not self.no_inode:
            inode = self.dentry.inode
            if self.trailing and inode.mode & S_IFMT != S_IFDIR:
                raise ENOTDIR
            self.facts = inode.stat_as_found() if self.fresh else inode.stat()
        return self.facts

    def to_parent(self, name: bytes) -> None:
        """Take every name but the last, which goes to `last`; errors as `to_end`."""
        self._take(self._split(name), parent=True, follow=False)

    def follow_last(self, link: Dentry) -> None:
        """Go on to the parent of what `link` (the child `last` of where the walk stands) points to.

        A link of procfs that is a place itself leaves the walk there, with `last` b".".
        """
        if self.mount.flags & MS_NOSYMFOLLOW:
            raise ELOOP
        pending = self._follow(link.inode.follow(), [])
        if pending is None:
            self.last = b"."
            return
        self._take(pending, parent=True, follow=False)

    def _split(self, name: bytes) -> list[bytes]:
        if not name:
            raise ENOENT
        if len(name) >= PATH_MAX:
            raise ENAMETOOLONG
        if name[0] == 47:
            if self.resolve & RESOLVE_BENEATH:
                raise EXDEV
            self.mount = self.root.mount
            self.dentry = self.root.dentry
            pending = name[1:].split(b"/")
        else:
            pending = name.split(b"/")
        self.trailing = name[-1] == 47
        if b"" in pending:
            pending = [part for part in pending if part]
        pending.reverse()
        return pending

    def _follow(self, target: bytes | Path, pending: list[bytes]) -> list[bytes] | None:
        """Begin a link's text: `pending` with its names in front; None after a jump with nothing left to take."""
        self.links += 1
        if self.links > MAX_SYMLINKS:
            raise ELOOP
        if self.resolve:
            self._check_link(target)
        if isinstance(target, Path):
            self.mount = target.mount
            self.dentry = target.dentry
            return pending or None
        if not target:
            raise ENOENT
        if target[0] == 47:
            self.mount = self.root.mount
            self.dentry = self.root.dentry
        if not pending and target[-1] == 47:
            self.trailing = True
        parts = [part for part in target.split(b"/") if part]
        parts.reverse()
        pending.extend(parts)
        return pending

    def _check_link(self, target: bytes | Path) -> None:
        """Whether `resolve` lets a link be followed. fs/namei.c:pick_link, nd_jump_link, nd_jump_root

        Raises:
            ELOOP: no links, or none of procfs. EXDEV: it leads out of the directory, or to another mount.
        """
        resolve = self.resolve
        if resolve & RESOLVE_NO_SYMLINKS:
            raise ELOOP
        if isinstance(target, Path):
            if resolve & RESOLVE_NO_MAGICLINKS:
                raise ELOOP
            if resolve & _SCOPED or (resolve & RESOLVE_NO_XDEV and target.mount is not self.mount):
                raise EXDEV
        elif target[:1] == b"/" and (
                resolve & RESOLVE_BENEATH or (resolve & RESOLVE_NO_XDEV and self.root.mount is not self.mount)):
            raise EXDEV

    def _take(self, pending: list[bytes], *, parent: bool, follow: bool) -> None:
        mount, dentry = self.mount, self.dentry
        cred = self.cred
        searches_all = cred.cap_effective & _DAC_OVERRIDE
        fresh = False
        while pending:
            inode = dentry.inode
            volatile = inode.volatile
            if searches_all:
                if not volatile:
                    child = dentry.children.get(pending[-1])
                    if child is not None and not child.mounted and child.inode.mode & S_IFMT == S_IFDIR and (
                            len(pending) > 1):
                        del pending[-1]        # the frequent case: a known directory, and no dot or link
                        dentry = child
                        continue
                elif inode.confirms and len(pending) > 1:
                    ahead = self._ahead(dentry, pending, parent)
                    if ahead is not None:
                        dentry = ahead
                        fresh = True
                        continue
            if inode.mode & S_IFMT != S_IFDIR:
                raise ENOTDIR
            if volatile or not searches_all:
                inode.permission(cred, MAY_EXEC)
            fresh = volatile
            name = pending.pop()
            if parent and not pending:
                self.mount, self.dentry = mount, dentry
                self.last = name
                return
            if name == b".":
                fresh = False
                continue
            if name == b"..":
                fresh = False
                self.mount, self.dentry = mount, dentry
                self._up()
                mount, dentry = self.mount, self.dentry
                continue
            child = dentry.children.get(name)
            if child is None or volatile:
                if child is None and self.wants_facts and not pending and inode.confirms and not inode.dead:
                    found = inode.reach([name], inode, True)
                    if isinstance(found, Stat):
                        self.facts = found
                        self.no_inode = True
                        break
                    child = dentry.lookup(name) if found is None else dentry.enter(name, found)
                else:
                    child = dentry.lookup(name)
            if child.inode.mode & S_IFMT == S_IFLNK and (pending or follow or self.trailing):
                if mount.flags & MS_NOSYMFOLLOW:
                    raise ELOOP
                self.mount, self.dentry = mount, dentry
                more = self._follow(child.inode.follow(), pending)
                mount, dentry = self.mount, self.dentry
                if more is None:
                    return
                continue
            dentry = child
            while dentry.mounted:
                over = mount.children.get(dentry)
                if over is None:
                    break
                if self.resolve & RESOLVE_NO_XDEV:
                    raise EXDEV
                mount = over
                dentry = over.root
                fresh = False
        self.mount, self.dentry, self.fresh = mount, dentry, fresh
        if parent:
            self.last = b""

    def _ahead(self, dentry: Dentry, pending: list[bytes], parent: bool) -> Dentry | None:
        """Take the names ahead that are known already, all at one look of the file system, off `pending`; and one more,
        if it is the last one and the file system can tell of it at the same look.

        For those only who may search every directory: the facts of the directories between are not looked at. None,
        and nothing taken: fewer than two names are known, or they lead elsewhere now.
        """
        names: list[bytes] = []
        here = dentry
        for name in reversed(pending):
            child = here.children.get(name)
            if child is None or child.mounted:
                break
            kind = child.inode.mode & S_IFMT
            if kind == S_IFLNK:
                break
            names.append(name)
            here = child
            if kind != S_IFDIR:
                break
        known = len(names)
        left = len(pending) - known
        if parent:
            if not left:                       # the last name is the caller's
                assert here.parent is not None
                here = here.parent
                known -= 1
                names.pop()
        elif left == 1 and known and child is None:
            names.append(name)
            found = dentry.inode.reach(names, here.inode, self.wants_facts)
            if found is not None:
                pending.clear()
                if not isinstance(found, Stat):
                    return here.enter(name, found)
                self.facts = found
                self.no_inode = True
                return here
            names.pop()
        if known < 2 or not dentry.inode.confirm(names, here.inode):
            return None
        del pending[-known:]
        return here

    def _up(self) -> None:
        """Go to `..`; the root of the walk is its own parent. fs/namei.c:follow_dotdot"""
        mount, dentry = self.mount, self.dentry
        root = self.root
        while True:
            if dentry is root.dentry and mount is root.mount:
                if self.resolve & RESOLVE_BENEATH:
                    raise EXDEV
                break
            if dentry is mount.root:
                if mount.parent is None:
                    break
                if self.resolve & RESOLVE_NO_XDEV:
                    raise EXDEV
                assert mount.mountpoint is not None
                dentry = mount.mountpoint
                mount = mount.parent
                continue
            if dentry.parent is not None:
                dentry = dentry.parent
            break
        self.mount, self.dentry = mount, dentry
        self.cross()

    def cross(self) -> None:
        """Go to the root of what is mounted where it stands. fs/namei.c:__follow_mount_rcu"""
        while self.dentry.mounted:
            over = self.mount.children.get(self.dentry)
            if over is None:
                return
            if self.resolve & RESOLVE_NO_XDEV:
                raise EXDEV
            self.mount, self.dentry = over, over.root


def lookup(
    context: FsContext, cred: Credentials, name: bytes, base: Path | None = None, *, follow: bool = True,
    empty: bool = False,
) -> Path:  # fmt: skip
    """The place that `name` leads to. fs/namei.c:user_path_at

    `base` is where a relative name starts (None: the working directory); `empty` lets an empty name be `base`
    (AT_EMPTY_PATH). Errors as `Walk.to_end`.
    """
    if empty and not name:
        return base or context.cwd
    return Walk(context, cred, base).to_end(name, follow=follow)


def lookup_dir(context: FsContext, cred: Credentials, name: bytes, base: Path | None = None) -> Path:
    """A directory to work in or to be the root: chdir, chroot.

    Raises:
        ENOTDIR: no directory.
        EACCES: it may not be searched.
    """
    path = Walk(context, cred, base).to_end(name, follow=True)
    if not path.inode.is_dir:
        raise ENOTDIR
    path.inode.permission(cred, MAY_EXEC)
    return path


def readlink(context: FsContext, cred: Credentials, name: bytes, base: Path | None = None) -> bytes:
    """The text of a symbolic link; an empty name means `base` itself. fs/stat.c:do_readlinkat

    Raises:
        EINVAL: no symbolic link.
        ENOENT: an empty name, and `base` is none either.
    """
    if not name and base is not None and base.inode.mode & S_IFMT == S_IFLNK:
        return base.inode.readlink()
    return lookup(context, cred, name, base, follow=False).inode.readlink()


def getcwd(context: FsContext) -> bytes:
    """The working directory's path. fs/d_path.c:sys_getcwd

    A directory that is not below the root is shown after `(unreachable)`.

    Raises:
        ENOENT: it was removed.
    """
    if context.cwd.dentry.deleted:
        raise ENOENT
    text, reached = context.cwd.text_below(context.root)
    return text if reached else b"(unreachable)" + text


