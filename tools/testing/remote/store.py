"""The files that a worker was sent, each under its digest and sent once: in `rvsim/sent` of the user's cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from rvsim.tools.image.cache import cache_home

KEPT_BYTES = 8 << 30
"""What is kept from one run to the next; of more, what came first is removed."""
_DIGITS = frozenset("0123456789abcdef")


class Damaged(Exception):
    """A file does not have its digest: one line."""


class Store:
    """The store in the directory `home`. Digests are sha256 as hexadecimal digits."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or cache_home().parent / "sent"
        self._checked: set[tuple[str, int, int]] = set()

    def path(self, digest: str) -> Path:
        """Where a file is, if it is there. Raises ValueError: that is no digest."""
        if len(digest) != 64 or not _DIGITS.issuperset(digest):
            raise ValueError(f"{digest!r} is no digest")
        return self.home / digest

    def lacking(self, digests: Iterable[str]) -> list[str]:
        """Those that are not there, in their order. One that was damaged since it came is removed, and lacks."""
        return [digest for digest in dict.fromkeys(digests) if not self._has(digest)]

    def _has(self, digest: str) -> bool:
        path = self.path(digest)
        try:
            st = os.stat(path)
        except FileNotFoundError:
            return False
        facts = digest, st.st_ino, st.st_mtime_ns
        if facts not in self._checked:
            if digest_of(path) != digest:
                path.unlink(missing_ok=True)
                return False
            self._checked.add(facts)
        return True

    def put(self, digest: str, offset: int, data: bytes, last: bool, sender: str = "") -> None:
        """Take a piece of a file; those of one sender come in their order. With the last one the file is there, if it
        is right.

        Raises:
            Damaged: a piece is missing, or all of it has another digest; nothing of it is kept.
        """
        new = self.home / f"new-{os.getpid()}{sender}-{self.path(digest).name}"
        self.home.mkdir(parents=True, exist_ok=True)
        with open(new, "ab" if offset else "wb") as file:
            file.seek(0, os.SEEK_END)
            missing = file.tell() != offset
            if not missing:
                file.write(data)
        found = digest_of(new) if last and not missing else digest
        if missing or found != digest:
            new.unlink(missing_ok=True)
            raise Damaged("a piece of a file was lost on the way" if missing else
                          f"a file came with the digest sha256:{found}, and sha256:{digest} was promised")
        if last:
            new.chmod(0o444)
            os.replace(new, self.path(digest))

    def prune(self, keep_bytes: int = KEPT_BYTES) -> None:
        """Remove what came first, until at most `keep_bytes` are left."""
        found = []
        for entry in os.scandir(self.home) if self.home.is_dir() else ():
            with suppress(FileNotFoundError):       # another worker of this host has just taken it away
                st = entry.stat(follow_symlinks=False)
                found.append((st.st_mtime_ns, entry.path, st.st_size))
        left = keep_bytes
        for _time, path, size in sorted(found, reverse=True):
            left -= size
            if left < 0:
                Path(path).unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    """Of a file, as hexadecimal digits. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
