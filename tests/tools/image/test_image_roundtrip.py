"""Whatever is put into an archive or an image comes out again as it was."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, makedev
from rvsim.guest_os.fs import tar
from rvsim.guest_os.fs.archive_entry import Entry
from rvsim.tools.image.building import build
from rvsim.tools.image.cache import Cache
from rvsim.tools.image.comparing import differences
from rvsim.tools.image.extracting import Extraction
from rvsim.tools.image.merged import Merged
from rvsim.tools.image.reading import open_image
from rvsim.tools.image.recipe import LayerKeys, Recipe
from rvsim.tools.image.tar_writer import TarWriter
from rvsim.tools.progress import Progress

LIMIT_BYTES = 64 << 20


class Bytes:
    """Bytes in memory, as a source."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read_at(self, offset: int, size: int) -> bytes:
        return self.data[offset : offset + size]


names = st.binary(min_size=1, max_size=30).map(lambda name: bytes(set(name) - {0, ord("/")}) or b"x").filter(
    lambda name: name not in (b".", b"..") and not name.startswith(b".wh."))
paths = st.lists(names, min_size=1, max_size=8).map(b"/".join)
ids = st.one_of(st.integers(0, 5), st.integers((1 << 21) - 2, 1 << 21), st.integers(0, (1 << 32) - 2))


@st.composite
def entries(draw: Any) -> tuple[Entry, bytes]:
    kind = draw(st.sampled_from((S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO)))
    data = draw(st.binary(max_size=1100)) if kind == S_IFREG else b""
    keys = st.text("abc.", min_size=1, max_size=5).map(lambda key: f"user.{key}".encode())
    entry = Entry(draw(paths), kind | draw(st.integers(0, 0o7777)), draw(ids), draw(ids),
                  draw(st.integers(0, (1 << 33) - 1)) * 10**9, size=len(data),
                  xattrs=draw(st.dictionaries(keys, st.binary(max_size=120), max_size=2)))
    if kind == S_IFLNK:
        entry.target = draw(paths)
    if kind in (S_IFCHR, S_IFBLK):
        entry.rdev = makedev(draw(st.integers(0, 4095)), draw(st.integers(0, (1 << 20) - 1)))
    return entry, data


def facts(entry: Entry) -> tuple[object, ...]:
    return (entry.name.rstrip(b"/"), entry.mode, entry.uid, entry.gid, entry.mtime_ns, entry.size, entry.target,
            entry.rdev, entry.xattrs)


@settings(max_examples=60, deadline=None)
@given(st.lists(entries(), max_size=5))
def test_an_archive_says_what_went_in(made: list[tuple[Entry, bytes]]) -> None:
    out = io.BytesIO()
    writer = TarWriter(out)
    for entry, data in made:
        writer.add(entry, [data])
    writer.end()
    source = Bytes(out.getvalue())
    found = list(tar.members(source))
    assert [facts(one) for one in found] == [facts(one) for one, _ in made]
    for one, (_, data) in zip(found, made, strict=True):
        assert b"".join(source.read_at(at, length) for _, at, length in one.extents) == data
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as theirs:
        assert len(theirs.getmembers()) == len(made)


files = st.one_of(st.binary(max_size=700), paths.map(lambda target: ("link", target)))
trees = st.recursive(st.dictionaries(names, files, max_size=4),
                     lambda inner: st.dictionaries(names, st.one_of(files, inner), max_size=4), max_leaves=12)


def write(folder: bytes, tree: Any) -> None:
    for name, what in tree.items():
        path = os.path.join(folder, name)
        if isinstance(what, dict):
            os.mkdir(path)
            write(path, what)
        elif isinstance(what, tuple):
            os.symlink(what[1], path)
        else:
            with open(path, "wb") as file:
                file.write(what)


def read(folder: bytes) -> Any:
    found: dict[bytes, Any] = {}
    for entry in os.scandir(folder):
        if entry.is_symlink():
            found[entry.name] = ("link", os.readlink(entry.path))
        elif entry.is_dir():
            found[entry.name] = read(entry.path)
        else:
            with open(entry.path, "rb") as file:
                found[entry.name] = file.read()
    return found


@settings(max_examples=30, deadline=None)
@given(trees, st.sampled_from(("none", "gzip")))
def test_a_directory_comes_out_as_it_went_in(tree: Any, compress: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        (top / "in").mkdir()
        write(os.fsencode(top / "in"), tree)
        cache = Cache(top / "cache")
        for out in ("one.tar", "other"):
            built = build(Recipe(compress=compress), [(LayerKeys(dir="in"), top)], top / out, folder=top,
                          limit_bytes=LIMIT_BYTES, cache=cache)
            assert built.digest == open_image(top / "one.tar", cache=cache).digest
        with Progress("") as progress:
            one, other = (Merged(open_image(top / name, cache=cache)) for name in ("one.tar", "other"))
            assert list(differences(one, other, progress)) == []
            Extraction(one, top / "out", privileged=False, progress=progress).extract(b"/")
        assert read(os.fsencode(top / "out")) == tree
        assert all(node.mode & S_IFMT for _, node in one.walk(one.top, b"/"))
