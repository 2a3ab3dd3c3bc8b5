"""The same file operations on the host and in rvsim, with results that can be compared.

`HostSide` works in a directory of the host through `os`, `GuestSide` in a tree of the VFS, with no machine. Both keep
open files in numbered slots. A result is a value, or the name of an errno. Names are relative to the tree's directory
`base`; nothing that the operations can do leads further up than the directory above it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat as host_stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path as HostPath
from typing import Any

import pytest

from rvsim.guest_os.abi import fcntl as abi
from rvsim.guest_os.abi.errno import EBADF, EINVAL, ENOENT, Errno
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs.char_device import DeviceTable
from rvsim.guest_os.vfs import attr, entries, namei
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File, is_path_only
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.inode import Stat
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.open import open_file
from rvsim.guest_os.vfs.super_block import SuperBlock
from rvsim.guest_os.wait import Blocked
from rvsim.tests.guest_os.conftest import parse_dirents

USER = 65534
"""The user who is not root; operations act as this one where they are asked to, if the tests run as root."""
SET_TIMES_S = 1 << 28
"""Times below were set by an operation, those above are the clock's."""
Result = Any
SHM = HostPath("/dev/shm")


def memory_directory() -> HostPath:
    """A directory of the host in a tmpfs, to make one's own in: what file systems do as they like is the same there."""
    if not os.access(SHM, os.W_OK):
        pytest.skip(f"no {SHM} to write to")
    return SHM


@cache
def is_root() -> bool:
    """Whether the host lets us act as root and as `USER`: not in a container that knows root alone."""
    if os.geteuid() != 0:
        return False
    with open("/proc/self/uid_map", encoding="ascii") as lines:
        return any(first <= USER < first + count for first, _, count in (map(int, line.split()) for line in lines))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _time(ns: int) -> int | str:
    return ns if ns < SET_TIMES_S * 10**9 else "now"


def facts(st: Stat | os.stat_result) -> Result:
    """What both sides must agree on in a stat; inode numbers are compared apart."""
    if isinstance(st, Stat):
        mode, nlink, uid, gid, size, mtime, rdev = st.mode, st.nlink, st.uid, st.gid, st.size, st.mtime_ns, st.rdev
    else:
        mode, nlink, uid, gid = st.st_mode, st.st_nlink, st.st_uid, st.st_gid
        size, mtime, rdev = st.st_size, st.st_mtime_ns, st.st_rdev
    kind = mode & S_IFMT
    return (f"{mode:o}", nlink if kind != S_IFDIR else None, uid, gid,
            size if kind in (S_IFREG, S_IFLNK) else None, _time(mtime), rdev)


class HostSide:
    """A directory of the host: what Linux does."""

    def __init__(self, base: bytes) -> None:
        self.base = base
        self.files: dict[int, int] = {}
        self.own = (os.getuid(), os.getgid())

    def run(self, name: str, user: bool, args: tuple[Any, ...]) -> Result:
        """Do an operation as root or as `USER`."""
        try:
            with self._acting(user):
                return getattr(self, name)(*args)
        except OSError as error:
            return errno.errorcode[error.errno or 0].replace("ENOTSUP", "EOPNOTSUPP")

    @contextmanager
    def _acting(self, user: bool) -> Iterator[None]:
        if not (user and is_root()):
            yield
            return
        groups = os.getgroups()
        os.setgroups([])
        os.setegid(USER)
        os.seteuid(USER)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)

    def close_all(self) -> None:
        for slot in list(self.files):
            self.close(slot)

    def at(self, name: bytes) -> bytes:
        return self.base + b"/" + name if name else b""

    # open files

    def open(self, slot: int, name: bytes, flags: tuple[str, ...], mode: int) -> Result:
        number = 0
        for flag in flags:
            number |= getattr(os, flag)
        fd = os.open(self.at(name), number | os.O_NONBLOCK | os.O_NOCTTY, mode)
        self.close(slot)
        self.files[slot] = fd
        return facts(os.fstat(fd))

    def close(self, slot: int) -> Result:
        fd = self.files.pop(slot, None)
        if fd is not None:
            os.close(fd)
        return None

    def fd(self, slot: int) -> int:
        if slot not in self.files:
            raise OSError(errno.EBADF, "not open")
        return self.files[slot]

    def read(self, slot: int, size: int) -> Result:
        return os.read(self.fd(slot), size)

    def write(self, slot: int, data: bytes) -> Result:
        return os.write(self.fd(slot), data)

    def pread(self, slot: int, size: int, offset: int) -> Result:
        return os.pread(self.fd(slot), size, offset)

    def pwrite(self, slot: int, data: bytes, offset: int) -> Result:
        return os.pwrite(self.fd(slot), data, offset)

    def lseek(self, slot: int, offset: int, whence: int) -> Result:
        fd = self.fd(slot)
        if host_stat.S_ISDIR(os.fstat(fd).st_mode):
            return None
        return os.lseek(fd, offset, whence)

    def ftruncate(self, slot: int, size: int) -> Result:
        return os.ftruncate(self.fd(slot), size)

    def fallocate(self, slot: int, mode: int, offset: int, size: int) -> Result:
        if not host_stat.S_ISREG(os.fstat(self.fd(slot)).st_mode):
            return None
        numbers = (ctypes.c_int(mode), ctypes.c_longlong(offset), ctypes.c_longlong(size))
        return _checked(_libc().fallocate(self.fd(slot), *numbers))

    def fstat(self, slot: int) -> Result:
        return facts(os.fstat(self.fd(slot)))

    def fchmod(self, slot: int, mode: int) -> Result:
        return os.fchmod(self.fd(slot), mode)

    def listing(self, slot: int) -> Result:
        return sorted(os.fsencode(name) for name in os.listdir(self.fd(slot)))

    def linkfd(self, slot: int, name: bytes) -> Result:
        fd = self.fd(slot)
        return _checked(_libc().linkat(-100, b"/proc/self/fd/%d" % fd, -100, self.at(name), abi.AT_SYMLINK_FOLLOW))

    # names

    def mkdir(self, name: bytes, mode: int) -> Result:
        return os.mkdir(self.at(name), mode)

    def mkfifo(self, name: bytes, mode: int) -> Result:
        return os.mkfifo(self.at(name), mode)

    def symlink(self, target: bytes, name: bytes) -> Result:
        return os.symlink(target, self.at(name))

    def link(self, old: bytes, new: bytes, follow: bool) -> Result:
        flags = ctypes.c_int(abi.AT_SYMLINK_FOLLOW if follow else 0)
        return _checked(_libc().linkat(-100, self.at(old), -100, self.at(new), flags))

    def unlink(self, name: bytes) -> Result:
        return os.unlink(self.at(name))

    def rmdir(self, name: bytes) -> Result:
        return os.rmdir(self.at(name))

    def rename(self, old: bytes, new: bytes, flags: int) -> Result:
        if not flags:
            return os.rename(self.at(old), self.at(new))
        _checked(_libc().renameat2(-100, self.at(old), -100, self.at(new), ctypes.c_uint(flags)))
        return None

    def readlink(self, name: bytes) -> Result:
        return os.readlink(self.at(name))

    # facts

    def stat(self, name: bytes, follow: bool) -> Result:
        return facts(os.stat(self.at(name), follow_symlinks=follow))

    def chmod(self, name: bytes, mode: int) -> Result:
        return os.chmod(self.at(name), mode)

    def chown(self, name: bytes, uid: int, gid: int, follow: bool) -> Result:
        return os.chown(self.at(name), uid, gid, follow_symlinks=follow)

    def utime(self, name: bytes, times: tuple[int, int] | None, follow: bool) -> Result:
        os.utime(self.at(name), ns=times, follow_symlinks=follow) if times else os.utime(
            self.at(name), follow_symlinks=follow)
        if times:
            return os.stat(self.at(name), follow_symlinks=follow).st_atime_ns
        return None

    def truncate(self, name: bytes, size: int) -> Result:
        return os.truncate(self.at(name), size)

    def access(self, name: bytes, mode: int) -> Result:
        return os.access(self.at(name), mode, effective_ids=True)

    # everything

    def tree(self) -> Result:
        """Every name with its facts, its content, and which names are one file."""
        found: dict[bytes, Result] = {}
        same: dict[int, list[bytes]] = {}
        waiting = [b""]
        while waiting:
            here = waiting.pop()
            for name in os.listdir(os.path.join(self.base, here)):
                path = os.path.join(here, name)
                whole = os.path.join(self.base, path)
                st = os.lstat(whole)
                same.setdefault(st.st_ino, []).append(path)
                content = b""
                if host_stat.S_ISDIR(st.st_mode):
                    waiting.append(path)
                elif host_stat.S_ISLNK(st.st_mode):
                    content = os.readlink(whole)
                elif host_stat.S_ISREG(st.st_mode):
                    content = self._content(whole)
                found[path] = (facts(st), content)
        return found, sorted(sorted(names) for names in same.values() if len(names) > 1)

    @staticmethod
    def _content(path: bytes) -> bytes:
        return HostPath(os.fsdecode(path)).read_bytes()


def context_of(sb: SuperBlock, umask: int) -> FsContext:
    """A process that sees `sb` alone."""
    return FsContext(MountTable(DeviceTable()).mount_root(sb), umask=umask)


class GuestSide:
    """A tree of the VFS, as `context` sees it."""

    def __init__(self, context: FsContext, base: bytes) -> None:
        context.root.mount.table.caller = self
        self.context = context
        self.cred = Credentials()
        if not is_root():
            self.cred.cap_effective = self.cred.cap_permitted = 0
        self.user = Credentials(USER, USER)
        self.acts = self.cred
        self.context.cwd = namei.lookup_dir(self.context, self.cred, base)
        self.files: dict[int, File] = {}

    def run(self, name: str, user: bool, args: tuple[Any, ...]) -> Result:
        """Do an operation as root or as `USER`."""
        self.acts = self.user if user and is_root() else self.cred
        try:
            return getattr(self, name)(*args)
        except Errno as error:
            return type(error).__name__
        except Blocked:
            return "Blocked"

    def credentials(self) -> Credentials:
        """Who acts, for the VFS."""
        return self.acts

    def close_all(self) -> None:
        for slot in list(self.files):
            self.close(slot)

    def path(self, name: bytes, *, follow: bool = True) -> Path:
        return namei.lookup(self.context, self.acts, name, follow=follow)

    # open files

    def open(self, slot: int, name: bytes, flags: tuple[str, ...], mode: int) -> Result:
        number = 0
        for flag in flags:
            number |= getattr(abi, flag)
        made = mode if number & (abi.O_CREAT | abi.O_TMPFILE_BIT) else 0
        file = open_file(self.context, self.acts, name, number | abi.O_NONBLOCK | abi.O_NOCTTY, made)
        self.close(slot)
        self.files[slot] = file
        return facts(file.inode.stat())

    def close(self, slot: int) -> Result:
        file = self.files.pop(slot, None)
        if file is not None:
            file.put()

    def file(self, slot: int) -> File:
        if slot not in self.files:
            raise EBADF
        return self.files[slot]

    def _at(self, slot: int, offset: int) -> File:
        """The file, unless the call must not even look at it."""
        file = self.file(slot)
        if offset < 0:
            raise EINVAL
        return file

    def read(self, slot: int, size: int) -> Result:
        return self.file(slot).read(size)

    def write(self, slot: int, data: bytes) -> Result:
        return self.file(slot).write(data)

    def pread(self, slot: int, size: int, offset: int) -> Result:
        return self._at(slot, offset).pread(size, offset)

    def pwrite(self, slot: int, data: bytes, offset: int) -> Result:
        return self._at(slot, offset).pwrite(data, offset)

    def lseek(self, slot: int, offset: int, whence: int) -> Result:
        file = self.file(slot)
        return None if file.inode.is_dir else file.seek(offset, whence)

    def ftruncate(self, slot: int, size: int) -> Result:
        return self._at(slot, size).truncate(size)

    def fallocate(self, slot: int, mode: int, offset: int, size: int) -> Result:
        file = self.file(slot)
        if file.inode.mode & S_IFMT != S_IFREG:
            return None
        file.fallocate(mode, offset, size)
        return 0

    def fstat(self, slot: int) -> Result:
        return facts(self.file(slot).inode.stat())

    def fchmod(self, slot: int, mode: int) -> Result:
        file = self.file(slot)
        if is_path_only(file):
            raise EBADF
        attr.chmod(file.path, self.acts, mode)

    def _names(self, file: File) -> list[bytes]:
        found: list[bytes] = []
        file.seek(0, abi.SEEK_SET)
        with suppress(ENOENT):             # a removed directory: readdir(3) calls that the end
            while data := file.getdents64(512):
                found += [name for name, _, _ in parse_dirents(data)]
        return sorted(name for name in found if name not in (b".", b".."))

    def listing(self, slot: int) -> Result:
        file = self.file(slot)
        if not file.inode.is_dir:
            return "ENOTDIR"
        return self._names(file)

    def linkfd(self, slot: int, name: bytes) -> Result:
        cred = self.acts.copy()
        cred.cap_effective |= 1 << 2       # the host side goes by /proc, which asks for no capability
        base = self.file(slot).path
        entries.link(self.context, cred, b"", name, old_base=base, empty=True)
        return 0

    # names

    def mkdir(self, name: bytes, mode: int) -> Result:
        entries.mkdir(self.context, self.acts, name, mode)

    def mkfifo(self, name: bytes, mode: int) -> Result:
        entries.mknod(self.context, self.acts, name, host_stat.S_IFIFO | mode)

    def symlink(self, target: bytes, name: bytes) -> Result:
        entries.symlink(self.context, self.acts, target, name)

    def link(self, old: bytes, new: bytes, follow: bool) -> Result:
        entries.link(self.context, self.acts, old, new, follow=follow)
        return 0

    def unlink(self, name: bytes) -> Result:
        entries.unlink(self.context, self.acts, name)

    def rmdir(self, name: bytes) -> Result:
        entries.rmdir(self.context, self.acts, name)

    def rename(self, old: bytes, new: bytes, flags: int) -> Result:
        entries.rename(self.context, self.acts, old, new, flags=flags)

    def readlink(self, name: bytes) -> Result:
        return namei.readlink(self.context, self.acts, name)

    # facts

    def stat(self, name: bytes, follow: bool) -> Result:
        return facts(self.path(name, follow=follow).inode.stat())

    def chmod(self, name: bytes, mode: int) -> Result:
        attr.chmod(self.path(name), self.acts, mode)

    def chown(self, name: bytes, uid: int, gid: int, follow: bool) -> Result:
        attr.chown(self.path(name, follow=follow), self.acts, uid, gid)

    def utime(self, name: bytes, times: tuple[int, int] | None, follow: bool) -> Result:
        path = self.path(name, follow=follow)
        if times is None:
            attr.utimens(path, self.acts)
            return None
        attr.utimens(path, self.acts, *times)
        return path.inode.stat().atime_ns

    def truncate(self, name: bytes, size: int) -> Result:
        if size < 0:                       # before the name is looked at
            raise EINVAL
        attr.truncate(self.path(name), self.acts, size)

    def access(self, name: bytes, mode: int) -> Result:
        try:
            attr.access(self.path(name), self.acts, mode)
        except Errno:
            return False
        return True

    # everything

    def tree(self) -> Result:
        """As `HostSide.tree`."""
        self.acts = self.cred
        found: dict[bytes, Result] = {}
        same: dict[int, list[bytes]] = {}
        waiting = [b""]
        while waiting:
            here = waiting.pop()
            directory = open_file(self.context, self.cred, here or b".", abi.O_RDONLY)
            names = self._names(directory)
            directory.put()
            for name in names:
                path = os.path.join(here, name)
                inode = self.path(path, follow=False).inode
                st = inode.stat()
                same.setdefault(st.ino, []).append(path)
                content = b""
                if inode.is_dir:
                    waiting.append(path)
                elif st.mode & S_IFMT == S_IFLNK:
                    content = inode.readlink()
                elif st.mode & S_IFMT == S_IFREG:
                    content = inode.read_at(0, 1 << 20)
                found[path] = (facts(st), content)
        return found, sorted(sorted(names) for names in same.values() if len(names) > 1)


Operation = tuple[str, bool, tuple[Any, ...]]
"""Name, whether as `USER`, arguments."""
Side = HostSide | GuestSide
