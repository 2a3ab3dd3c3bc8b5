"""What goes into a new layer: files of the host, programs and texts, each with its path and facts in the image.

Nothing of a file but its name, its kind, its bytes and whether it may be executed is taken from the host unless that is
asked for, so that a layer is the same wherever it is made.
"""

from __future__ import annotations

import glob
import os
import stat as host_stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_ISVTX
from rvsim.guest_os.fs.archive_entry import Entry
from rvsim.guest_os.fs.host_os import APPS
from rvsim.tools.errors import reason
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.recipe import LayerKeys, PutFile, Recipe

_WHITEOUT = b".wh."
_ELF = b"\x7fELF"
_RISCV = (243).to_bytes(2, "little")
_SECOND_NS = 1_000_000_000
_KEPT_XATTRS = ("user.", "security.capability")


@dataclass
class Member:
    """A file of a layer. `entry.name` has neither a slash at its beginning nor `.` or `..` in it.

    Attributes:
        data: its bytes: a path of the host, or themselves.
        same: what its other names have in common with it; None: it has no other.
        exact: a directory that is there already gets these facts.
    """

    entry: Entry
    data: bytes | Path = b""
    same: tuple[int, int] | None = None
    exact: bool = False


@dataclass
class Facts:
    """How the members of a layer are to be. `epoch_s`: their time."""

    owner: tuple[int, int]
    keep: frozenset[str]
    epoch_s: int
    notes: list[str] = field(default_factory=list)

    def entry(self, name: bytes, mode: int) -> Entry:
        """An entry for what the host does not have."""
        return Entry(name, mode, *self.owner, self.epoch_s * _SECOND_NS)

    def of_host(self, name: bytes, path: bytes, st: os.stat_result) -> Entry:
        """An entry for what the host has at `path`. Raises OSError."""
        entry = self.entry(name, st.st_mode if "modes" in self.keep else _normal(st.st_mode))
        if "owners" in self.keep:
            entry.uid, entry.gid = st.st_uid, st.st_gid
        if "times" in self.keep:
            entry.mtime_ns = max(st.st_mtime_ns, 0)
        if "xattrs" in self.keep:
            entry.xattrs = {os.fsencode(key): os.getxattr(path, key, follow_symlinks=False)
                            for key in os.listxattr(path, follow_symlinks=False) if key.startswith(_KEPT_XATTRS)}
        return entry


def _normal(mode: int) -> int:
    """The mode that a file gets whatever its maker's umask was."""
    kind = mode & S_IFMT
    if kind == S_IFLNK:
        return kind | 0o777
    if kind == S_IFDIR:
        return kind | (S_ISVTX | 0o777 if mode & S_ISVTX else 0o755)
    return kind | mode & (S_ISUID | S_ISGID) | (0o755 if mode & 0o100 else 0o644)


def plain_path(text: str, what: str) -> bytes:
    """A path in the image, from its root on. Raises ImageError: it leads upwards or has a NUL."""
    names = [name for name in os.fsencode(text).split(b"/") if name not in (b"", b".")]
    if b".." in names or b"\0" in os.fsencode(text):
        raise ImageError(f"{what}: {ascii(text)[:80]} is no path in an image; leave out ..")
    return b"/".join(names)


def members(layer: LayerKeys, folder: Path, recipe: Recipe, epoch_s: int, notes: list[str]) -> list[Member]:
    """What a layer is made of; a later member takes the place of an earlier one. `folder`: where its paths begin.

    Raises:
        ImageError: something is not there, cannot be read, or cannot be in an image.
    """
    facts = Facts(layer.owner or recipe.owner, frozenset(recipe.keep if layer.keep is None else layer.keep), epoch_s,
                  notes)
    found: list[Member] = []
    if layer.dir is not None:
        path = folder / layer.dir
        if not path.is_dir():
            raise ImageError(f"{path}: " + ("it is no directory; put files in with --file or `files`"
                                            if path.exists() else "no such directory"))
        found += _tree(facts, path, plain_path(layer.to, "to"), layer.exclude)
    for text in layer.programs:
        for program in _programs(folder, text):
            found.append(_program(facts, b"bin/" + os.fsencode(program.name), program))
    for name, put in layer.files.items():
        found += _put(facts, plain_path(name, "files"), folder, put)
    for member in found:
        last = member.entry.name.rpartition(b"/")[2]
        if last.startswith(_WHITEOUT):
            raise ImageError(f"{ascii(member.entry.name)[1:]}: in images, names that begin with .wh. "
                             "mean something else; leave it out with `exclude`")
    return found


def _tree(facts: Facts, folder: Path, to: bytes, exclude: tuple[str, ...]) -> Iterator[Member]:
    """All that is in a directory of the host, and itself if it does not become the root."""
    top = os.fsencode(folder)
    if to:
        yield Member(facts.of_host(to, top, _stat(top, follow=True)), exact="modes" in facts.keep)
    patterns = [pattern.strip("/") if "/" in pattern.rstrip("/") else f"**/{pattern.rstrip('/')}"
                for pattern in exclude]
    left = [b""]
    sockets = 0
    while left:
        here = left.pop()
        try:
            names = sorted(os.listdir(os.path.join(top, here)))
        except OSError as error:
            raise _cannot(os.path.join(top, here), error) from None
        for name in names:
            inside = here + b"/" + name if here else name
            if patterns and _excluded(os.fsdecode(inside), patterns):
                continue
            path = os.path.join(top, inside)
            st = _stat(path)
            if host_stat.S_ISSOCK(st.st_mode):
                sockets += 1
                continue
            yield _from_host(facts, to + b"/" + inside if to else inside, path, st)
            if host_stat.S_ISDIR(st.st_mode):
                left.append(inside)
    if sockets:
        facts.notes.append(f"{folder}: {sockets} socket{'s' if sockets > 1 else ''} left out: an image cannot have any")


def _excluded(path: str, patterns: list[str]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, pattern[3:]) if pattern.startswith("**/") and "/" not in pattern[3:]
               else fnmatchcase(path, pattern) for pattern in patterns)


def _from_host(facts: Facts, name: bytes, path: bytes, st: os.stat_result) -> Member:
    try:
        entry = facts.of_host(name, path, st)
        kind = st.st_mode & S_IFMT
        if kind == S_IFLNK:
            entry.target = os.readlink(path)
        elif kind == S_IFREG:
            entry.size = st.st_size
            return Member(entry, Path(os.fsdecode(path)), (st.st_dev, st.st_ino) if st.st_nlink > 1 else None)
        elif kind != S_IFDIR:
            entry.rdev = st.st_rdev
    except OSError as error:
        raise _cannot(path, error) from None
    return Member(entry, exact=kind == S_IFDIR and "modes" in facts.keep)


def _programs(folder: Path, text: str) -> list[Path]:
    """The files that a word of `programs` means: files, or else a program of the built-in system."""
    path = folder / text
    if path.is_file():
        return [path]
    if glob.has_magic(text):
        found = [one for one in map(Path, sorted(glob.glob(str(path)))) if one.is_file()]
        if not found:
            raise ImageError(f"{path}: no file is called that")
        return found
    if "/" not in text and _built_in(text) is not None:
        return [APPS / text]
    if path.exists():
        raise ImageError(f"{path}: it is no file; give a RISC-V program")
    raise ImageError(f"{path}: no such file" + ("" if "/" in text else ", nor a program of the built-in system"))


def _built_in(name: str) -> Path | None:
    path = APPS / name
    return path if name and "/" not in name and not name.startswith(".") and path.is_file() else None


def _program(facts: Facts, name: bytes, path: Path) -> Member:
    """A program, which anyone may execute."""
    st = _stat(os.fsencode(path), follow=True)
    try:
        with open(path, "rb") as file:
            start = file.read(20)
    except OSError as error:
        raise _cannot(os.fsencode(path), error) from None
    if not start.startswith(b"#!") and not (start.startswith(_ELF) and start[18:20] == _RISCV):
        raise ImageError(f"{path}: it is no RISC-V program; other files go in with --file or `files`")
    entry = facts.entry(name, S_IFREG | 0o755)
    entry.size = st.st_size
    return Member(entry, path)


def _put(facts: Facts, name: bytes, folder: Path, put: PutFile) -> Iterator[Member]:
    """What a line of `files` says."""
    if not name:
        raise ImageError("files: the root itself cannot be put in; give dir")
    if put.program is not None:
        built = _built_in(put.program)
        if built is None:
            raise ImageError(f"files: there is no program {ascii(put.program)[:80]} in the built-in system; `rvsim run "
                             "sh` shows what there is with ls /bin")
        made = [_program(facts, name, built)]
    elif put.link is not None:
        entry = facts.entry(name, S_IFLNK | 0o777)
        entry.target = os.fsencode(put.link)
        made = [Member(entry)]
    elif put.text is not None:
        data = put.text.encode()
        entry = facts.entry(name, S_IFREG | 0o644)
        entry.size = len(data)
        made = [Member(entry, data)]
    else:
        path = folder / (put.host or "")
        st = _stat(os.fsencode(path), follow=True)
        if host_stat.S_ISDIR(st.st_mode):
            made = list(_tree(facts, path, name, ()))
        elif host_stat.S_ISREG(st.st_mode):
            made = [_from_host(facts, name, os.fsencode(path), st)]
            made[0].same = None
        else:
            raise ImageError(f"{path}: it is neither a file nor a directory")
    first = made[0]
    if put.mode is not None and put.link is None:
        first.entry.mode = first.entry.mode & S_IFMT | put.mode
        first.exact = True
    if put.owner is not None:
        for member in made:
            member.entry.uid, member.entry.gid = put.owner
        first.exact = True
    yield from made


def _stat(path: bytes, *, follow: bool = False) -> os.stat_result:
    """Raises ImageError."""
    try:
        return os.stat(path, follow_symlinks=follow)
    except OSError as error:
        raise _cannot(path, error) from None


def _cannot(path: bytes, error: OSError) -> ImageError:
    return ImageError(f"{os.fsdecode(path)}: {reason(error)}")
