"""The kernel's own pages in every program: the vDSO, a library of functions that need no call, and the data they read.

arch/riscv/kernel/vdso.c. The library is made by `vdso_image`; the data is what to add to the counter `time` for each
clock. `rdtime` is answered by the trap gate without Python, so a clock read this way costs a quarter of a system call.
"""

from __future__ import annotations

from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ
from rvsim.guest_os.mm import vdso_image
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.memory import Memory
from rvsim.guest_os.mm.page_cache import PageCache
from rvsim.guest_os.mm.vdso_code import data_page


class _KernelPages:
    """What stands behind the pages: their bytes."""

    __slots__ = ("data", "mapping")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.mapping: object | None = None

    @property
    def size(self) -> int:
        return len(self.data)

    def read_raw(self, offset: int, size: int) -> bytes:
        return self.data[offset:offset + size]

    def write_raw(self, offset: int, data: bytes) -> None:
        """Nobody maps them writable and shared, so there is nothing to store."""

    def charge(self, offset: int, size: int) -> None:
        """For the same reason there is nothing to do."""


class Vdso:
    """The pages, shared by all programs. `sigreturn_offset`: where in the library the return from a handler stands."""

    def __init__(self, memory: Memory, realtime_base_ns: int) -> None:
        image = vdso_image.build()
        self.size = len(image.data)
        self.sigreturn_offset = image.symbols["__vdso_rt_sigreturn"]
        self._data = _KernelPages(data_page(realtime_base_ns).ljust(PAGE_SIZE, b"\0"))
        self.data_cache: PageCache = memory.cache_of(self._data)
        self.cache: PageCache = memory.cache_of(_KernelPages(image.data))

    def set_realtime_base(self, base_ns: int) -> None:
        """Real time was set: from now on it is monotonic time plus `base_ns`, in every program."""
        data = data_page(base_ns)
        self._data.data = data.ljust(PAGE_SIZE, b"\0")
        self.data_cache.write(0, data)

    def map(self, space: AddressSpace) -> None:
        """Add the pages to a new address space and note where the library is. ENOMEM."""
        start = space.find_free(PAGE_SIZE + self.size)
        space.map(start, PAGE_SIZE, PROT_READ, 0, self.data_cache, 0, None, b"[vvar]")
        space.vdso = start + PAGE_SIZE
        space.map(space.vdso, self.size, PROT_READ | PROT_EXEC, 0, self.cache, 0, None, b"[vdso]")
