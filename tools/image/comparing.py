"""`rvsim image diff`: what differs between the trees and the configs of two images."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, major, minor
from rvsim.guest_os.fs.archive import ArchiveFile, ArchiveNode
from rvsim.guest_os.fs.layered_source import LayeredSource
from rvsim.guest_os.fs.tree_file import LAYER_SHIFT
from rvsim.tools.image.config import ImageConfig
from rvsim.tools.image.image import Image
from rvsim.tools.image.listing import is_device, kind_of
from rvsim.tools.image.merged import Merged, check_depth, shown
from rvsim.tools.plain import plain
from rvsim.tools.progress import Progress

_STEP_BYTES = 1 << 18
ADDED, REMOVED, CHANGED, CONFIG = "added", "removed", "changed", "config"


@dataclass(frozen=True)
class Difference:
    """`what`: ADDED, REMOVED, CHANGED, or CONFIG; `name`: the path, or the setting; `facts`: what changed, before and
    after."""

    what: str
    name: bytes
    facts: tuple[tuple[str, Any, Any], ...] = ()

    def line(self) -> str:
        """For a person."""
        facts = ", ".join(name if old is new is None else f"{name} {_word(old)} -> {_word(new)}".lstrip()
                          for name, old, new in self.facts)
        return f"{self.what:<8} {shown(self.name)}{f'  {facts}' if facts else ''}"

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return {"what": self.what, "name": os.fsdecode(self.name),
                "changes": {name: None if old is new is None else [old, new] for name, old, new in self.facts}}


def _word(value: object) -> str:
    if value is None:
        return "(none)"
    return plain(str(value))


def differences(old: Merged, new: Merged, progress: Progress) -> Iterator[Difference]:
    """Config first, then paths in order. Raises ImageError."""
    yield from _configs(old.image, new.image)
    facts = tuple(_facts(old, old.top, new, new.top, b"/"))
    if facts:
        yield Difference(CHANGED, b"/", facts)
    left: list[tuple[bytes, ArchiveNode, ArchiveNode]] = [(b"", old.top, new.top)]
    while left:
        here, ours, theirs = left.pop()
        if here:
            progress.tell(shown(here))
            facts = tuple(_facts(old, ours, new, theirs, here))
            if facts:
                yield Difference(CHANGED, here, facts)
        if not _is_folder(ours) or not _is_folder(theirs):
            yield from _all(old, ours, here, REMOVED)
            yield from _all(new, theirs, here, ADDED)
            continue
        check_depth(old.image, here)
        before = dict(old.children(ours, here or b"/"))
        after = dict(new.children(theirs, here or b"/"))
        both = []
        for name in sorted(before.keys() | after.keys()):
            path = here + b"/" + name
            if name not in after:
                yield Difference(REMOVED, path)
                yield from _all(old, before[name], path, REMOVED)
            elif name not in before:
                yield Difference(ADDED, path)
                yield from _all(new, after[name], path, ADDED)
            else:
                both.append((path, before[name], after[name]))
        left += reversed(both)


def _is_folder(node: ArchiveNode) -> bool:
    return node.mode & S_IFMT == S_IFDIR


def _all(merged: Merged, node: ArchiveNode, path: bytes, what: str) -> Iterator[Difference]:
    """What is below a directory that only one of them has."""
    if _is_folder(node):
        for inside, _ in merged.walk(node, path):
            yield Difference(what, inside)


def _configs(old: Image, new: Image) -> Iterator[Difference]:
    one, other = old.config, new.config
    for name, before, after in (
        ("platform", one.platform, other.platform), ("entrypoint", list(one.entrypoint), list(other.entrypoint)),
        ("cmd", list(one.cmd), list(other.cmd)), ("workdir", one.working_dir or "/", other.working_dir or "/"),
        ("user", one.user or "root", other.user or "root"),
    ):  # fmt: skip
        if before != after:
            yield Difference(CONFIG, name.encode(), (("", before, after),))
    for what, mine, theirs in (("env", _env(one), _env(other)), ("label", one.labels, other.labels)):
        for name in sorted(mine.keys() | theirs.keys()):
            if mine.get(name) != theirs.get(name):
                yield Difference(CONFIG, os.fsencode(f"{what} {name}"), (("", mine.get(name), theirs.get(name)),))


def _env(config: ImageConfig) -> dict[str, str]:
    return dict(text.partition("=")[::2] for text in config.env)


def _facts(old: Merged, ours: ArchiveNode, new: Merged, theirs: ArchiveNode,
           path: bytes) -> Iterator[tuple[str, Any, Any]]:
    """What of one file changed; times do not count."""
    if ours.mode & S_IFMT != theirs.mode & S_IFMT:
        yield "type", kind_of(ours), kind_of(theirs)
    elif ours.mode & 0o7777 != theirs.mode & 0o7777:
        yield "mode", f"{ours.mode & 0o7777:04o}", f"{theirs.mode & 0o7777:04o}"
    if (ours.uid, ours.gid) != (theirs.uid, theirs.gid):
        yield "owner", f"{ours.uid}:{ours.gid}", f"{theirs.uid}:{theirs.gid}"
    if ours.xattrs != theirs.xattrs:
        yield "xattrs", None, None
    if ours.mode & S_IFMT != theirs.mode & S_IFMT:
        return
    if isinstance(ours, ArchiveFile) and isinstance(theirs, ArchiveFile):
        if ours.size != theirs.size:
            yield "size", ours.size, theirs.size
        elif not _same_bytes(old, ours, new, theirs, path):
            yield "content", None, None
    elif ours.mode & S_IFMT == S_IFLNK and ours.target != theirs.target:
        yield "link", os.fsdecode(ours.target), os.fsdecode(theirs.target)
    elif is_device(ours) and ours.rdev != theirs.rdev:
        yield "device", f"{major(ours.rdev)}:{minor(ours.rdev)}", f"{major(theirs.rdev)}:{minor(theirs.rdev)}"


def _same_bytes(old: Merged, ours: ArchiveFile, new: Merged, theirs: ArchiveFile, path: bytes) -> bool:
    """Of two files of one size."""
    if _places(old, ours) == _places(new, theirs):
        return True
    done = 0
    spans = [(start, min(start + length, ours.size)) for node in (ours, theirs) for start, _, length in node.extents]
    for start, end in sorted(spans):            # what lies outside is a hole in both
        start = max(start, done)
        while start < end:
            size = min(_STEP_BYTES, end - start)
            if old.read(ours, path, start, size) != new.read(theirs, path, start, size):
                return False
            start += size
        done = max(done, end)
    return True


def _places(merged: Merged, node: ArchiveFile) -> list[tuple[int, bytes, int, int]]:
    """Where its bytes are: in which layer, and where in there."""
    source = merged.sb.source
    assert isinstance(source, LayeredSource)
    return [(start, source.files[at >> LAYER_SHIFT].path, at & (1 << LAYER_SHIFT) - 1, length)
            for start, at, length in node.extents]

