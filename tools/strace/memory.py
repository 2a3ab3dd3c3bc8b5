"""A guest's memory as an onlooker sees it: nothing is faulted in, nothing is marked as touched."""

from __future__ import annotations

from rvsim.guest_os.abi.mman import PROT_READ
from rvsim.guest_os.fs import looking
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import PAGE_SIZE, TASK_SIZE

MAX_READ = 1 << 16


def read(space: AddressSpace | None, address: int, size: int) -> bytes | None:
    """The `size` bytes at `address`; None if not all of them are readable, or there are too many to be shown.

    A page that the program has not touched yet is read from where it would come from: its file, or nothing.
    """
    if space is None or size < 0 or size > MAX_READ or address < 0 or address + size > TASK_SIZE:
        return None
    parts = []
    while size:
        chunk = min(size, PAGE_SIZE - address % PAGE_SIZE)
        data: bytes | int | None = space.table.copy_in(address, chunk)
        if not isinstance(data, bytes):
            data = _untouched(space, address, chunk)
            if data is None:
                return None
        parts.append(data)
        address += chunk
        size -= chunk
    return b"".join(parts)


def _untouched(space: AddressSpace, address: int, size: int) -> bytes | None:
    """Bytes of a page that is not in the page table."""
    area = space.areas.find(address)
    if area is None or not area.prot & PROT_READ:
        return None
    cache = area.cache
    if cache is None:
        return bytes(size)
    offset = address - area.start + area.offset
    page = cache.pages.get(offset // PAGE_SIZE)
    start = offset % PAGE_SIZE
    if page is not None:
        return cache.frames.read(page, start, start + size)
    data = looking.page(cache.backing, offset // PAGE_SIZE)
    return None if data is None else data[start:start + size]


def string(space: AddressSpace | None, address: int, limit: int) -> tuple[bytes, bool] | None:
    """(the bytes before the first NUL, whether there was one) among at most `limit`; None: unreadable."""
    found = b""
    while len(found) < limit:
        chunk = min(limit - len(found), PAGE_SIZE - address % PAGE_SIZE)
        data = read(space, address, chunk)
        if data is None:
            return None
        text, nul, _ = data.partition(b"\0")
        found += text
        if nul:
            return found, True
        address += chunk
    return found, False
