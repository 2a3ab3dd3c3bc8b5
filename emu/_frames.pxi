# Physical memory: one RAM, shared with the hart, and a reference count per 4 KiB frame.

DEF PAGE = 4096
DEF AHEAD = 64          # frames that the host is asked for at once
DEF FRAME_CODE = 1      # some page table mapped this frame executable: the hart may hold blocks made from it


cdef class Frames:
    """The frame allocator. A frame is named by its ppn (physical page number) and lives while its count is not zero.

    Fresh frames come from a rising mark, so RAM that was never used is never touched; freed ones come back last in,
    first out. Which frame is given is decided by the order of calls alone.
    """

    cdef uint8_t *ram
    cdef readonly uint64_t base         # physical address of the first byte
    cdef readonly uint64_t size         # bytes
    cdef readonly uint64_t first        # ppn of the first frame
    cdef readonly uint64_t total        # frames
    cdef uint64_t mark                  # frames from here on were never given out
    cdef uint64_t freed
    cdef uint32_t *stack
    cdef uint32_t *counts
    cdef uint8_t *flags
    cdef object keep
    cdef object gate

    def __init__(self, object memory, uintptr_t address, uint64_t base, uint64_t size):
        """`memory` owns the `size` bytes at host `address`, which the hart sees at physical `base`."""
        self.keep = memory
        self.ram = <uint8_t *> address
        self.base = base
        self.size = size
        self.first = base // PAGE
        self.total = size // PAGE
        self.stack = <uint32_t *> calloc(self.total, sizeof(uint32_t))
        self.counts = <uint32_t *> calloc(self.total, sizeof(uint32_t))
        self.flags = <uint8_t *> calloc(self.total, 1)
        if self.stack == NULL or self.counts == NULL or self.flags == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.stack)
        free(self.counts)
        free(self.flags)

    cdef attach(self, object gate):
        self.gate = gate

    def detach(self):
        """Let go of the gate, which also holds these frames."""
        self.gate = None

    @property
    def free(self):
        """Frames that can still be given out."""
        return self.freed + self.total - self.mark

    @property
    def used(self):
        """Frames in use."""
        return self.mark - self.freed

    cdef uint64_t take(self, bint zero):
        # A frame with count 1, 0 if there is none left (ppn 0 is below RAM).
        cdef uint64_t index
        if self.freed:
            self.freed -= 1
            index = self.stack[self.freed]
            if self.flags[index]:
                self.flags[index] = 0
                (<Gate> self.gate).forget_code(self.base + index * PAGE, self.base + (index + 1) * PAGE)
            if zero:
                memset(self.ram + index * PAGE, 0, PAGE)
        elif self.mark < self.total:
            index = self.mark
            if index % AHEAD == 0:
                # One call is cheaper than a fault of the host's for each; where it is refused, they come one by one.
                rv_populate(self.ram + index * PAGE, (AHEAD if index + AHEAD <= self.total else self.total - index) * PAGE)
            self.mark += 1
        else:
            return 0
        self.counts[index] = 1
        return self.first + index

    cdef inline void hold(self, uint64_t ppn) noexcept:
        self.counts[ppn - self.first] += 1

    cdef inline void drop(self, uint64_t ppn) noexcept:
        cdef uint64_t index = ppn - self.first
        self.counts[index] -= 1
        if self.counts[index] == 0:
            self.stack[self.freed] = <uint32_t> index
            self.freed += 1

    cdef inline uint8_t *at(self, uint64_t ppn) noexcept:
        return self.ram + (ppn - self.first) * PAGE

    cdef inline bint has(self, uint64_t ppn) noexcept:
        return self.first <= ppn < self.first + self.total

    cdef void written(self, uint64_t ppn, uint64_t start, uint64_t end):
        # The kernel changed bytes [start, end) of a frame: blocks made from them are void.
        if self.flags[ppn - self.first]:
            (<Gate> self.gate).forget_code(ppn * PAGE + start, ppn * PAGE + end)

    def alloc(self):
        """A zeroed frame with count 1. MemoryError: none is left."""
        cdef uint64_t ppn = self.take(True)
        if ppn == 0:
            raise MemoryError("out of frames")
        return ppn

    def get(self, uint64_t ppn):
        """One more reference to frame `ppn`. ValueError: it is not in use."""
        self._check(ppn)
        self.hold(ppn)

    def put(self, uint64_t ppn):
        """One reference less; the last one frees the frame. ValueError: it is not in use."""
        self._check(ppn)
        self.drop(ppn)

    cdef _check(self, uint64_t ppn):
        if not self.has(ppn) or self.counts[ppn - self.first] == 0:
            raise ValueError(f"frame {ppn:#x} is not in use")

    def count(self, uint64_t ppn):
        """References to frame `ppn`, 0 if it is free."""
        return self.counts[ppn - self.first] if self.has(ppn) else 0

    def read(self, uint64_t ppn, uint32_t start=0, uint32_t end=PAGE):
        """Bytes [start, end) of a frame in use. ValueError: not in use, or not inside one frame."""
        self._check(ppn)
        if start > end or end > PAGE:
            raise ValueError("a frame has 4096 bytes")
        return PyBytes_FromStringAndSize(<char *> (self.at(ppn) + start), end - start)

    def write(self, uint64_t ppn, uint32_t start, const uint8_t[::1] data):
        """Store `data` at byte `start` of a frame in use. ValueError: not in use, or past its end."""
        self._check(ppn)
        if start + <uint64_t> data.shape[0] > PAGE:
            raise ValueError("a frame has 4096 bytes")
        if data.shape[0]:
            memcpy(self.at(ppn) + start, &data[0], data.shape[0])
            self.written(ppn, start, start + data.shape[0])

    def clear(self, uint64_t ppn, uint32_t start=0, uint32_t end=PAGE):
        """Zero bytes [start, end) of a frame in use. ValueError: not in use, or not inside one frame."""
        self._check(ppn)
        if start > end or end > PAGE:
            raise ValueError("a frame has 4096 bytes")
        memset(self.at(ppn) + start, 0, end - start)
        self.written(ppn, start, end)

    def duplicate(self, uint64_t ppn):
        """A new frame with the contents of `ppn`. MemoryError: none is left."""
        cdef uint64_t copy
        self._check(ppn)
        copy = self.take(False)
        if copy == 0:
            raise MemoryError("out of frames")
        memcpy(self.at(copy), self.at(ppn), PAGE)
        return copy
