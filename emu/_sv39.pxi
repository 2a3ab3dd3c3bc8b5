# Sv39 page tables. The RISC-V Instruction Set Manual Volume II, "Sv39: Page-Based 39-bit Virtual-Memory System".
#
#   virtual address:  38..30 vpn[2] | 29..21 vpn[1] | 20..12 vpn[0] | 11..0 offset
#   entry:            53..10 ppn | 9..8 RSW | 7 D | 6 A | 5 G | 4 U | 3 X | 2 W | 1 R | 0 V
#
# The two bits that Sv39 leaves to software mean here: bit 8, copy the frame before the first store; bit 9, the frame
# belongs to a file.

PTE_V = 1
PTE_R = 2
PTE_W = 4
PTE_X = 8
PTE_U = 16
PTE_A = 64
PTE_D = 128
PTE_COW = 256
PTE_FILE = 512
USER_END = 1 << 38

DEF V = 1
DEF R = 2
DEF W = 4
DEF X = 8
DEF U = 16
DEF A = 64
DEF D = 128
DEF COW = 256
DEF FILE_BIT = 512
DEF TOP = 1 << 38

cdef uint64_t _asid = 0


cdef class PageTable:
    """The user half of one address space, as a tree of tables in RAM that the hart itself walks.

    Addresses are virtual and page-aligned where a page is meant; ranges are half-open. The table holds a reference to
    each frame that it maps. `stale` is set when an entry lost something; the gate then flushes before it runs.
    """

    cdef readonly Frames frames
    cdef uint64_t root              # ppn
    cdef readonly uint64_t satp
    cdef readonly uint64_t tables   # pages that hold the tree, the root included
    cdef readonly uint64_t anon     # pages mapped that belong to no file
    cdef readonly uint64_t file     # pages mapped that belong to a file
    cdef public bint stale
    cdef uint64_t zero_start
    cdef uint64_t zero_end
    cdef uint64_t zero_flags
    cdef public uint64_t zero_faults

    def __init__(self, Frames frames not None):
        """An empty tree. MemoryError: no frame for its root."""
        global _asid
        self.frames = frames
        self.root = frames.take(True)
        if self.root == 0:
            raise MemoryError("out of frames")
        self.tables = 1
        _asid = (_asid + 1) & 0xffff
        self.satp = (<uint64_t> 8 << 60) | (_asid << 44) | self.root

    def free(self):
        """Give back every frame that is mapped, and the tree itself. The table is dead afterwards."""
        if self.root:
            self._clear(0, TOP)
            self._free_tables()
            self.frames.drop(self.root)
            self.root = 0
            self.tables = 0
            self.satp = 0
            self.zero_start = self.zero_end = 0
            self.stale = True

    # ---- walking

    cdef uint64_t *_leaf(self, uint64_t va, bint make):
        # The entry for `va`; NULL if a table on the way is missing (and cannot be made).
        cdef uint64_t *entry
        cdef uint64_t ppn = self.root, new
        cdef int level
        if va >= TOP or ppn == 0:
            return NULL
        for level in range(2, 0, -1):
            entry = <uint64_t *> self.frames.at(ppn) + ((va >> (12 + 9 * level)) & 511)
            if entry[0] & V == 0:
                if not make:
                    return NULL
                new = self.frames.take(True)
                if new == 0:
                    return NULL
                self.tables += 1
                entry[0] = (new << 10) | V
            ppn = (entry[0] >> 10) & 0xfffffffffff
        return <uint64_t *> self.frames.at(ppn) + ((va >> 12) & 511)

    def walk(self, uint64_t va):
        """The entry that maps `va`, 0 if there is none."""
        cdef uint64_t *entry = self._leaf(va, False)
        return entry[0] if entry != NULL and entry[0] & V else 0

    def levels(self, uint64_t va):
        """The entries met on the way to `va`, from the root's on, up to the first that is not valid."""
        cdef uint64_t ppn = self.root, entry
        cdef int level
        found = []
        if va >= TOP or ppn == 0:
            return found
        for level in range(2, -1, -1):
            entry = (<uint64_t *> self.frames.at(ppn))[(va >> (12 + 9 * level)) & 511]
            found.append(entry)
            if entry & V == 0 or entry & (R | W | X):
                break
            ppn = (entry >> 10) & 0xfffffffffff
        return found

    def translate(self, uint64_t va):
        """The physical address of `va`, or None where nothing is mapped."""
        cdef uint64_t *entry = self._leaf(va, False)
        if entry == NULL or entry[0] & V == 0:
            return None
        return ((entry[0] >> 10) & 0xfffffffffff) * PAGE + (va & 4095)

    # ---- changing

    cdef inline void _drop(self, uint64_t entry) noexcept:
        if entry & FILE_BIT:
            self.file -= 1
        else:
            self.anon -= 1
        self.frames.drop((entry >> 10) & 0xfffffffffff)

    cdef inline void _install(self, uint64_t *entry, uint64_t ppn, uint64_t flags) noexcept:
        if entry[0] & V:
            self._drop(entry[0])
            self.stale = True
        if flags & FILE_BIT:
            self.file += 1
        else:
            self.anon += 1
        if flags & X:
            self.frames.flags[ppn - self.frames.first] |= FRAME_CODE
        entry[0] = (ppn << 10) | flags | V

    def map(self, uint64_t va, uint64_t ppn, uint64_t flags):
        """Map the page at `va` to frame `ppn`, taking over the caller's reference. `flags`: PTE_* bits.

        MemoryError: no frame for a table; the reference is still the caller's.
        """
        cdef uint64_t *entry = self._leaf(va, True)
        if entry == NULL:
            raise MemoryError("out of frames")
        self._install(entry, ppn, flags)

    def map_cached(self, dict pages not None, uint64_t index, uint64_t count, uint64_t va, uint64_t flags):
        """Map those of a file's pages that are in frames and not mapped yet; returns how many.

        `pages`: page index to ppn. Page `index` belongs at `va`, and `count` from there on; each that is mapped gets a
        reference of its own. Where no frame is left for a table, it ends early.
        """
        cdef uint64_t *entry = NULL
        cdef uint64_t ppn, end = va + count * PAGE
        cdef object found
        cdef int mapped = 0
        while va < end:
            if entry == NULL or va & 0x1fffff == 0:
                entry = self._leaf(va, True)
                if entry == NULL:
                    break
            if entry[0] & V == 0:
                found = pages.get(index)
                if found is not None:
                    ppn = found
                    self.frames.hold(ppn)
                    self._install(entry, ppn, flags)
                    mapped += 1
            entry += 1
            index += 1
            va += PAGE
        return mapped

    def map_zero(self, uint64_t va, uint64_t flags):
        """Map a new zeroed frame at `va`. MemoryError: no frame is left; nothing changed."""
        cdef uint64_t *entry = self._leaf(va, True)
        cdef uint64_t ppn
        if entry == NULL:
            raise MemoryError("out of frames")
        ppn = self.frames.take(True)
        if ppn == 0:
            raise MemoryError("out of frames")
        self._install(entry, ppn, flags)

    def set_zero_window(self, uint64_t start, uint64_t end, uint64_t flags):
        """From now on the gate itself maps zeroed frames on first touches inside [start, end)."""
        self.zero_start = start
        self.zero_end = end
        self.zero_flags = flags

    cdef bint fill_zero(self, uint64_t va):
        # First touch inside the zero window: map a frame. False if it is anything else, or memory is out.
        cdef uint64_t *entry
        cdef uint64_t ppn
        if va < self.zero_start or va >= self.zero_end:
            return False
        entry = self._leaf(va, True)
        if entry == NULL or entry[0] & V:
            return False
        ppn = self.frames.take(True)
        if ppn == 0:
            return False
        self._install(entry, ppn, self.zero_flags)
        self.zero_faults += 1
        return True

    def own(self, uint64_t va):
        """Make the page at `va` writable after a store to a shared one: copy its frame unless this is its only user.

        MemoryError: no frame for the copy. ValueError: the page is not marked PTE_COW.
        """
        cdef uint64_t *entry = self._leaf(va, False)
        cdef uint64_t old, new
        if entry == NULL or entry[0] & (V | COW) != V | COW:
            raise ValueError("the page is not copy-on-write")
        old = (entry[0] >> 10) & 0xfffffffffff
        if entry[0] & FILE_BIT == 0 and self.frames.counts[old - self.frames.first] == 1:
            entry[0] = (entry[0] & ~<uint64_t> COW) | W | D
            return
        new = self.frames.take(False)
        if new == 0:
            raise MemoryError("out of frames")
        memcpy(self.frames.at(new), self.frames.at(old), PAGE)
        self._install(entry, new, (entry[0] & 0xff & ~<uint64_t> V) | W | A | D)

    cdef void _clear(self, uint64_t start, uint64_t end):
        cdef uint64_t va = start
        cdef uint64_t *entry
        cdef uint64_t *top
        cdef uint64_t *middle
        while va < end:
            top = <uint64_t *> self.frames.at(self.root) + (va >> 30)
            if top[0] & V == 0:
                va = ((va >> 30) + 1) << 30
                continue
            middle = <uint64_t *> self.frames.at((top[0] >> 10) & 0xfffffffffff) + ((va >> 21) & 511)
            if middle[0] & V == 0:
                va = ((va >> 21) + 1) << 21
                continue
            entry = <uint64_t *> self.frames.at((middle[0] >> 10) & 0xfffffffffff) + ((va >> 12) & 511)
            if entry[0] & V:
                self._drop(entry[0])
                entry[0] = 0
                self.stale = True
            va += PAGE

    cdef void _free_tables(self):
        cdef uint64_t *top = <uint64_t *> self.frames.at(self.root)
        cdef uint64_t *middle
        cdef int i, j
        for i in range(256):
            if top[i] & V:
                middle = <uint64_t *> self.frames.at((top[i] >> 10) & 0xfffffffffff)
                for j in range(512):
                    if middle[j] & V:
                        self.frames.drop((middle[j] >> 10) & 0xfffffffffff)
                self.frames.drop((top[i] >> 10) & 0xfffffffffff)
                top[i] = 0

    def unmap(self, uint64_t start, uint64_t end):
        """Unmap [start, end), giving back the frames; tables that hold nothing else are given back too."""
        cdef uint64_t base
        cdef uint64_t *top
        cdef uint64_t *middle
        if end > TOP:
            end = TOP
        self._clear(start, end)
        # Leaf tables that lie inside the range whole.
        base = (start + 0x1fffff) & ~<uint64_t> 0x1fffff
        while base + 0x200000 <= end:
            top = <uint64_t *> self.frames.at(self.root) + (base >> 30)
            if top[0] & V == 0:
                base = ((base >> 30) + 1) << 30
                continue
            middle = <uint64_t *> self.frames.at((top[0] >> 10) & 0xfffffffffff) + ((base >> 21) & 511)
            if middle[0] & V:
                self.frames.drop((middle[0] >> 10) & 0xfffffffffff)
                self.tables -= 1
                middle[0] = 0
                self.stale = True
            base += 0x200000

    def protect(self, uint64_t start, uint64_t end, uint64_t flags, bint private):
        """Give every page mapped in [start, end) the permissions R, W, X, U of `flags`.

        `private`: a page whose frame someone else may see (a file's, or one shared by fork) gets PTE_COW for W.
        """
        cdef uint64_t va = start, new
        cdef uint64_t *entry
        while va < end:
            entry = self._leaf(va, False)
            if entry == NULL:
                va = ((va >> 21) + 1) << 21
                continue
            if entry[0] & V:
                new = (entry[0] & ~<uint64_t> (R | W | X | U)) | (flags & (R | W | X | U))
                if new & W and private and (new & (COW | FILE_BIT) or self.frames.counts[
                        ((new >> 10) & 0xfffffffffff) - self.frames.first] > 1):
                    new = (new & ~<uint64_t> W) | COW
                if new & X:
                    self.frames.flags[((new >> 10) & 0xfffffffffff) - self.frames.first] |= FRAME_CODE
                if entry[0] & ~new & (R | W | X | U):
                    self.stale = True
                entry[0] = new
            va += PAGE

    def share(self, PageTable child not None, uint64_t start, uint64_t end, bint private):
        """Map the pages of [start, end) in `child` too: the same frames. `private`: both copy before a store.

        MemoryError: no frame for a table of the child; what was mapped so far stays.
        """
        cdef uint64_t va = start, ppn
        cdef uint64_t *entry
        cdef uint64_t *other = NULL
        cdef uint64_t other_base = <uint64_t> -1
        while va < end:
            entry = self._leaf(va, False)
            if entry == NULL:
                va = ((va >> 21) + 1) << 21
                continue
            if entry[0] & V:
                if private and entry[0] & W:
                    entry[0] = (entry[0] & ~<uint64_t> W) | COW
                    self.stale = True
                if va >> 21 != other_base:
                    other = child._leaf(va & ~<uint64_t> 0x1fffff, True)
                    if other == NULL:
                        raise MemoryError("out of frames")
                    other_base = va >> 21
                other[(va >> 12) & 511] = entry[0]
                ppn = (entry[0] >> 10) & 0xfffffffffff
                self.frames.hold(ppn)
                if entry[0] & FILE_BIT:
                    child.file += 1
                else:
                    child.anon += 1
            va += PAGE

    def move(self, uint64_t old, uint64_t new, uint64_t size):
        """Move the entries of [old, old + size) to `new`; the ranges do not overlap and nothing is mapped at `new`.

        MemoryError: no frame for a table; what was moved so far stays moved.
        """
        cdef uint64_t offset = 0
        cdef uint64_t *source
        cdef uint64_t *target
        while offset < size:
            source = self._leaf(old + offset, False)
            if source != NULL and source[0] & V:
                target = self._leaf(new + offset, True)
                if target == NULL:
                    raise MemoryError("out of frames")
                target[0] = source[0]
                source[0] = 0
                self.stale = True
            offset += PAGE

    def age(self, uint64_t start, uint64_t end, uint64_t flags):
        """Clear the bits `flags` (PTE_A, PTE_D) of every page mapped in [start, end)."""
        cdef uint64_t va = start
        cdef uint64_t *entry
        while va < end:
            entry = self._leaf(va, False)
            if entry == NULL:
                va = ((va >> 21) + 1) << 21
                continue
            if entry[0] & V:
                entry[0] &= ~(flags & <uint64_t> (A | D))
                self.stale = True
            va += PAGE

    def hide(self, uint64_t va, bint hidden):
        """Take a mapped page from user mode, or give it back; the kernel's own walk needs it given back."""
        cdef uint64_t *entry = self._leaf(va, False)
        if entry != NULL and entry[0] & V and (entry[0] & U == 0) != hidden:
            entry[0] ^= U
            self.stale = True

    def entries(self, uint64_t start, uint64_t end):
        """[(va, entry), …] of the pages mapped in [start, end), ascending."""
        cdef uint64_t va = start
        cdef uint64_t *entry
        found = []
        if end > TOP:
            end = TOP
        while va < end:
            entry = self._leaf(va, False)
            if entry == NULL:
                va = ((va >> 21) + 1) << 21
                continue
            if entry[0] & V:
                found.append((va, entry[0]))
            va += PAGE
        return found

    def accounted(self):
        """(anon, file, tables) counted afresh from the tree, to check the running counts against."""
        cdef uint64_t *top = <uint64_t *> self.frames.at(self.root)
        cdef uint64_t *middle
        cdef int i, j
        tables = 1
        for i in range(256):
            if top[i] & V:
                tables += 1
                middle = <uint64_t *> self.frames.at((top[i] >> 10) & 0xfffffffffff)
                for j in range(512):
                    if middle[j] & V:
                        tables += 1
        pages = [entry for _, entry in self.entries(0, TOP)]
        files = sum(1 for entry in pages if entry & FILE_BIT)
        return len(pages) - files, files, tables

    # ---- the kernel's accesses to user memory

    cdef inline uint8_t *_user(self, uint64_t va, uint64_t need) noexcept:
        # The host address of `va` if the page grants `need`, else NULL.
        cdef uint64_t *entry = self._leaf(va, False)
        if entry == NULL or entry[0] & need != need:
            return NULL
        return self.frames.at((entry[0] >> 10) & 0xfffffffffff) + (va & 4095)

    cdef uint8_t *fetch(self, uint64_t va):
        return self._user(va, V | U | X)

    def copy_in(self, uint64_t va, uint64_t size):
        """The `size` bytes at `va`; or, where a page is not readable, the first address that is not, as an int.
        Nothing is allocated before the whole range is known to be readable.

        An address at or past the end of the user half comes back as it is.
        """
        cdef bytes data
        cdef uint8_t *target
        cdef uint8_t *source
        cdef uint64_t chunk, done = 0
        if va >= TOP or size > TOP - va:
            return TOP if va < TOP else va
        source = self._user(va, V | U | R)
        if source == NULL and size:
            return va
        if size > PAGE:
            while done < size:
                if self._user(va + done, V | U | R) == NULL:
                    return va + done
                done += PAGE - ((va + done) & 4095)
            done = 0
        data = PyBytes_FromStringAndSize(NULL, size)
        target = <uint8_t *> PyBytes_AS_STRING(data)
        while done < size:
            source = self._user(va + done, V | U | R)
            if source == NULL:
                return va + done
            chunk = PAGE - ((va + done) & 4095)
            if chunk > size - done:
                chunk = size - done
            memcpy(target + done, source, chunk)
            done += chunk
        return data

    def copy_out(self, uint64_t va, const uint8_t[::1] data):
        """Store `data` at `va`. -1 when all is stored; else the first address that is not writable (nothing past it
        is stored, what lies before it is)."""
        cdef uint64_t size = data.shape[0], chunk, done = 0
        cdef uint64_t *entry
        cdef uint64_t ppn
        if va >= TOP or size > TOP - va:
            return TOP if va < TOP else va
        while done < size:
            entry = self._leaf(va + done, False)
            if entry == NULL or entry[0] & (V | U | W) != V | U | W:
                return va + done
            chunk = PAGE - ((va + done) & 4095)
            if chunk > size - done:
                chunk = size - done
            ppn = (entry[0] >> 10) & 0xfffffffffff
            entry[0] |= A | D
            memcpy(self.frames.at(ppn) + ((va + done) & 4095), &data[done], chunk)
            self.frames.written(ppn, (va + done) & 4095, ((va + done) & 4095) + chunk)
            done += chunk
        return -1

    def probe(self, uint64_t va, uint64_t size, bint write):
        """-1 if [va, va + size) is readable (writable), else the first address that is not."""
        cdef uint64_t done = 0, need = V | U | (W if write else R)
        if va >= TOP or size > TOP - va:
            return TOP if va < TOP else va
        while done < size:
            if self._user(va + done, need) == NULL:
                return va + done
            done += PAGE - ((va + done) & 4095)
        return -1

    def load(self, uint64_t va, int size):
        """The unsigned little-endian integer of 4 or 8 bytes at `va`, or -1 if it is not readable in one page."""
        cdef uint8_t *source
        if (va & 4095) > <uint64_t> (PAGE - size):
            return -1
        source = self._user(va, V | U | R)
        if source == NULL:
            return -1
        return (<uint32_t *> source)[0] if size == 4 else (<uint64_t *> source)[0]

    def string(self, uint64_t va, uint64_t limit):
        """The bytes at `va` up to a NUL, which is left out; an int: the first unreadable address; None: no NUL
        within `limit` bytes."""
        cdef uint8_t *source
        cdef uint8_t *end
        cdef uint64_t chunk, done = 0
        parts = None
        while done < limit:
            source = self._user(va + done, V | U | R) if va + done < TOP else NULL
            if source == NULL:
                return va + done
            chunk = PAGE - ((va + done) & 4095)
            if chunk > limit - done:
                chunk = limit - done
            end = <uint8_t *> memchr(source, 0, chunk)
            if end != NULL:
                tail = PyBytes_FromStringAndSize(<char *> source, end - source)
                return tail if parts is None else parts + tail
            head = PyBytes_FromStringAndSize(<char *> source, chunk)
            parts = head if parts is None else parts + head
            done += chunk
        return None
