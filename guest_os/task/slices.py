"""Time slices of changing length, for who hunts a race: the same seed gives the same lengths on every host.

A race shows only if one task is stopped between two particular instructions. With slices of one length a program is
always stopped at the same ones, and never in straight code (`emu/_gate.pyx`, `goes_straight`). So with a seed each turn
has its own length, of every order of magnitude alike, from a microsecond to some ten milliseconds, and ends at the very
first instruction past it (`exact_slices`).
"""

from __future__ import annotations

import hashlib

SHORTEST_BITS = 10
LONGEST_BITS = 24
_MASK = (1 << 64) - 1


class Slices:
    """The lengths of turns. The numbers are SplitMix64's (Steele, Lea, Flood: "Fast splittable pseudorandom number
    generators", 2014), of a key that nothing else uses: what programs draw from /dev/urandom changes no slice.
    """

    __slots__ = ("state",)

    def __init__(self, seed: int) -> None:
        self.state: int = int.from_bytes(hashlib.sha256(b"rvsim slices%d" % seed).digest()[:8], "little")

    def next_ns(self) -> int:
        """How long the next turn may be: at least 2**SHORTEST_BITS, less than 2**LONGEST_BITS."""
        self.state = self.state + 0x9E3779B97F4A7C15 & _MASK
        number = self.state
        number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        number = (number ^ number >> 27) * 0x94D049BB133111EB & _MASK
        number ^= number >> 31
        size = 1 << SHORTEST_BITS + number % (LONGEST_BITS - SHORTEST_BITS)
        return size + (number >> 32) % size
