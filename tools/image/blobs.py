"""The files of an image, whether it is a directory or a tar archive of one."""

from __future__ import annotations

import os
import stat as host_stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from rvsim.guest_os.abi.stat import S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs import tar
from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.guest_os.fs.archive_source import HostSource
from rvsim.tools.errors import reason
from rvsim.tools.image.errors import ImageError

JSON_LIMIT_BYTES = 4 << 20
"""What a manifest, an index or a config may have. OCI distribution specification, "Pushing Manifests" """
_MEMBERS_LIMIT = 100_000
_LINKS_LIMIT = 8


class Blobs(Protocol):
    """The files of one image, by their names, `blobs/sha256/…` among them."""

    def has(self, name: str) -> bool: ...

    def opened(self, name: str) -> AbstractContextManager[tuple[BinaryIO, int]]:
        """A context: the file at its beginning, and its size. Raises ImageError."""
        ...


class FolderBlobs:
    """A directory of the host. Nothing outside of it is an image's, whatever names and links say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def _place(self, name: str) -> str:
        """Where a file is. Raises ImageError: not in the directory."""
        home = os.path.realpath(self.folder)
        place = os.path.realpath(os.path.join(home, name))
        if not place.startswith(os.path.join(home, "")):
            raise ImageError(f"{named_file(name)} leads out of it")
        return place

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[BinaryIO, int]]:
        try:
            fd = os.open(self._place(name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise ImageError(f"{named_file(name)} is not in it") from None
        except OSError as error:
            raise ImageError(f"{named_file(name)} cannot be read: {reason(error)}") from None
        with open(fd, "rb", buffering=0) as file:
            st = os.fstat(file.fileno())
            if not host_stat.S_ISREG(st.st_mode):
                raise ImageError(f"{named_file(name)} is no regular file")
            yield file, st.st_size


class TarBlobs:
    """A tar archive, not compressed."""

    def __init__(self, path: Path) -> None:
        """Raises ImageError, OSError."""
        self.path = path
        self.places: dict[str, tuple[int, int]] = {}
        self.links: dict[str, str] = {}
        self.first = ""
        try:
            source = HostSource(os.fsencode(path))
            for count, entry in enumerate(tar.members(source)):
                if count >= _MEMBERS_LIMIT:
                    break                       # no image has so many; a tree of files has
                name = _plain(os.fsdecode(entry.name))
                self.first = self.first or name
                self.places.pop(name, None)
                self.links.pop(name, None)
                if entry.link is not None:
                    self.links[name] = _plain(os.fsdecode(entry.link))
                elif entry.mode & S_IFMT == S_IFLNK:
                    self.links[name] = _plain(f"{os.path.dirname(name)}/{os.fsdecode(entry.target)}")
                elif entry.mode & S_IFMT == S_IFREG and len(entry.extents) <= 1:
                    self.places[name] = (entry.extents[0][1] if entry.extents else 0, entry.size)
        except BadArchive as error:
            raise ImageError(str(error)) from None

    def _place(self, name: str) -> tuple[int, int] | None:
        for _ in range(_LINKS_LIMIT):
            if name not in self.links:
                break
            name = self.links[name]
        return self.places.get(name)

    def has(self, name: str) -> bool:
        return self._place(_plain(name)) is not None

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[BinaryIO, int]]:
        place = self._place(_plain(name))
        if place is None:
            raise ImageError(f"{named_file(name)} is not in it")
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise ImageError(f"{self.path} cannot be read: {reason(error)}") from None
        with file:
            file.seek(place[0])
            yield file, place[1]


def _plain(name: str) -> str:
    """A name without `.`, `..` and empty parts; it never leads outside."""
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def named_file(name: str) -> str:
    """The name of a file of an image for a message: short."""
    return name if len(name) <= 120 else f"{name[:60]}…{name[-40:]}"


def read_small(blobs: Blobs, name: str) -> bytes:
    """All of a file of JSON. Raises ImageError: it is not there, or too large."""
    with blobs.opened(name) as (file, size):
        if size > JSON_LIMIT_BYTES:
            raise ImageError(f"{named_file(name)} has {size} bytes, more than any index, manifest or config")
        data = b""
        while len(data) < size and (more := file.read(size - len(data))):
            data += more
    if len(data) != size:
        raise ImageError(f"{named_file(name)} is cut off")
    return data
