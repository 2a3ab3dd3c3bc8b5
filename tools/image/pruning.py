"""Keeps the cache of images small: what was not used for the longest time goes first, and nothing that is in use.

A machine with an image as its root has a lock on the image's tree file (`fs/layered_source.py`); so has whoever opened
the image and has not made the machine yet. What a locked tree names is in use. Until an image has its tree, all of the
cache is locked against removal.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.guest_os.fs.tree_file import read_header
from rvsim.tools.errors import reason
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.locks import Lock
from rvsim.tools.quantities import parse_size

LIMIT_VARIABLE = "RVSIM_IMAGE_CACHE"
DEFAULT_LIMIT_BYTES = 10 << 30
KINDS = ("layers", "trees", "files")
NEW = "new-"
"""What files are called while they are made."""


class Kept(NamedTuple):
    """A file of the cache. `used_ns`: when it was last needed."""

    path: Path
    size: int
    used_ns: int


def limit_bytes() -> int:
    """What the cache may have by itself: what the environment says, or 10 GiB. Raises ImageError."""
    text = os.environ.get(LIMIT_VARIABLE)
    if not text:
        return DEFAULT_LIMIT_BYTES
    try:
        return parse_size(text)
    except ValueError as error:
        raise ImageError(f"{LIMIT_VARIABLE}: {error}") from None


def guard_path(home: Path) -> Path:
    """The file to lock so that nothing is removed."""
    return home / "lock"


def kept(home: Path) -> list[Kept]:
    """Every file of the cache, what was used last first."""
    found = []
    for kind in KINDS:
        with suppress(FileNotFoundError):
            for entry in os.scandir(home / kind):
                with suppress(FileNotFoundError):
                    st = entry.stat(follow_symlinks=False)
                    found.append(Kept(Path(entry.path), st.st_size, st.st_atime_ns))
    return sorted(found, key=lambda one: (-one.used_ns, str(one.path)))


def prune(home: Path, keep_bytes: int) -> tuple[int, int]:
    """Remove what was used longest ago until at most `keep_bytes` are left, or all that is left is in use.

    Returns (files, bytes) removed.

    Raises:
        ImageError: a file cannot be removed, or another rvsim reads an image into the cache.
    """
    if not home.is_dir():
        return 0, 0
    files, removed = 0, 0
    try:
        with Lock(guard_path(home), alone=True, wait=False):
            found = [one for one in kept(home) if not one.path.name.startswith(NEW) or _remove(one)]
            busy = _in_use(home)
            left = sum(one.size for one in found)
            for one in reversed(found):
                if left > keep_bytes and one.path not in busy:
                    _remove(one)
                    left -= one.size
                    files, removed = files + 1, removed + one.size
            _remove_notes(home)
    except BlockingIOError:
        raise ImageError(f"another rvsim reads an image into the cache {home}; try again when it is done") from None
    except OSError as error:
        raise ImageError(f"the cache {home} cannot be pruned: {reason(error)}") from None
    return files, removed


def _remove(one: Kept) -> bool:
    """Always False."""
    one.path.unlink(missing_ok=True)
    return False


def _in_use(home: Path) -> set[Path]:
    """The trees that somebody has a lock on, and their layers."""
    found: set[Path] = set()
    with suppress(FileNotFoundError):
        for tree in sorted((home / "trees").iterdir()):
            try:
                Lock(tree, alone=True, wait=False, make=False).close()
            except BlockingIOError:
                found.add(tree)
                with suppress(BadArchive, OSError):
                    found |= {home / "layers" / layer.digest.hex() for layer in read_header(tree.read_bytes()).layers}
            except OSError:
                continue
    return found


def _remove_notes(home: Path) -> None:
    """Of files whose unpacked bytes are not there any more."""
    with suppress(FileNotFoundError):
        for note in sorted((home / "files").iterdir()):
            with suppress(OSError, ValueError):
                if not (home / "layers" / note.read_text("ascii").split()[0][:64]).exists():
                    note.unlink()
