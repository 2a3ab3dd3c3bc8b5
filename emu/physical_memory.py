"""RAM by physical address, for what is not the hart: firmware, loaders, devices."""

from collections.abc import Callable


class OutsideMemory(Exception):
    """An access that does not lie wholly in RAM."""


class PhysicalMemory:
    """RAM `[base, base + size)`. `changed(start, end)` is told of every store, so that code made from it is dropped."""

    def __init__(self, view: memoryview, base: int, changed: Callable[[int, int], None]) -> None:
        self._view = view
        self._changed = changed
        self.base = base
        self.size = len(view)

    def check(self, address: int, size: int) -> None:
        """Raises OutsideMemory: `[address, address + size)` does not lie in RAM."""
        if not self.base <= address <= address + size <= self.base + self.size:
            raise OutsideMemory(f"[{address:#x}, {address + size:#x}) is not in RAM")

    def read(self, address: int, size: int) -> bytes:
        """The `size` bytes at `address`. Raises OutsideMemory."""
        self.check(address, size)
        return bytes(self._view[address - self.base:address - self.base + size])

    def write(self, address: int, data: bytes) -> None:
        """Store `data` at `address`. Raises OutsideMemory; nothing is stored."""
        self.check(address, len(data))
        if data:
            self._view[address - self.base:address - self.base + len(data)] = data
            self._changed(address, address + len(data))

    def load(self, address: int, size: int) -> int:
        """The unsigned little-endian integer of `size` bytes at `address`. Raises OutsideMemory."""
        return int.from_bytes(self.read(address, size), "little")

    def clear(self) -> None:
        """Zero all of RAM, as after power-on."""
        chunk = bytes(1 << 20)
        for start in range(0, self.size, len(chunk)):
            self.write(self.base + start, chunk[:self.size - start])
