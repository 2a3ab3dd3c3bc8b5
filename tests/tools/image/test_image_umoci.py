"""Random layers: our tree is what umoci unpacks. https://umo.ci"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.abi.stat import S_IFMT, S_IFREG
from rvsim.guest_os.vfs.inode import Inode
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import DIR, FIFO, LINK, folder, in_folder, oci, opened, tree
from rvsim.tools.image import ImageError

UMOCI = shutil.which("umoci")
pytestmark = pytest.mark.skipif(UMOCI is None, reason="umoci is not installed")
LAYERS_MOST = 4
LATEST_S = 10**9
"""No member is of a later second, so a later time is umoci's own: of a directory that no member made, or that it
changed afterwards under another name."""
Facts = dict[str, tuple[Any, ...]]


def by_us(place: Path) -> Facts | str:
    """Path: facts, of all that is in the tree; or why there is none."""
    found: Facts = {}
    first: dict[int, str] = {}

    def walk(inode: Inode, path: str) -> None:
        for _, name, _, _ in sorted(inode.readdir(2), key=lambda entry: entry[1]):
            child: Any = inode.lookup(name)
            where = f"{path}/{os.fsdecode(name)}"
            kind = child.mode & S_IFMT
            read = {LINK & S_IFMT: child.readlink, S_IFREG: lambda child=child: child.read_at(0, child.size)}
            data = read.get(kind, bytes)()
            shared = "" if child.is_dir else first.setdefault(child.ino, where)
            found[where] = (oct(child.mode), child.uid, child.gid, child.mtime_ns, data, shared, child.rdev,
                            sorted((key, child.getxattr(key)) for key in child.listxattr()))
            if child.is_dir:
                walk(child, where)

    try:
        walk(tree(opened(place / "image", place / "cache")), "")
    except ImageError as error:
        return str(error)
    return found


def by_umoci(place: Path) -> Facts | str:
    """The same, as umoci unpacks it."""
    root = place / "root"
    more = [] if os.geteuid() == 0 else ["--rootless"]
    done = subprocess.run([str(UMOCI), "raw", "unpack", *more, "--image", f"{place / 'image'}:latest", str(root)],
                          capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        return done.stderr.strip()
    found: Facts = {}
    first: dict[int, str] = {}

    def walk(path: str) -> None:
        for name in sorted(os.listdir(os.fsencode(f"{root}{path}"))):
            where = f"{path}/{os.fsdecode(name)}"
            real = f"{root}{where}"
            facts = os.lstat(real)
            kind = stat.S_IFMT(facts.st_mode)
            data = os.fsencode(os.readlink(real)) if kind == stat.S_IFLNK else \
                Path(real).read_bytes() if kind == stat.S_IFREG else b""
            shared = "" if kind == stat.S_IFDIR else first.setdefault(facts.st_ino, where)
            attributes = [] if kind == stat.S_IFLNK else sorted(
                (os.fsencode(key), os.getxattr(real, key)) for key in os.listxattr(real) if key.startswith("user."))
            found[where] = (oct(facts.st_mode), facts.st_uid, facts.st_gid, facts.st_mtime_ns, data, shared,
                            facts.st_rdev, attributes)
            if kind == stat.S_IFDIR:
                walk(where)

    walk("")
    return found


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = st.one_of(PATHS, PATHS.map(lambda path: f"/{path}"), PATHS.map(lambda path: f"../{path}"),
                    st.sampled_from([".", "..", "/", "../../..", "none"]))
IDS = st.sampled_from([0, 1, 1000]) if os.geteuid() == 0 else st.just(0)


@st.composite
def layers(draw: st.DrawFn) -> list[list[Member]]:
    """Layers that mostly speak of what is there; where they do not, both must say so."""
    directories, files, links = [""], ["a"], [""]
    found: list[list[Member]] = []
    for _ in range(draw(st.integers(1, LAYERS_MOST))):
        layer: list[Member] = []
        for _ in range(draw(st.integers(0, 7))):
            above = draw(st.sampled_from(directories))
            path = f"{above}/{draw(NAMES)}".lstrip("/")
            kind = draw(st.sampled_from(KINDS))
            layer += parents(path, layer, links)
            layer.append(member(draw, kind, path, [one for one in files if not f"{one}/".startswith(f"{path}/")]))
            if kind != "opaque":
                links = [one for one in links if one != path] + ([path] if kind == "link" else [])
            if kind == "dir" or (kind == "link" and draw(st.integers(0, 3)) == 0):
                directories += [path] if path.count("/") < 3 else []
            elif kind != "opaque":
                directories = [one for one in directories if one != path and not one.startswith(f"{path}/")]
            gone = path if kind != "opaque" else above
            files = [one for one in files if one != gone and not one.startswith(f"{gone}/")]
            if kind in ("file", "hard", "fifo"):
                files.append(path)
        found.append(layer)
    return found


def parents(path: str, layer: Sequence[Member], links: Sequence[str]) -> list[Member]:
    """Directories above, which a layer has to say too: without them, what they are like is anyone's guess."""
    names = path.split("/")[:-1]
    above = ["/".join(names[:depth]) for depth in range(1, len(names) + 1)]
    known = {one.name for one in layer}
    return [folder(one) for one in above
            if f"{one}/" not in known and not any(f"{one}/".startswith(f"{link}/") for link in links)]


KINDS = ["file"] * 4 + ["dir"] * 5 + ["link"] * 2 + ["hard"] * 2 + ["whiteout"] * 3 + ["opaque"] * 2 + ["fifo"]


def member(draw: st.DrawFn, kind: str, path: str, files: Sequence[str]) -> Member:
    above, _, name = path.rpartition("/")
    if kind == "whiteout":
        return Member(f"{above}/.wh.{name}" if above else f".wh.{name}")
    if kind == "opaque":
        return Member(f"{above}/.wh..wh..opq" if above else ".wh..wh..opq")
    if kind == "link":
        return Member(path, LINK, target=draw(TARGETS))
    if kind == "hard" and files:
        return Member(path, link=draw(st.sampled_from(files)))
    mode = draw(st.sampled_from([0o755, 0o700, 0o644, 0o4755, 0o1777, 0o2711]))
    facts: dict[str, Any] = {"uid": draw(IDS), "gid": draw(IDS), "mtime": draw(st.integers(0, 1 << 31))}
    if draw(st.booleans()):
        facts["pax"] = {"SCHILY.xattr.user.x": draw(st.sampled_from(["1", "two"]))} if kind != "fifo" else {}
    if kind == "dir":
        return Member(f"{path}/", DIR & S_IFMT | mode, **facts)
    if kind == "fifo":
        return Member(path, FIFO & S_IFMT | mode, **facts)
    return Member(path, S_IFREG | mode, data=draw(st.binary(max_size=5)), **facts)


def takes_away_late(layer: Sequence[Member]) -> bool:
    """Whether a whiteout stands behind anything else."""
    kinds = [".wh." in member.name for member in layer]
    return kinds != sorted(kinds, reverse=True)


def agree(layers: Sequence[Sequence[Member]]) -> bool:
    """Assert that we and umoci make the same of layers; whether it is a tree."""
    with tempfile.TemporaryDirectory(prefix="rvsim-umoci-") as name:
        place = Path(name)
        in_folder(place / "image", oci(*(tar_bytes(*layer) for layer in layers), name="latest"))
        ours, theirs = by_us(place), by_umoci(place)
    if isinstance(theirs, str) and theirs.endswith(": link: no such file or directory"):
        return False            # it removes what is there before it links: so a file cannot be linked to itself
    if isinstance(theirs, str) and not isinstance(ours, str) and any(takes_away_late(layer) for layer in layers):
        return False            # it goes by the order, which may lead it through what is to be taken away
    if isinstance(ours, str) or isinstance(theirs, str):
        assert (isinstance(ours, str), isinstance(theirs, str)) == (True, True), (ours, theirs)
        return False
    for path, facts in theirs.items():
        if facts[0].startswith("0o4") and facts[3] > LATEST_S * 10**9 and path in ours:
            theirs[path] = (*facts[:3], ours[path][3], *facts[4:])
    assert ours == theirs
    return True


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(layers())
def test_random_layers(layers: list[list[Member]]) -> None:
    agree(layers)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(layers())
def test_many_random_layers(layers: list[list[Member]]) -> None:
    agree(layers)
