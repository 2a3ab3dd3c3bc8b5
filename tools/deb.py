"""A Debian package file, and a tree that packages are unpacked into. deb(5), dpkg(1)

A `.deb` is an `ar` archive of `debian-binary`, `control.tar.*` and `data.tar.*`. Maintainer scripts are not run; what
is in the tree stands in its `var/lib/dpkg/status`, as dpkg itself would have it.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

AR_MAGIC = b"!<arch>\n"
AR_HEADER_SIZE = 60
STATUS = "var/lib/dpkg/status"
INFO = "var/lib/dpkg/info"


class BadPackage(Exception):
    """A file is no Debian package, or one that must not be unpacked; one line that says why."""


def ar_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each member of an `ar` archive. ar(5)

    A header: name 16, mtime 12, uid 6, gid 6, mode 8, size 10, magic 2 bytes; contents are padded to even offsets.

    Raises:
        BadPackage: it is none, or it is cut off.
    """
    if not data.startswith(AR_MAGIC):
        raise BadPackage("not a Debian package")
    offset = len(AR_MAGIC)
    while offset + AR_HEADER_SIZE <= len(data):
        header = data[offset : offset + AR_HEADER_SIZE]
        name, size_text = header[:16].decode(errors="replace").rstrip().rstrip("/"), header[48:58].strip()
        if not size_text.isdigit() or header[58:] != b"`\n":
            raise BadPackage("a damaged Debian package")
        start = offset + AR_HEADER_SIZE
        end = start + int(size_text)
        if end > len(data):
            raise BadPackage("a Debian package that is cut off")
        yield name, data[start:end]
        offset = end + end % 2


class Deb:
    """One package file.

    Raises:
        BadPackage: it is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        members = {name.split(".")[0]: (name, content) for name, content in ar_members(path.read_bytes())}
        if "data" not in members or "control" not in members:
            raise BadPackage(f"{path.name}: not a Debian package")
        self._data = members["data"]
        with self._open(*members["control"]) as control:
            member = control.extractfile("./control")
            if member is None:
                raise BadPackage(f"{path.name}: it has no control file")
            self.control = member.read().decode()
        fields = dict(line.split(": ", 1) for line in self.control.splitlines() if ": " in line and line[0] != " ")
        self.name, self.version = fields["Package"], fields["Version"]

    def _open(self, name: str, content: bytes) -> tarfile.TarFile:
        if name.endswith(".zst"):
            if shutil.which("zstd") is None:
                raise BadPackage(f"{self.path.name}: it is compressed with zstd; install zstd")
            content = subprocess.run(["zstd", "-dc"], input=content, capture_output=True, check=True).stdout
        try:
            return tarfile.open(fileobj=io.BytesIO(content), mode="r:*")
        except tarfile.TarError as error:
            raise BadPackage(f"{self.path.name}: {error}") from None

    def unpack(self, root: Path) -> list[str]:
        """Unpack the files into `root`, over what is there; returns their names, absolute in the tree.

        Owners and device nodes are left out, as they need root. Nothing is written outside `root`: a member's parent
        must lie inside it once symbolic links are followed.

        Raises:
            BadPackage: a member would.
        """
        names = []
        top = os.path.realpath(root)
        with self._open(*self._data) as archive:
            for member in archive:
                relative = os.path.normpath(member.name.lstrip("/"))
                if relative == ".":
                    continue
                place = self._inside(top, relative)
                names.append("/" + relative)
                if member.islnk():
                    source = self._inside(top, os.path.normpath(member.linkname.lstrip("/")))
                    _clear(place)
                    os.link(source, place, follow_symlinks=False)
                else:
                    _extract(archive, member, place)
        return names

    def _inside(self, top: str, relative: str) -> str:
        """The host's path of `relative`, with its parent's links followed and the parent made where it is missing."""
        parent = os.path.realpath(os.path.join(top, os.path.dirname(relative)))
        if relative.split("/")[0] == ".." or (parent != top and not parent.startswith(top + "/")):
            raise BadPackage(f"{self.path.name}: {relative} lies outside the tree")
        os.makedirs(parent, exist_ok=True)
        return os.path.join(parent, os.path.basename(relative))


def _clear(place: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(place)


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, place: str) -> None:
    if member.isdir():
        if not os.path.isdir(place):
            os.mkdir(place)
        os.chmod(place, member.mode | 0o700)
    elif member.issym():
        if os.path.isdir(place) and not os.path.islink(place):
            return                                 # a link in base-files, already a directory here
        _clear(place)
        os.symlink(member.linkname, place)
    elif member.isreg():
        content = archive.extractfile(member)
        assert content is not None
        _clear(place)
        with open(place, "wb") as file:
            shutil.copyfileobj(content, file)
        os.chmod(place, member.mode)
        os.utime(place, (member.mtime, member.mtime))


def unpacked(root: Path) -> dict[str, str]:
    """The version of each package in the tree."""
    found: dict[str, str] = {}
    name = ""
    with suppress(FileNotFoundError):
        for line in (root / STATUS).read_text().splitlines():
            field, _, value = line.partition(": ")
            if field == "Package":
                name = value
            elif field == "Version":
                found[name] = value
    return found


def record(root: Path, deb: Deb, names: list[str]) -> None:
    """Note in the tree that `deb` is unpacked."""
    info = root / INFO
    info.mkdir(parents=True, exist_ok=True)
    (info / f"{deb.name}.list").write_text("\n".join(["/.", *names]) + "\n")
    status = root / STATUS
    before = status.read_text() if status.exists() else ""
    kept = [stanza for stanza in before.split("\n\n") if stanza and not stanza.startswith(f"Package: {deb.name}\n")]
    package, _, rest = deb.control.strip().partition("\n")
    kept.append(f"{package}\nStatus: install ok unpacked\n{rest}")
    new = status.with_name("status-new")
    new.write_text("\n\n".join(kept) + "\n\n")
    new.replace(status)
