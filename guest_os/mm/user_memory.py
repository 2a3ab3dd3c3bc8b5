"""The kernel's only way into a user's memory: range, area and permission are checked, pages are faulted in.

Every failure is EFAULT, whatever its cause. lib/usercopy.c
"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, ENAMETOOLONG
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.fault import Access, BadAccess

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
            return data
        _touch(space, data, Access.READ)


def write(space: AddressSpace, address: int, data: bytes | bytearray | memoryview) -> None:
    """Store `data` at `address`.

    Raises:
        EFAULT: not all of it is writable; what lies before the first bad page may be stored.
    """
    if not data:
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
    if value >= 0:
        return value
    return int(_U64.unpack(read(space, address, 8))[0])


def read_u32(space: AddressSpace, address: int) -> int:
    """The unsigned 32-bit integer at `address`. EFAULT: not readable."""
    value: int = space.table.load(address, 4)
    if value >= 0:
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
            return name
        if name is None:
            raise ENAMETOOLONG
        _touch(space, name, Access.READ)


def force_write(space: AddressSpace, address: int, data: bytes) -> int:
    """Store `data` as a debugger does, through private pages that are read-only; returns how many bytes went in.

    mm/gup.c, FOLL_FORCE: the page becomes the process's own copy, and stays read-only for the program.
    """
    done = 0
    while done < len(data):
        at = address + done
        page = at & ~4095
        size = min(len(data) - done, page + 4096 - at)
        area = space.areas.find(at)
        if area is None or not area.prot or (area.shared and not area.prot & 2):
            break
        before = area.prot
        try:
            if not before & 2:
                area.prot = before | 2
            write(space, at, data[done:done + size])
        except EFAULT:
            break
        finally:
            if not before & 2:
                area.prot = before
                space.protect_page(page, before)
        done += size
    return done
