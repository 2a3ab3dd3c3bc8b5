"""What was read of images before: unpacked layers and trees, each under its digest, so that it is read once.

    layers/DIGEST          a layer, unpacked; DIGEST is its own (the image's `diff_id`)
    trees/CHAINID.tree     what layers come to; CHAINID is that of the OCI image specification
    files/KEY              of a plain or compressed file without digests: what it unpacked to, by name, size and time

All of it stands in `rvsim/images` of the user's cache directory. A file appears there complete, by rename, and never
changes; two runs that bring the same one do the work one after the other. A file's access time is when it was last
needed. Its modification time is `MADE_NS`, so what somebody has written to is noticed: then a layer's digest is taken
again, and what is not as it was is made anew. What may be removed, and when, is in `pruning.py`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.guest_os.fs.archive_source import MAGIC_BYTES, decoding
from rvsim.tools.errors import reason
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.locks import Lock
from rvsim.tools.image.pruning import NEW, Kept, guard_path, kept, limit_bytes, prune

DEFAULT_LIMIT_BYTES = (16 << 30) + 1
"""What one layer may unpack to, and all of an image, where nobody has said: a byte more than a 16G that is said."""
_ALWAYS_BYTES = 1 << 30
_MOST_TIMES = 50
"""A file system becomes three to ten times as large as it is packed; zeros, a thousand times."""
_CHUNK = 1 << 20
_MEMORY_BYTES = 256 << 20
MADE_NS = 1_000_000_000
"""When every layer and every tree claims to have been written: a second after 1970 began."""
_FRESH_NS = 2_000_000_000
"""A file that was changed so short a time ago may be changed once more with the same time."""


def cache_home() -> Path:
    """`rvsim/images` in the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "rvsim" / "images"


class Stored(NamedTuple):
    """A file of the cache: its sha256 as hexadecimal digits, and where it is."""

    digest: str
    path: Path


class TooLarge(ImageError):
    """It unpacks to more than is allowed."""


class _Hashed:
    """A file that is read from its beginning to its end, and its sha256."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file = file
        self.left = size
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        data = self.file.read(wanted)
        self.left -= len(data)
        self.hash.update(data)
        return data

    def drain(self) -> None:
        while self.read(_CHUNK):
            pass


def limit_of(packed_bytes: int, limit_bytes: int) -> int:
    """What a file of so many bytes may unpack to: where no limit was given, a small one must not fill the disk."""
    if limit_bytes != DEFAULT_LIMIT_BYTES:
        return limit_bytes
    return min(limit_bytes, max(_ALWAYS_BYTES, _MOST_TIMES * packed_bytes))


class Cache:
    """The cache in the directory `home`."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or cache_home()
        self.added = False
        """Whether anything was added through this object since there was room made."""

    # ---- finding

    def layer(self, digest: str) -> Path | None:
        """The unpacked layer with this sha256, if it is there."""
        path = self.home / "layers" / digest
        try:
            touched = os.stat(path).st_mtime_ns != MADE_NS
        except OSError:
            return None
        if touched and not self.check_layer(digest):
            return None
        _needed(path)
        return path

    def check_layer(self, digest: str) -> bool:
        """Whether a layer still has its digest; if not, it is removed."""
        path = self.home / "layers" / digest
        with suppress(OSError), open(path, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == digest:
                return True
        self.forget(path)
        return False

    def tree(self, chain_id: str) -> Path | None:
        """The tree of layers with this chain ID, if it is there."""
        path = self.tree_path(chain_id)
        try:
            touched = os.stat(path).st_mtime_ns != MADE_NS
        except OSError:
            return None
        if touched:                             # nothing tells whether it is right still
            self.forget(path)
            return None
        _needed(path)
        return path

    def tree_path(self, chain_id: str) -> Path:
        return self.home / "trees" / f"{chain_id}.tree"

    def forget(self, path: Path) -> None:
        """Remove a file that is not what it was. Raises ImageError."""
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ImageError(f"{path} is damaged and cannot be removed: {reason(error)}; XDG_CACHE_HOME names another "
                             "place") from None

    def guard(self) -> Lock | None:
        """A lock that keeps `prune` from removing anything, for whoever is looking for files; None: there are none."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            return Lock(guard_path(self.home))
        except OSError:
            return None

    # ---- adding

    def add_layer(self, file: BinaryIO, size: int, *, blob_digest: str | None, diff_id: str | None,
                  limit_bytes: int, what: str) -> Stored:
        """Unpack `size` bytes from here on, a compressed or plain file, into the cache.

        Digests are sha256 as hexadecimal digits; None: it is not known.

        Raises:
            ImageError: it is damaged, has another digest, is too large, or the cache cannot be written.
        """
        with self._locked(diff_id or blob_digest or "unknown"):
            there = None if diff_id is None else self.layer(diff_id)
            if diff_id is not None and there is not None:
                return Stored(diff_id, there)
            raw = _Hashed(file, size)
            with self._new("layers") as (out, keep):
                found = hashlib.sha256()
                try:
                    self._copy(raw, out, found, limit_bytes, what)
                    raw.drain()
                except BadArchive as error:
                    raise ImageError(f"{what}: {error}") from None
                except OSError as error:
                    raise ImageError(f"{what} cannot be unpacked: {reason(error)}") from None
                if raw.left:
                    raise ImageError(f"{what} is cut off: {raw.left} bytes are missing")
                for said, digest in ((blob_digest, raw.hash.hexdigest()), (diff_id, found.hexdigest())):
                    if said is not None and said != digest:
                        raise ImageError(f"{what} is damaged: its digest is sha256:{digest}, not sha256:{said}")
                return Stored(found.hexdigest(), keep(found.hexdigest()))

    def _copy(self, raw: _Hashed, out: BinaryIO, found: hashlib._Hash, limit_bytes: int, what: str) -> None:
        magic = b""
        while len(magic) < MAGIC_BYTES and (more := raw.read(MAGIC_BYTES - len(magic))):
            magic += more
        start = _Rewound(magic, raw)
        packed = decoding(start, magic, _MEMORY_BYTES)  # type: ignore[arg-type]
        left = limit_bytes
        for part in packed.checked() if packed is not None else _parts(start):
            left -= len(part)
            if left < 0:
                raise TooLarge(f"{what} unpacks to more than {limit_bytes >> 20} MiB; --image-limit allows more")
            found.update(part)
            out.write(part)

    def add_tree(self, chain_id: str, make: Callable[[], bytes]) -> Path:
        """The tree with this chain ID, made if it is not there. Raises ImageError."""
        with self._locked(chain_id):
            there = self.tree(chain_id)
            if there is not None:
                return there
            data = make()
            with self._new("trees") as (out, keep):
                out.write(data)
                return keep(f"{chain_id}.tree")

    def remembered(self, path: Path) -> tuple[Stored, bool] | None:
        """What `plain` brought of a file that has not changed since, and whether that is a tree. Raises OSError."""
        try:
            digest, tree = self._note(os.stat(path), path).read_text("ascii").split()
        except (OSError, ValueError):
            return None
        there = self.layer(digest) if len(digest) == 64 and digest.isalnum() else None
        return None if there is None else (Stored(digest, there), tree == "tree")

    def _note(self, st: os.stat_result, path: Path) -> Path:
        facts = f"{os.path.realpath(path)}\0{st.st_dev}:{st.st_ino}:{st.st_size}:{st.st_mtime_ns}:{st.st_ctime_ns}"
        return self.home / "files" / hashlib.sha256(os.fsencode(facts)).hexdigest()

    def plain(self, path: Path, limit_bytes: int, *, tree: bool) -> Stored:
        """A file of the host, unpacked if it is compressed, in the cache; `tree` is remembered.

        Raises:
            ImageError, OSError: it cannot be read, is damaged or too large.
        """
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as file:
            st = os.fstat(file.fileno())
            stored = self.add_layer(file, st.st_size, blob_digest=None, diff_id=None,
                                    limit_bytes=limit_of(st.st_size, limit_bytes), what=path.name)
            if time.time_ns() - max(st.st_mtime_ns, st.st_ctime_ns) > _FRESH_NS:
                with self._new("files") as (out, keep):
                    out.write(f"{stored.digest} {'tree' if tree else 'image'}".encode())
                    keep(self._note(st, path).name)
            return stored

    @contextmanager
    def _new(self, kind: str) -> Iterator[tuple[BinaryIO, Callable[[str], Path]]]:
        """A new file; it stays only if the function that comes with it is called, with its name. Raises ImageError."""
        folder = self.home / kind
        made: Path | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=NEW)
            made = Path(name)
            with open(descriptor, "wb") as out:
                def keep(final: str) -> Path:
                    nonlocal made
                    out.flush()
                    os.fchmod(out.fileno(), 0o444)
                    os.utime(out.fileno(), ns=(time.time_ns(), MADE_NS))
                    self.added = True
                    os.replace(name, folder / final)
                    made = None
                    return folder / final

                yield out, keep
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            if made is not None:
                made.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Keep two runs from the same work, and `prune` from what is being made. Raises ImageError."""
        number = hashlib.sha256(name.encode()).hexdigest()[:2]
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            guard, mine = Lock(guard_path(self.home)), Lock(self.home / f"lock-{number}", alone=True)
        except OSError as error:
            raise self._unwritable(error) from None
        with guard, mine:
            yield

    def _unwritable(self, error: OSError) -> ImageError:
        return ImageError(f"the cache {self.home} cannot be written: {reason(error)}; XDG_CACHE_HOME names another "
                          "place")

    # ---- removing

    def kept(self) -> list[Kept]:
        """Every file of the cache, what was used last first."""
        return kept(self.home)

    def prune(self, keep_bytes: int) -> tuple[int, int]:
        """Remove what was not used for the longest time, until at most `keep_bytes` are left, but nothing that is in
        use; (files, bytes) removed.

        Raises:
            ImageError: a file cannot be removed, or another rvsim reads an image into the cache.
        """
        return prune(self.home, keep_bytes)

    def make_room(self) -> None:
        """Prune to what the cache may have, if anything was added; not while another rvsim adds more, which then does.

        Raises:
            ImageError: what the environment says is no size.
        """
        if self.added:
            limit = limit_bytes()
            self.added = False
            with suppress(ImageError):
                self.prune(limit)


def _needed(path: Path) -> None:
    """Note that a file was needed now. A cache that is not ours stays as it is."""
    with suppress(OSError):
        os.utime(path, ns=(time.time_ns(), MADE_NS))


class _Rewound:
    """A file of which the first bytes were read already."""

    def __init__(self, start: bytes, rest: _Hashed) -> None:
        self.start = start
        self.rest = rest

    def read(self, size: int = -1) -> bytes:
        if self.start:
            data = self.start if size < 0 else self.start[:size]
            self.start = self.start[len(data) :]
            return data + self.rest.read() if size < 0 else data
        return self.rest.read(size)


def _parts(file: _Rewound) -> Iterable[bytes]:
    while part := file.read(_CHUNK):
        yield part
