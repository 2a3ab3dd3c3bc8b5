"""Regular files in memory: chunks of 64 KiB, made as they are written; what was never written is a hole. mm/shmem.c

Blocks are counted by pages of 4096 bytes: a chunk keeps a bit per page that was written or reserved.
Differs: pages that fallocate reserved, and nobody wrote, are data to SEEK_DATA and SEEK_HOLE (tmpfs says holes).
"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import ENOSPC, ENXIO, EOPNOTSUPP
from rvsim.guest_os.abi.fcntl import FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE
from rvsim.guest_os.fs.mem_node import MemNode
from rvsim.guest_os.vfs.inode import Inode

PAGE_SHIFT = 12
PAGE_BYTES = 1 << PAGE_SHIFT
CHUNK_SHIFT = 16
CHUNK_BYTES = 1 << CHUNK_SHIFT
_CHUNK_MASK = CHUNK_BYTES - 1
_MANY_PAGES = 1 << 12
_ZERO_CHUNK = bytes(CHUNK_BYTES)


class MemFile(MemNode):
    """A regular file in memory.

    Attributes:
        chunks: chunk index to its bytes; a chunk may be shorter than 64 KiB: the rest is zeros.
        pages: chunk index to the bit set of its pages that exist (bit 0 the lowest).
    """

    __slots__ = ("chunks", "pages")

    def __init__(self, sb: object, mode: int, uid: int, gid: int) -> None:
        super().__init__(sb, mode, uid, gid)  # type: ignore[arg-type]
        self.chunks: dict[int, bytearray] = {}
        self.pages: dict[int, int] = {}

    def blocks(self) -> int:
        return sum(bits.bit_count() for bits in self.pages.values()) << PAGE_SHIFT >> 9

    def map_target(self) -> Inode:
        return self

    # Reading ----------------------------------------------------------------------------------------------------------

    def read_at(self, offset: int, size: int) -> bytes:
        left = self.size - offset
        if size > left:
            if left <= 0:
                return b""
            size = left
        if self.mapping is not None:
            return self.mapping.read(offset, size)
        start = offset & _CHUNK_MASK
        if start + size <= CHUNK_BYTES:
            chunk = self.chunks.get(offset >> CHUNK_SHIFT)
            if chunk is None:
                return bytes(size)
            data = bytes(chunk[start : start + size])
            return data if len(data) == size else data.ljust(size, b"\0")
        return self.read_raw(offset, size)

    def read_raw(self, offset: int, size: int) -> bytes:
        size = min(size, self.size - offset)
        parts: list[bytes | memoryview] = []
        while size > 0:
            start = offset & _CHUNK_MASK
            count = min(size, CHUNK_BYTES - start)
            chunk = self.chunks.get(offset >> CHUNK_SHIFT)
            have = 0
            if chunk is not None:
                part = bytes(chunk[start : start + count])
                parts.append(part)
                have = len(part)
            if have < count:
                parts.append(_ZERO_CHUNK[: count - have])
            offset += count
            size -= count
        return b"".join(parts)

    # Writing ----------------------------------------------------------------------------------------------------------

    def write_at(self, offset: int, data: bytes) -> int:
        size = len(data)
        index = offset >> CHUNK_SHIFT
        start = offset & _CHUNK_MASK
        end = start + size
        if end <= CHUNK_BYTES and self.mapping is None:
            # One chunk: the common case, without the general machinery.
            bits = (2 << (end - 1 >> PAGE_SHIFT)) - (1 << (start >> PAGE_SHIFT))
            have = self.pages.get(index, 0)
            if bits & ~have:
                try:
                    self.sb.take_pages((bits & ~have).bit_count())
                except ENOSPC:
                    return self._write_what_fits(offset, data)
                self.pages[index] = have | bits
            chunk = self.chunks.get(index)
            if chunk is None:
                chunk = self.chunks[index] = bytearray()
            if start > len(chunk):
                chunk.extend(bytes(start - len(chunk)))
            chunk[start:end] = data
        else:
            try:
                self.charge(offset, size)
            except ENOSPC:
                return self._write_what_fits(offset, data)
            self._put(offset, data)
            if self.mapping is not None:
                self.mapping.write(offset, data)
        offset += size
        if offset > self.size:
            self.size = offset
        self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()
        return size

    def _write_what_fits(self, offset: int, data: bytes) -> int:
        """Write page by page until space ends. Raises ENOSPC if not even the first byte fits."""
        done = 0
        while done < len(data):
            count = min(PAGE_BYTES - (offset + done & PAGE_BYTES - 1), len(data) - done)
            try:
                self.charge(offset + done, count)
            except ENOSPC:
                if not done:
                    raise
                break
            part = data[done : done + count]
            self._put(offset + done, part)
            if self.mapping is not None:
                self.mapping.write(offset + done, part)
            done += count
        self.size = max(self.size, offset + done)
        self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()
        return done

    def write_raw(self, offset: int, data: bytes) -> None:
        self._put(offset, data)

    def _put(self, offset: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            start = offset & _CHUNK_MASK
            count = min(len(view), CHUNK_BYTES - start)
            index = offset >> CHUNK_SHIFT
            chunk = self.chunks.get(index)
            if chunk is None:
                chunk = self.chunks[index] = bytearray()
            if start > len(chunk):
                chunk.extend(bytes(start - len(chunk)))
            chunk[start : start + count] = view[:count]
            view = view[count:]
            offset += count

    def resident(self, index: int) -> bool:
        return bool(self.pages.get(index >> 4, 0) >> (index & 15) & 1)

    def charge(self, offset: int, size: int) -> None:
        """Count the pages of a range as existing; all or none. Raises ENOSPC."""
        new: dict[int, int] = {}
        count = 0
        page, last = offset >> PAGE_SHIFT, offset + size - 1 >> PAGE_SHIFT
        if last - page > _MANY_PAGES and last - page - (self.blocks() >> PAGE_SHIFT - 9) >= self.sb.free_pages():
            raise ENOSPC                   # before going through what cannot all be had
        while page <= last:
            index = page >> 4
            end = min(last, index << 4 | 15)
            bits = (2 << (end & 15)) - (1 << (page & 15))
            have = self.pages.get(index, 0)
            if bits & ~have:
                new[index] = have | bits
                count += (bits & ~have).bit_count()
            page = end + 1
        if count:
            self.sb.take_pages(count)
            self.pages.update(new)

    # Size and holes ---------------------------------------------------------------------------------------------------

    def truncate(self, size: int) -> None:
        old = self.size
        self.size = size
        if self.mapping is not None:
            self.mapping.truncate(size)
        if size < old:
            self._drop_after(size)
        self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()

    def _drop_after(self, size: int) -> None:
        first = size >> CHUNK_SHIFT
        start = size & _CHUNK_MASK
        freed = 0
        for index in [index for index in self.pages if index >= first]:
            keep = (1 << (start + PAGE_BYTES - 1 >> PAGE_SHIFT)) - 1 if index == first else 0
            have = self.pages[index]
            freed += (have & ~keep).bit_count()
            if have & keep:
                self.pages[index] = have & keep
            else:
                del self.pages[index]
        for index in [index for index in self.chunks if index >= first]:
            if index == first and start:
                del self.chunks[index][start:]
            else:
                del self.chunks[index]
        self.sb.give_pages(freed)

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        """Reserve or punch; tmpfs does nothing else. mm/shmem.c:shmem_fallocate. EOPNOTSUPP, ENOSPC."""
        if mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE):
            raise EOPNOTSUPP
        end = offset + size
        if mode & FALLOC_FL_PUNCH_HOLE:
            self._zero(offset, min(end, self.size))
            self._punch(offset, end)
            self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()
            return
        self.charge(offset, size)
        if end > self.size and not mode & FALLOC_FL_KEEP_SIZE:
            self.size = end

    def _zero(self, offset: int, end: int) -> None:
        if self.mapping is not None:
            self.mapping.zero(offset, end)
        first, last = offset >> CHUNK_SHIFT, end - 1 >> CHUNK_SHIFT
        for index in [index for index in self.chunks if first <= index <= last]:
            chunk = self.chunks[index]
            start = max(offset - (index << CHUNK_SHIFT), 0)
            stop = min(end - (index << CHUNK_SHIFT), len(chunk))
            if start < stop:
                chunk[start:stop] = bytes(stop - start)

    def _punch(self, offset: int, end: int) -> None:
        """Free the whole pages of a range, which reads as zeros already.

        Differs: what a shared memory map may write to stays counted as used.
        """
        mapping = self.mapping
        page, last = offset + PAGE_BYTES - 1 >> PAGE_SHIFT, end >> PAGE_SHIFT
        for index in [index for index in self.pages if page >> 4 <= index <= last >> 4]:
            low, high = max(page - (index << 4), 0), min(last - (index << 4), 16)
            if low < high:
                have = self.pages[index]
                gone = have & (1 << high) - (1 << low)
                if mapping is not None:
                    for page_bit in range(low, high):
                        if gone >> page_bit & 1 and mapping.is_dirty((index << 4) + page_bit):
                            gone &= ~(1 << page_bit)
                self.sb.give_pages(gone.bit_count())
                self.pages[index] = have & ~gone
                if have == gone:
                    del self.pages[index]
                    self.chunks.pop(index, None)

    def seek_data(self, offset: int, hole: bool) -> int:
        page, end = offset >> PAGE_SHIFT, self.size + PAGE_BYTES - 1 >> PAGE_SHIFT
        while page < end:
            bits = self.pages.get(page >> 4, 0)
            if not bits and not hole:
                later = [index for index in self.pages if index > page >> 4]
                if not later:
                    break
                page = min(later) << 4
                continue
            if bool(bits >> (page & 15) & 1) is not hole:
                return max(offset, page << PAGE_SHIFT) if page << PAGE_SHIFT < self.size else self.size
            page += 1
        if hole:
            return self.size
        raise ENXIO

    def evict(self) -> None:
        if self.mapping is not None:
            self.mapping.truncate(0)
        self.sb.give_pages(sum(bits.bit_count() for bits in self.pages.values()))
        self.pages.clear()
        self.chunks.clear()
        super().evict()
