"""Structures that grow from version to version. include/linux/uaccess.h:copy_struct_from_user"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import E2BIG
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace


def read_struct(space: AddressSpace, address: int, size: int, known: int) -> bytes:
    """`known` bytes of a structure of which the program gives `size`: cut, or filled up with zeros.

    Raises:
        E2BIG: what is beyond `known` is not zero. EFAULT.
    """
    data = user_memory.read(space, address, size)
    if any(data[known:]):
        raise E2BIG
    return data[:known].ljust(known, b"\0")
