"""`rvsim image extract`: writes what is in an image into a directory of the host, and nowhere else.

Every name is made or opened in the directory that was opened before it, never by a path, and no symbolic link is
followed; so neither links of the image nor what lies in the directory already can lead out of it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rvsim.guest_os.abi.stat import S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs.archive import ArchiveFile, ArchiveNode
from rvsim.tools.errors import reason
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.merged import Merged, check_depth, shown
from rvsim.tools.progress import Progress

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ORDINARY = 0o777
_USER_XATTRS = b"user."
_DEVICES = "devices and sockets left out"
_KINDS = (S_IFDIR, S_IFREG, S_IFLNK, S_IFIFO)


class Extraction:
    """What is written into one directory.

    Attributes:
        files: how many files and directories were written.
        counts: what could not be as it is in the image, in words.
    """

    def __init__(self, merged: Merged, into: Path, *, privileged: bool, progress: Progress) -> None:
        """`privileged`: owners, devices and all bits of modes are made too, for which one must be root."""
        self.merged = merged
        self.into = into
        self.privileged = privileged
        self.progress = progress
        self.files = 0
        self.counts: Counter[str] = Counter()
        self.first: dict[int, bytes] = {}

    def extract(self, path: bytes) -> None:
        """Write what is at a path of the image, and all below it, under the same path.

        Raises:
            ImageError: it is not in the image, or cannot be written.
        """
        names = [name for name in path.split(b"/") if name not in (b"", b".")]
        if b".." in names:
            raise ImageError(f"{shown(path)}: give a path without ..")
        node = self.merged.find(b"/" + b"/".join(names), follow=False)
        try:
            self.into.mkdir(parents=True, exist_ok=True)
            top = os.open(self.into, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise ImageError(f"{self.into}: {reason(error)}; give -C a directory") from None
        try:
            if names:
                with self._opened(top, names[:-1], make=True) as parent:
                    self._put(top, parent, names[-1], node, b"/" + b"/".join(names))
            else:
                self._fill(top, top, node, b"")
        finally:
            os.close(top)

    def _put(self, top: int, parent: int, name: bytes, node: ArchiveNode, path: bytes) -> None:
        """Write one file, or a directory with all that is in it."""
        self.progress.tell(f"{self.files} files, {shown(path)}")
        kind = node.mode & S_IFMT
        if kind == S_IFDIR:
            with self._folder(parent, name, path, make=True) as folder:
                self._fill(top, folder, node, path)
                with self._writing(path):
                    self._facts(folder, node, ordinary=node.mode & _ORDINARY | 0o700)
        elif kind in _KINDS or self.privileged:
            with self._writing(path):
                self._file(top, parent, name, node, path)
        else:
            self.counts[_DEVICES] += 1
        self.files += 1

    def _fill(self, top: int, folder: int, node: ArchiveNode, path: bytes) -> None:
        """Write what is in a directory, and in those below. They lie as deep as names nest, so this holds them open."""
        check_depth(self.merged.image, path)
        for name, child in self.merged.children(node, path or b"/"):
            self._put(top, folder, name, child, path + b"/" + name)

    def _file(self, top: int, parent: int, name: bytes, node: ArchiveNode, path: bytes) -> None:
        """Raises OSError, ImageError."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=parent)
        if node.nlink > 1:
            known = self.first.get(node.ino)
            if known is not None:
                names = known.split(b"/")[1:]
                with self._opened(top, names[:-1], make=False) as other:
                    os.link(names[-1], name, src_dir_fd=other, dst_dir_fd=parent, follow_symlinks=False)
                return
            self.first[node.ino] = path
        kind = node.mode & S_IFMT
        if kind == S_IFREG:
            assert isinstance(node, ArchiveFile)
            file = os.open(name, _FILE, 0o600, dir_fd=parent)
            try:
                for offset, data in self.merged.parts(node, path):
                    while data:
                        done = os.pwrite(file, data, offset)
                        data, offset = data[done:], offset + done
                os.ftruncate(file, node.size)
                self._facts(file, node, ordinary=node.mode & _ORDINARY)
            finally:
                os.close(file)
        elif kind == S_IFLNK:
            os.symlink(node.target, name, dir_fd=parent)
            self._named_facts(parent, name, node)
        else:
            try:
                os.mknod(name, kind | node.mode & _ORDINARY, node.rdev, dir_fd=parent)
            except PermissionError:
                self.counts[_DEVICES] += 1
                return
            self._named_facts(parent, name, node)

    def _facts(self, file: int, node: ArchiveNode, *, ordinary: int) -> None:
        """Owner, mode, extended attributes and times of an open file."""
        mode = ordinary
        if self._owned(file, node):
            mode = node.mode & 0o7777
        elif node.mode & 0o7777 & ~_ORDINARY & ~0o1000 and node.mode & S_IFMT == S_IFREG:
            self.counts["set-user-ID and set-group-ID bits left out"] += 1
        for key, value in node.xattrs.items():
            try:
                if not self.privileged and not key.startswith(_USER_XATTRS):
                    raise PermissionError
                os.setxattr(file, key, value)
            except OSError:
                self.counts["extended attributes left out"] += 1
        os.fchmod(file, mode)
        os.utime(file, ns=(node.atime_ns, node.mtime_ns))

    def _named_facts(self, parent: int, name: bytes, node: ArchiveNode) -> None:
        """The same of what cannot be opened."""
        self._owned(name, node, parent)
        if node.mode & S_IFMT != S_IFLNK:
            os.chmod(name, node.mode & _ORDINARY, dir_fd=parent)
        os.utime(name, ns=(node.atime_ns, node.mtime_ns), dir_fd=parent, follow_symlinks=False)

    def _owned(self, file: int | bytes, node: ArchiveNode, parent: int | None = None) -> bool:
        """Give it its owner; whether it has that now. That root owns what now is yours goes without saying."""
        if self.privileged:
            with suppress(PermissionError):
                os.chown(file, node.uid, node.gid, dir_fd=parent, follow_symlinks=parent is None)
                return True
        if (node.uid, node.gid) not in ((0, 0), (os.geteuid(), os.getegid())):
            self.counts["owners left out"] += 1
        return False

    # ---- directories

    @contextmanager
    def _folder(self, parent: int, name: bytes, path: bytes, *, make: bool) -> Iterator[int]:
        """A directory, opened; made, if it is not there. What it is in is not followed out of."""
        with self._writing(path):
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=parent)
            try:
                folder = os.open(name, _FOLDER, dir_fd=parent)
            except NotADirectoryError:
                raise ImageError(f"{self._place(path)}: there is something else already; give -C an empty directory"
                                 ) from None
        try:
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _opened(self, top: int, names: list[bytes], *, make: bool) -> Iterator[int]:
        """The directory below `top` that names lead to, links not followed."""
        here = os.dup(top)
        try:
            for length, name in enumerate(names, 1):
                with self._folder(here, name, b"/" + b"/".join(names[:length]), make=make) as folder:
                    os.close(here)
                    here = os.dup(folder)
            yield here
        finally:
            os.close(here)

    @contextmanager
    def _writing(self, path: bytes) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ImageError(f"{self._place(path)}: {reason(error)}") from None

    def _place(self, path: bytes) -> str:
        return f"{self.into}{shown(path)}"
