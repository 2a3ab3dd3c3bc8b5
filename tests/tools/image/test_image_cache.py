"""The cache of images: shared by processes that come, go and are killed, mended where it is damaged, and never full."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rvsim.guest_os.fs.archive_tree import open_archive
from rvsim.guest_os.fs.layer_tree import NoTime
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import PACKERS, content, everything, in_tar, oci, opened, sha256, tree
from rvsim.tools import cli
from rvsim.tools.image import ImageError
from rvsim.tools.image.cache import MADE_NS, Cache
from rvsim.tools.image.pruning import limit_bytes

LAYER = tar_bytes(Member("f", data=b"content" * 1000))
OTHER = tar_bytes(Member("g", data=b"other" * 2000))
SECOND_NS = 10**9


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache's directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/rvsim/images"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return in_tar(tmp_path / "image", oci(LAYER, OTHER))


def names(home: Path) -> list[str]:
    """What is in the cache, besides locks."""
    return sorted(os.path.relpath(path, home) for path, data in everything(home).items()
                  if data is not None and not os.path.basename(path).startswith("lock"))


def used(path: Path, at_s: int) -> None:
    os.utime(path, ns=(at_s * SECOND_NS, os.stat(path).st_mtime_ns))


# ---- damage

def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.chmod(0o644)
    path.write_bytes(data)


DAMAGE = {
    "a layer with a changed byte": lambda home: flip(home / "layers" / sha256(LAYER), 600),
    "a layer that is cut off": lambda home: os.truncate(home / "layers" / sha256(LAYER), 600),
    "an empty layer": lambda home: os.truncate(home / "layers" / sha256(OTHER), 0),
    "no layer": lambda home: (home / "layers" / sha256(LAYER)).unlink(),
    "no tree": lambda home: next((home / "trees").iterdir()).unlink(),
    "a tree with a changed header": lambda home: flip(next((home / "trees").iterdir()), 20),
    "a tree with a changed end": lambda home: flip(next((home / "trees").iterdir()), -1),
    "a tree that is cut off": lambda home: os.truncate(next((home / "trees").iterdir()), 40),
    "an empty tree": lambda home: os.truncate(next((home / "trees").iterdir()), 0),
}


@pytest.mark.parametrize("hidden", [False, True], ids=["seen", "hidden"])
@pytest.mark.parametrize("case", DAMAGE)
def test_what_is_damaged_is_made_again(case: str, hidden: bool, home: Path, image: Path) -> None:
    """`hidden`: the time of the change tells nothing. What then lies in the middle nobody notices in time."""
    whole = content(tree(opened(image, home)), "f")
    before = everything(home)
    DAMAGE[case](home)
    if hidden:
        if "changed byte" in case or "changed end" in case:
            return
        for path in [*(home / "layers").iterdir(), *(home / "trees").iterdir()]:
            os.utime(path, ns=(0, MADE_NS))
    root = tree(opened(image, home))
    assert (content(root, "f"), content(root, "g")) == (whole, b"other" * 2000)
    assert everything(home) == before


def test_a_layer_that_was_only_touched_stays(home: Path, image: Path) -> None:
    root = opened(image, home).root
    layer = home / "layers" / sha256(LAYER)
    os.utime(layer)
    number = os.stat(layer).st_ino
    assert opened(image, home).root == root
    assert (os.stat(layer).st_ino, os.stat(layer).st_mtime_ns) == (number, MADE_NS)


def test_a_damaged_layer_of_a_plain_tree(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "rootfs.tar"
    path.write_bytes(PACKERS["gzip"](LAYER))
    os.utime(path, (1, 1))
    for _ in range(2):
        assert content(tree(opened(path, home)), "f") == b"content" * 1000
        flip(home / "layers" / sha256(LAYER), 600)


def test_a_cache_that_cannot_be(tmp_path: Path, image: Path, monkeypatch: pytest.MonkeyPatch,
                                capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("no directory")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cli.main(["run", "--image", str(image), "/bin/true"]) == 125
    shown = capsys.readouterr().err
    assert (shown.count("\n"), "cannot be written: not a directory; XDG_CACHE_HOME names another place" in shown) \
        == (1, True)


# ---- several processes

OPEN = """
import sys
from pathlib import Path
from rvsim.tools.image import open_image
image = open_image(Path(sys.argv[1]))
print(image.root.decode(), flush=True)
sys.stdin.read()
"""
HALF = """
import sys
from pathlib import Path
from rvsim.tools.image import cache, open_image
def copy(self, raw, out, *more):
    out.write(raw.read(1000))
    out.flush()
    print("half", flush=True)
    sys.stdin.read()
cache.Cache._copy = copy
open_image(Path(sys.argv[1])).root
"""


@contextmanager
def process(program: str, image: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that waits when it has printed a line, until its input ends."""
    with subprocess.Popen([sys.executable, "-c", program, str(image)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def line(of: subprocess.Popen[str]) -> str:
    assert of.stdout is not None
    return of.stdout.readline().strip()


def test_two_processes_at_once(home: Path, image: Path) -> None:
    with process(OPEN, image) as one, process(OPEN, image) as two:
        roots = {line(one), line(two)}
    assert len(roots) == 1
    assert names(home) == sorted([os.path.relpath(roots.pop(), home), f"layers/{sha256(LAYER)}",
                                  f"layers/{sha256(OTHER)}"])
    assert content(tree(opened(image, home)), "f") == b"content" * 1000


def test_one_goes_on_when_the_other_is_killed(home: Path, image: Path) -> None:
    with process(HALF, image) as slow:
        assert line(slow) == "half"
        with process(OPEN, image) as other:
            slow.kill()
            slow.wait()
            assert line(other).endswith(".tree")


def test_a_process_that_is_killed_in_the_middle(home: Path, image: Path) -> None:
    """It leaves a file that nobody takes for a layer, and that goes when there is room made."""
    with process(HALF, image) as slow:
        assert line(slow) == "half"
        with pytest.raises(ImageError, match=r"another rvsim reads an image into the cache .*; try again"):
            Cache(home).prune(0)
        slow.send_signal(signal.SIGKILL)
        slow.wait()
    (left,) = names(home)
    assert left.startswith("layers/new-")
    assert content(tree(opened(image, home)), "f") == b"content" * 1000
    assert not [name for name in names(home) if "new-" in name]


def test_what_another_process_uses_stays(home: Path, image: Path) -> None:
    with process(OPEN, image) as other:
        line(other)
        kept = names(home)
        assert len(kept) == 3
        assert Cache(home).prune(0) == (0, 0)
        assert names(home) == kept
        other.kill()
        other.wait()
    assert Cache(home).prune(0)[0] == 3
    assert names(home) == []


# ---- pruning

def test_what_was_used_longest_ago_goes_first(home: Path, tmp_path: Path) -> None:
    sizes = {}
    for number in range(4):
        layer = tar_bytes(Member("f", data=bytes([number]) * 100_000))
        path = Path(os.fsdecode(opened(in_tar(tmp_path / str(number), oci(layer)), home).root))
        sizes[number] = len(layer) + path.stat().st_size
        for part in (path, home / "layers" / sha256(layer)):
            used(part, [30, 10, 40, 20][number])
    cache = Cache(home)
    assert [one.used_ns // SECOND_NS for one in cache.kept()] == [40, 40, 30, 30, 20, 20, 10, 10]
    assert cache.prune(sum(sizes.values())) == (0, 0)
    assert cache.prune(sizes[0] + sizes[2]) == (4, sizes[1] + sizes[3])
    assert [one.used_ns // SECOND_NS for one in cache.kept()] == [40, 40, 30, 30]
    assert opened(tmp_path / "0", home).root    # it is used now
    assert cache.prune(sizes[0]) == (2, sizes[2])
    assert cache.prune(0) == (2, sizes[0])


def test_nothing_that_is_in_use_goes(home: Path, image: Path, tmp_path: Path) -> None:
    """Not while the image is open, and not while a machine has it; a layer of several images while one is."""
    shared = opened(in_tar(tmp_path / "shared", oci(LAYER)), home)
    assert shared.root
    machine = open_archive(opened(image, home).root, NoTime(), 1 << 20)
    assert Cache(home).prune(0) == (0, 0)
    assert len(names(home)) == 4
    del shared
    assert Cache(home).prune(0)[0] == 1
    assert content(machine.root.inode, "f") == b"content" * 1000
    del machine
    gc.collect()
    assert Cache(home).prune(0)[0] == 3


def test_an_image_that_was_opened_and_not_yet_read(home: Path, image: Path) -> None:
    waiting = opened(image, home)
    with pytest.raises(ImageError, match="another rvsim reads"):
        Cache(home).prune(0)
    assert content(tree(waiting), "f") == b"content" * 1000
    del waiting
    gc.collect()
    assert Cache(home).prune(0)[0] == 3


def test_what_is_remembered_of_files_goes_with_what_they_unpacked_to(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "rootfs.tar"
    path.write_bytes(LAYER)
    note = home / "files" / ("0" * 64)
    assert opened(path, home).root
    note.parent.mkdir(exist_ok=True)
    note.write_text(f"{sha256(LAYER)} tree")
    assert Cache(home).prune(1 << 30) == (0, 0)
    (home / "layers" / sha256(LAYER)).unlink()
    Cache(home).prune(1 << 30)
    assert not note.exists()


def test_the_cache_keeps_its_limit_by_itself(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RVSIM_IMAGE_CACHE", "250K")
    for number in range(5):
        layer = tar_bytes(Member("f", data=bytes([number]) * 100_000))
        assert opened(in_tar(tmp_path / str(number), oci(layer)), home).root
        assert sum(one.size for one in Cache(home).kept()) < 256_000
        assert f"layers/{sha256(layer)}" in names(home)
    assert len([name for name in names(home) if name.startswith("layers")]) == 2
    monkeypatch.setenv("RVSIM_IMAGE_CACHE", "1K")
    large = opened(in_tar(tmp_path / "large", oci(tar_bytes(Member("f", data=bytes(300_000))))), home)
    assert content(tree(large), "f") == bytes(300_000)
    assert [one.size for one in Cache(home).kept() if one.size > 1000] == [307200]


def test_the_limit_of_the_cache(monkeypatch: pytest.MonkeyPatch, image: Path, home: Path,
                                capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("RVSIM_IMAGE_CACHE", raising=False)
    assert limit_bytes() == 10 << 30
    monkeypatch.setenv("RVSIM_IMAGE_CACHE", "2G")
    assert limit_bytes() == 2 << 30
    monkeypatch.setenv("RVSIM_IMAGE_CACHE", "much")
    assert cli.main(["run", "--image", str(image), "/bin/true"]) == 125
    shown = capsys.readouterr().err
    assert (shown.count("\n"), "RVSIM_IMAGE_CACHE: 'much' is not a size; write" in shown) == (1, True)


def test_nothing_to_prune(home: Path) -> None:
    assert Cache(home).prune(0) == (0, 0)
    assert Cache(home).kept() == []
    assert not home.exists()
