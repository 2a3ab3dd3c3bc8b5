"""The kernel's only way into a user's memory: range, area and permission are checked, pages are faulted in.

Every failure is EFAULT, whatever its cause. lib/usercopy.c
"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, ENAMETOOLONG
from rvsim.guest_os.abi.mman import PROT_READ, PROT_WRITE
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.fault import Access, BadAccess
from rvsim.guest_os.mm.vma import Vma

_U64 = struct.Struct("<Q")
_U32 = struct.Struct("<I")


def _touch(space: AddressSpace, address: int, access: Access) -> None:
    try:
        space.fault(address, access)
    except BadAccess:
        raise EFAULT from None


def read(space: AddressSpace, address: int, size: int) -> bytes:
    """The `size` bytes at `address`.

    Raises:
        EFAULT: not all of them are readable.
    """
    if not size:
        return b""                            # wherever that is
    table = space.table
    while True:
        data = table.copy_in(address, size)
        if isinstance(data, bytes):
            if space.spy is not None:
                space.spy.reads(address, size)
            return data
        _touch(space, data, Access.READ)


def write(space: AddressSpace, address: int, data: bytes | bytearray | memoryview) -> None:
    """Store `data` at `address`.

    Raises:
        EFAULT: not all of it is writable; what lies before the first bad page may be stored.
    """
    if not data:
        return
    if space.spy is not None and writable(space, address, len(data)) == len(data) and space.spy.writes(address, data):
        return
    table = space.table
    while True:
        bad = table.copy_out(address, data)
        if bad == -1:
            return
        _touch(space, bad, Access.WRITE)


def readable(space: AddressSpace, address: int, size: int) -> int:
    """How many of the `size` bytes at `address` are readable, faulting them in."""
    return _extent(space, address, size, Access.READ)


def writable(space: AddressSpace, address: int, size: int) -> int:
    """How many of the `size` bytes at `address` are writable, faulting them in: a store cannot fail afterwards."""
    return _extent(space, address, size, Access.WRITE)


def _extent(space: AddressSpace, address: int, size: int, access: Access) -> int:
    while True:
        bad = space.table.probe(address, size, access == Access.WRITE)
        if bad == -1:
            return size
        try:
            space.fault(bad, access)
        except BadAccess:
            return max(bad - address, 0)


def read_u64(space: AddressSpace, address: int) -> int:
    """The unsigned 64-bit integer at `address`. EFAULT: not readable."""
    value: int = space.table.load(address, 8)
    if value >= 0 and space.spy is None:
        return value
    return int(_U64.unpack(read(space, address, 8))[0])


def read_u32(space: AddressSpace, address: int) -> int:
    """The unsigned 32-bit integer at `address`. EFAULT: not readable."""
    value: int = space.table.load(address, 4)
    if value >= 0 and space.spy is None:
        return value
    return int(_U32.unpack(read(space, address, 4))[0])


def write_u64(space: AddressSpace, address: int, value: int) -> None:
    """Store a 64-bit integer. EFAULT: not writable."""
    write(space, address, _U64.pack(value & 0xFFFF_FFFF_FFFF_FFFF))


def write_u32(space: AddressSpace, address: int, value: int) -> None:
    """Store a 32-bit integer. EFAULT: not writable."""
    write(space, address, _U32.pack(value & 0xFFFF_FFFF))


def string(space: AddressSpace, address: int, limit: int) -> bytes | None:
    """The bytes at `address` before the first NUL; None if there is none among the first `limit`.

    Raises:
        EFAULT: a byte before the NUL is not readable.
    """
    while True:
        found = space.table.string(address, limit)
        if not isinstance(found, int):
            if space.spy is not None:
                space.spy.reads(address, limit if found is None else len(found) + 1)
            return found
        _touch(space, found, Access.READ)


def path(space: AddressSpace, address: int) -> bytes:
    """A path name: at most 4,096 bytes with its NUL. fs/namei.c:getname_flags

    Raises:
        EFAULT: not readable.
        ENAMETOOLONG: no NUL within PATH_MAX.
    """
    while True:
        name = space.table.string(address, 4096)
        if isinstance(name, bytes):
            if space.spy is not None:
                space.spy.reads(address, len(name) + 1)
            return name
        if name is None:
            raise ENAMETOOLONG
        _touch(space, name, Access.READ)


def _area_for(space: AddressSpace, address: int, grow: bool) -> Vma | None:
    """The area at `address`; `grow`: a stack is let grow to it."""
    area = space.areas.find(address)
    if area is None and grow:
        try:
            space.fault(address, Access.READ)
        except BadAccess:
            return None
        area = space.areas.find(address)
    return area


def force_read(space: AddressSpace, address: int, size: int, grow: bool) -> bytes:
    """What a debugger reads: also what the program itself may not, up to the first byte that is not mapped.

    `grow`: a stack grows as if its program had touched it. mm/gup.c, FOLL_FORCE; mm/memory.c:__access_remote_vm
    """
    parts: list[bytes] = []
    done = 0
    while done < size:
        at = address + done
        area = _area_for(space, at, grow)
        if area is None:
            break
        if area.prot:
            there = readable(space, at, min(size - done, area.end - at))
            wanted = there
            parts.append(read(space, at, there))
        else:
            page = at & ~4095
            wanted = min(size - done, page + 4096 - at)
            area.prot = PROT_READ
            try:
                there = readable(space, at, wanted)
                parts.append(read(space, at, there))
            finally:
                area.prot = 0
                space.protect_page(page, 0)
        done += there
        if not there or there < wanted:
            break
    return b"".join(parts)


def force_write(space: AddressSpace, address: int, data: bytes, grow: bool) -> int:
    """Store `data` as a debugger does, through private pages that cannot be written; returns how many bytes went in.

    The page becomes the process's own copy, and stays as it was for the program. `grow` as in `force_read`.
    mm/gup.c, FOLL_FORCE
    """
    done = 0
    while done < len(data):
        at = address + done
        page = at & ~4095
        size = min(len(data) - done, page + 4096 - at)
        area = _area_for(space, at, grow)
        if area is None or (area.shared and not area.prot & PROT_WRITE):
            break
        before = area.prot
        try:
            area.prot = before | PROT_WRITE
            write(space, at, data[done:done + size])
        except EFAULT:
            break
        finally:
            if not before & PROT_WRITE:
                area.prot = before
                space.protect_page(page, before)
        done += size
    return done
