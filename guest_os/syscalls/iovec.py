"""A user's buffers, one or many, as one run of bytes. lib/iov_iter.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, EINVAL
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace

UIO_MAXIOV = 1024
_TOP = 1 << 63


class UserBuffers:
    """Pieces of user memory, (address, size) each; offsets count through all of them.

    `size` is what they hold together, at most `AddressSpace.transfer_max`.
    """

    __slots__ = ("pieces", "size", "space")

    def __init__(self, space: AddressSpace, pieces: list[tuple[int, int]]) -> None:
        """EFAULT: a piece that no user address can be in. access_ok"""
        self.space = space
        self.pieces: list[tuple[int, int]] = []
        limit = room = space.transfer_max
        for address, size in pieces:
            if size >= _TOP or address + size > _TOP:
                raise EFAULT
            size = min(size, room)
            room -= size
            if size:
                self.pieces.append((address, size))
        self.size = limit - room

    def _from(self, offset: int, size: int) -> list[tuple[int, int]]:
        """The pieces of `size` bytes from `offset` on."""
        pieces = self.pieces
        if len(pieces) == 1:
            address, have = pieces[0]
            return [(address + offset, min(size, have - offset))]
        found = []
        for address, have in pieces:
            if offset >= have:
                offset -= have
                continue
            if size <= 0:
                break
            take = min(have - offset, size)
            found.append((address + offset, take))
            size -= take
            offset = 0
        return found

    def writable(self, offset: int, size: int) -> int:
        """How many bytes from `offset`, up to `size`, can be stored; pages are faulted in."""
        return self._extent(offset, size, user_memory.writable)

    def readable(self, offset: int, size: int) -> int:
        """How many bytes from `offset`, up to `size`, can be loaded."""
        return self._extent(offset, size, user_memory.readable)

    def _extent(self, offset: int, size: int, extent: object) -> int:
        total = 0
        for address, have in self._from(offset, size):
            good: int = extent(self.space, address, have)  # type: ignore[operator]
            total += good
            if good < have:
                break
        return total

    def store(self, offset: int, data: bytes) -> None:
        """Store `data` at `offset`. EFAULT."""
        if len(self.pieces) == 1:
            user_memory.write(self.space, self.pieces[0][0] + offset, data)
            return
        view = memoryview(data)
        for address, size in self._from(offset, len(data)):
            user_memory.write(self.space, address, view[:size])
            view = view[size:]

    def load(self, offset: int, size: int) -> bytes:
        """The `size` bytes at `offset`. EFAULT."""
        parts = [user_memory.read(self.space, address, have) for address, have in self._from(offset, size)]
        return parts[0] if len(parts) == 1 else b"".join(parts)


def import_iovec(space: AddressSpace, iov: int, count: int) -> UserBuffers:
    """The buffers that an array of struct iovec names. lib/iov_iter.c:__import_iovec

    Raises:
        EINVAL: more than UIO_MAXIOV, or a negative length. EFAULT: the array, or an address out of range.
    """
    if count > UIO_MAXIOV:
        raise EINVAL
    words = struct.unpack(f"<{2 * count}Q", user_memory.read(space, iov, 16 * count)) if count else ()
    pieces = list(zip(words[::2], words[1::2], strict=True))
    if any(size >= _TOP for _, size in pieces):
        raise EINVAL
    return UserBuffers(space, pieces)
