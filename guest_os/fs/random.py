"""The machine's random bytes: the same for the same seed. drivers/char/random.c"""

from __future__ import annotations

import hashlib


class RandomSource:
    """A stream of bytes from a seed: SHAKE-256 over key and counter. Feeds /dev/urandom, getrandom, AT_RANDOM."""

    __slots__ = ("counter", "key")

    def __init__(self, seed: bytes) -> None:
        self.key = hashlib.sha256(b"rvsim random" + seed).digest()
        self.counter = 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes."""
        self.counter += 1
        return hashlib.shake_256(self.key + self.counter.to_bytes(16, "little")).digest(size)

    def mix(self, data: bytes) -> None:
        """Stir `data` in: what is read from now on depends on it."""
        self.key = hashlib.sha256(self.key + data).digest()
