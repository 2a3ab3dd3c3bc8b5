"""open(2): find or make the file, check, and make its description. fs/open.c, fs/namei.c:path_openat"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import (
    EACCES,
    EEXIST,
    EINVAL,
    EISDIR,
    ELOOP,
    ENOENT,
    ENOTDIR,
    ENXIO,
    EPERM,
    EROFS,
    ETXTBSY,
    Errno,
)
from rvsim.guest_os.abi.fcntl import (
    MS_NODEV,
    MS_NOEXEC,
    O_ACCMODE,
    O_CLOEXEC,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_NOATIME,
    O_NOCTTY,
    O_NOFOLLOW,
    O_PATH,
    O_TMPFILE,
    O_TMPFILE_BIT,
    O_TRUNC,
)
from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.file import File, PathFile
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.namei import Walk
from rvsim.guest_os.vfs.permission import MAY_EXEC, MAY_READ, MAY_WRITE, new_owner, owner_or_capable

_ACCESS = (MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, MAY_READ | MAY_WRITE)
_NOT_KEPT = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC
_SPECIAL = (S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK)
_PATH_FLAGS = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC


def open_file(
    context: FsContext, cred: Credentials, name: bytes, flags: int, mode: int = 0, base: Path | None = None,
    resolve: int = 0,
) -> File:  # fmt: skip
    """Open, and with O_CREAT make, the file `name`; `mode` is for what is made. fs/open.c:do_sys_openat2

    `resolve`: RESOLVE_* bits of openat2. O_CLOEXEC is the descriptor's and means nothing here.

    Raises:
        EINVAL: flags that contradict each other.
        EEXIST: O_CREAT | O_EXCL, and it exists.
        EISDIR: a directory, for writing or with O_CREAT.
        ENOTDIR: not a directory, with O_DIRECTORY.
        ELOOP: a symbolic link at the end, with O_NOFOLLOW.
        EACCES, EPERM, EROFS, ETXTBSY, ENXIO, and what path walk and the file system raise.
        Blocked: a FIFO whose other end is not open yet.
    """
    if flags & O_PATH:
        flags &= _PATH_FLAGS
        path = Walk(context, cred, base, resolve).to_end(name, follow=not flags & O_NOFOLLOW)
        inode = path.inode
        if flags & O_DIRECTORY and inode.mode & S_IFMT != S_IFDIR:
            raise ENOTDIR
        return PathFile(inode, path, flags & ~O_CLOEXEC, cred)
    check_flags(flags)
    access = _ACCESS[flags & O_ACCMODE]
    if flags & O_TMPFILE_BIT:
        return _open_tmpfile(Walk(context, cred, base, resolve), context, cred, name, flags, mode)
    if flags & O_TRUNC:
        access |= MAY_WRITE
    walk = Walk(context, cred, base, resolve)
    if not flags & O_CREAT:
        path = walk.to_end(name, follow=not flags & O_NOFOLLOW)
    else:
        made = _find_or_create(walk, context, cred, name, flags, mode)
        if made is not None:
            return _make_file(made, made.inode, flags, cred)
        path = walk.path()
    return _open_existing(path, flags, access, cred)


def check_flags(flags: int) -> None:
    """EINVAL: flags that contradict each other. fs/open.c:build_open_flags"""
    if flags & O_PATH:
        return
    if flags & O_TMPFILE_BIT:
        if flags & (O_TMPFILE | O_CREAT) != O_TMPFILE or not _ACCESS[flags & O_ACCMODE] & MAY_WRITE:
            raise EINVAL
    elif flags & (O_CREAT | O_DIRECTORY) == O_CREAT | O_DIRECTORY:
        raise EINVAL


def open_path(path: Path, flags: int, cred: Credentials) -> File:
    """Open what stands at `path`, as a link of procfs or an exec does; errors as `open_file`."""
    access = _ACCESS[flags & O_ACCMODE]
    return _open_existing(path, flags, access | MAY_WRITE if flags & O_TRUNC else access, cred)


def _open_existing(path: Path, flags: int, access: int, cred: Credentials) -> File:
    inode = path.dentry.inode
    kind = inode.mode & S_IFMT
    if flags & O_DIRECTORY and kind != S_IFDIR:
        raise ENOTDIR
    if kind == S_IFLNK:
        raise ELOOP
    if kind == S_IFDIR:
        if access & MAY_WRITE:
            raise EISDIR
    elif kind in (S_IFCHR, S_IFBLK):
        if path.mount.flags & MS_NODEV:
            raise EACCES
        flags &= ~O_TRUNC
    elif kind != S_IFREG:
        flags &= ~O_TRUNC
    elif access & MAY_WRITE and path.mount.readonly:
        raise EROFS
    inode.permission(cred, access)
    if flags & O_NOATIME and not owner_or_capable(inode, cred):
        raise EPERM
    if flags & O_TRUNC and inode.writers < 0:
        raise ETXTBSY
    file = _make_file(path, inode, flags, cred)
    if flags & O_TRUNC and kind == S_IFREG:
        try:
            inode.truncate(0)
        except Errno:
            file.put()
            raise
    return file


def _make_file(path: Path, inode: Inode, flags: int, cred: Credentials) -> File:
    noctty, exclusive = flags & O_NOCTTY, flags & O_EXCL
    flags &= ~_NOT_KEPT
    if inode.mode & S_IFMT in _SPECIAL and not inode.sb.pseudo:
        special = path.mount.table.special
        if special is None:
            raise ENXIO
        return special.open_special(inode, path, flags | noctty, cred)
    return inode.open(path, flags | exclusive if inode.knows_exclusive else flags, cred)


def _find_or_create(
    walk: Walk, context: FsContext, cred: Credentials, name: bytes, flags: int, mode: int
) -> Path | None:
    """Take the whole path; where its last name is missing, make the file and return its path."""
    walk.to_parent(name)
    while True:
        last = walk.last
        if last in (b"", b".", b".."):
            if last == b"..":
                walk._up()
            if flags & O_EXCL:
                raise EEXIST
            if walk.dentry.inode.is_dir:
                raise EISDIR
            return None
        if walk.trailing:
            raise EISDIR
        directory = walk.dentry
        child = directory.lookup_or_none(last)
        if child is None:
            return _create(walk, context, cred, last, mode)
        if flags & O_EXCL:
            raise EEXIST
        if child.inode.mode & S_IFMT == S_IFLNK:
            if flags & O_NOFOLLOW:
                raise ELOOP
            walk.follow_last(child)
            continue
        walk.dentry = child
        walk.cross()
        if walk.dentry.inode.is_dir:
            raise EISDIR
        return None


def _create(walk: Walk, context: FsContext, cred: Credentials, name: bytes, mode: int) -> Path:
    directory: Dentry = walk.dentry
    parent = directory.inode
    if walk.mount.readonly:
        raise EROFS
    if parent.dead:
        raise ENOENT
    parent.permission(cred, MAY_WRITE | MAY_EXEC)
    final, uid, gid = new_owner(parent, S_IFREG | mode & 0o7777 & ~context.umask, cred)
    return Path(walk.mount, directory.add(name, parent.create(name, final, uid, gid)))


def _open_tmpfile(
    walk: Walk, context: FsContext, cred: Credentials, name: bytes, flags: int, mode: int
) -> File:
    """A file with no name, in the directory `name`. fs/namei.c:do_tmpfile"""
    path = walk.to_end(name, follow=not flags & O_NOFOLLOW)
    parent = path.inode
    if parent.mode & S_IFMT == S_IFLNK:
        raise ELOOP
    if not parent.is_dir:
        raise ENOTDIR
    if path.mount.readonly:
        raise EROFS
    parent.permission(cred, MAY_WRITE | MAY_EXEC)
    if parent.dead:
        raise ENOENT
    final, uid, gid = new_owner(parent, S_IFREG | mode & 0o7777 & ~context.umask, cred)
    inode = parent.tmpfile(final, uid, gid)
    inode.linkable = not flags & O_EXCL
    dentry = Dentry(b"#%d" % inode.ino, path.dentry, inode)
    dentry.deleted = True
    return _make_file(Path(path.mount, dentry), inode, flags, cred)


def open_exec(path: Path, cred: Credentials) -> File:
    """Open a program for exec and let nobody write it until `allow_write`. fs/exec.c:do_open_execat

    Raises:
        EACCES: no regular file, no permission to execute, or a mount with noexec.
        ETXTBSY: open for writing.
    """
    inode = path.inode
    if inode.mode & S_IFMT != S_IFREG or path.mount.flags & MS_NOEXEC:
        raise EACCES
    inode.permission(cred, MAY_EXEC)
    if inode.writers > 0:
        raise ETXTBSY
    file = inode.open(path, 0, cred)
    inode.writers -= 1
    return file


def allow_write(file: File) -> None:
    """Undo what `open_exec` did to writers; the file itself is let go with `put`."""
    file.inode.writers += 1
