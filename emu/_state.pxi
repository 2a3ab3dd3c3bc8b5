# The state of memory, page tables and hart as plain data, and back: for snapshots, taken while no program runs.
#
# What is brought back may come from a stranger. Nothing here trusts it: a frame number that leads out of RAM, a table
# that is also data, a count that is wrong, are refused (ValueError) before the hart or the walkers see them.

ZERO_PAGE = bytes(PAGE)
"""Every page of zeros is this object in what `frames_state` gives."""

DEF PPN_MASK = 0xfffffffffff
DEF LARGE = 2048                # from so many frames on, the host is asked for large pages


def frames_state(Frames frames not None, list before=None):
    """(pages, free, counts, flags) of all frames ever given out, by index.

    `pages`: 4,096 bytes each, None for a frame that is free; where the frame holds what `before` (pages of an earlier
    state) has at its index, that very object. `free`: indexes of free frames, as `uint32`, the next to be given last;
    `counts`: `uint32` each; `flags`: a byte each. Numbers are in the host's byte order.
    """
    cdef uint64_t index, known = len(before) if before is not None else 0
    cdef uint8_t *here
    cdef uint8_t *zero = <uint8_t *> PyBytes_AS_STRING(ZERO_PAGE)
    cdef object old
    cdef list pages = [None] * frames.mark
    for index in range(frames.mark):
        if frames.counts[index] == 0:
            continue
        here = frames.ram + index * PAGE
        if index < known:
            old = before[index]
            if type(old) is bytes and len(<bytes> old) == PAGE and memcmp(PyBytes_AS_STRING(<bytes> old), here, PAGE) == 0:
                pages[index] = old
                continue
        if memcmp(zero, here, PAGE) == 0:
            pages[index] = ZERO_PAGE
        else:
            pages[index] = PyBytes_FromStringAndSize(<char *> here, PAGE)
    return (pages, PyBytes_FromStringAndSize(<char *> frames.stack, frames.freed * 4),
            PyBytes_FromStringAndSize(<char *> frames.counts, frames.mark * 4),
            PyBytes_FromStringAndSize(<char *> frames.flags, frames.mark))


def frames_adopt(Frames frames not None, list pages not None, bytes free not None, bytes counts not None,
                 bytes flags not None, bint replace=False):
    """Take over what `frames_state` gave. What the frames hold already stays as it is where it is the same, and so does
    what the hart has translated from it.

    `replace`: frames may be in use still, by what nobody will use again.

    ValueError: frames are in use, the parts do not fit together, or there is more than fits into RAM; nothing was
    changed.
    """
    cdef uint64_t index, mark = len(pages), freed = len(free) // 4, unused = 0, before = frames.mark
    cdef const uint32_t *stack = <const uint32_t *> PyBytes_AS_STRING(free)
    cdef const uint32_t *count = <const uint32_t *> PyBytes_AS_STRING(counts)
    cdef const uint8_t *flag = <const uint8_t *> PyBytes_AS_STRING(flags)
    cdef const uint8_t *zero = <const uint8_t *> PyBytes_AS_STRING(ZERO_PAGE)
    cdef const uint8_t *wanted
    cdef uint8_t *here
    cdef object page
    cdef bint fresh = before == 0
    if frames.mark != frames.freed and not replace:
        raise ValueError("frames are in use")
    if mark > frames.total or len(free) % 4 or <uint64_t> len(counts) != mark * 4 or <uint64_t> len(flags) != mark:
        raise ValueError("the frames do not fit")
    for index in range(mark):
        page = pages[index]
        if (page is None) != (count[index] == 0):
            raise ValueError("a frame in use has no contents, or a free one has")
        if page is None:
            unused += 1
        elif type(page) is not bytes or len(<bytes> page) != PAGE:
            raise ValueError("a frame has 4096 bytes")
    if unused != freed or not _are_free(stack, freed, count, mark):
        raise ValueError("the list of free frames is wrong")
    if mark >= LARGE and before < LARGE:
        rv_large_pages(frames.ram, mark * PAGE)
    for index in range(mark if mark > before else before):
        here = frames.ram + index * PAGE
        page = pages[index] if index < mark else ZERO_PAGE
        if page is None:
            continue                    # its flag stays too, for when it is taken
        wanted = zero if page is ZERO_PAGE else <const uint8_t *> PyBytes_AS_STRING(<bytes> page)
        if index < before:
            if memcmp(here, wanted, PAGE) != 0:
                if frames.flags[index]:
                    (<Gate> frames.gate).forget_code(frames.base + index * PAGE, frames.base + (index + 1) * PAGE)
                memcpy(here, wanted, PAGE)
            elif frames.flags[index] and (index >= mark or not flag[index]):
                (<Gate> frames.gate).forget_code(frames.base + index * PAGE, frames.base + (index + 1) * PAGE)
        elif page is not ZERO_PAGE:
            if index % AHEAD == 0 and mark < LARGE:
                rv_populate(here, (AHEAD if index + AHEAD <= mark else mark - index) * PAGE)
            memcpy(here, wanted, PAGE)
        frames.flags[index] = flag[index] if index < mark else 0
    memcpy(frames.stack, stack, freed * 4)
    memcpy(frames.counts, count, mark * 4)
    if before > mark:
        memset(frames.counts + mark, 0, (before - mark) * 4)
    frames.mark = mark
    frames.freed = freed


cdef bint _are_free(const uint32_t *stack, uint64_t freed, const uint32_t *count, uint64_t mark) except -1:
    # Whether the list names free frames only, and each once.
    cdef uint8_t *seen = <uint8_t *> calloc(mark + 1, 1)
    cdef uint64_t index
    cdef bint good = True
    if seen == NULL:
        raise MemoryError
    for index in range(freed):
        if stack[index] >= mark or count[stack[index]] or seen[stack[index]]:
            good = False
            break
        seen[stack[index]] = 1
    calloc_free(seen)
    return good


cdef void calloc_free(void *memory) noexcept:
    free(memory)


def table_state(PageTable table not None):
    """A page table apart from its frames: (root, asid, stale, zero_start, zero_end, zero_flags, zero_faults, tables,
    anon, file); a table that was given back has root 0."""
    return (table.root, (table.satp >> 44) & 0xffff, bool(table.stale), table.zero_start, table.zero_end,
            table.zero_flags, table.zero_faults, table.tables, table.anon, table.file)


def table_adopt(Frames frames not None, uint64_t root, uint64_t asid, bint stale, uint64_t zero_start,
                uint64_t zero_end, uint64_t zero_flags, uint64_t zero_faults, uint64_t tables, uint64_t anon,
                uint64_t file):
    """The page table whose tree is in `frames` already.

    ValueError: the root is no frame in use, or a number is impossible. The tree itself is for `table_references`.
    """
    cdef PageTable table = PageTable.__new__(PageTable)
    if root and (not frames.has(root) or frames.counts[root - frames.first] == 0):
        raise ValueError("the root of a page table is no frame in use")
    if asid >> 16 or zero_start > zero_end or zero_end > TOP or (zero_start | zero_end) & (PAGE - 1) or \
            zero_flags & ~<uint64_t> (R | W | X | U | A | D):
        raise ValueError("a page table is impossible")
    table.frames = frames
    table.root = root
    table.satp = (<uint64_t> 8 << 60) | (asid << 44) | root if root else 0
    table.stale = stale
    table.zero_start = zero_start
    table.zero_end = zero_end
    table.zero_flags = zero_flags
    table.zero_faults = zero_faults
    table.tables = tables
    table.anon = anon
    table.file = file
    return table


def table_references(Frames frames not None, list tables not None):
    """How many references the trees of `tables` hold to each frame, `uint32` by index, the trees' own frames included.

    ValueError: an entry leads to no frame in use; a frame is part of two trees, or of a tree and something else;
    an entry says what no entry of ours says; a table's counts are wrong.
    """
    cdef bytes result = bytes(frames.mark * 4)
    cdef uint32_t *found = <uint32_t *> PyBytes_AS_STRING(result)
    cdef uint8_t *inner = <uint8_t *> calloc(frames.mark + 1, 1)
    cdef PageTable table
    cdef uint64_t index
    cdef bint good = True
    if inner == NULL:
        raise MemoryError
    for table in tables:
        if table.frames is not frames or not _tree(frames, table, found, inner):
            good = False
            break
    if good:
        for index in range(frames.mark):
            if inner[index] and (found[index] != 1 or frames.counts[index] != 1 or frames.flags[index]):
                good = False
                break
    calloc_free(inner)
    if not good:
        raise ValueError("a page table is impossible")
    return result


cdef bint _tree(Frames frames, PageTable table, uint32_t *found, uint8_t *inner) noexcept:
    # Count the references of one tree. False: it is not one that this kernel makes.
    cdef uint64_t *top
    cdef uint64_t *middle
    cdef uint64_t *leaf
    cdef uint64_t i, j, k, entry, index, tables = 1, anon = 0, file = 0
    if table.root == 0:
        return table.tables == 0 and table.anon == 0 and table.file == 0
    index = _index(frames, table.root)
    if index == <uint64_t> -1:
        return False
    found[index] += 1
    inner[index] = 1
    top = <uint64_t *> (frames.ram + index * PAGE)
    for i in range(512):
        if top[i] & V == 0:
            if i >= 256 and top[i]:
                return False
            continue
        index = _inner(frames, top[i], found, inner)
        if i >= 256 or index == <uint64_t> -1:
            return False
        tables += 1
        middle = <uint64_t *> (frames.ram + index * PAGE)
        for j in range(512):
            if middle[j] & V == 0:
                continue
            index = _inner(frames, middle[j], found, inner)
            if index == <uint64_t> -1:
                return False
            tables += 1
            leaf = <uint64_t *> (frames.ram + index * PAGE)
            for k in range(512):
                entry = leaf[k]
                if entry & V == 0:
                    continue
                index = _index(frames, (entry >> 10) & PPN_MASK)
                if index == <uint64_t> -1 or entry >> 54 or entry & (R | W | X) == 0 or \
                        (entry & X and frames.flags[index] & FRAME_CODE == 0):
                    return False
                found[index] += 1
                if entry & FILE_BIT:
                    file += 1
                else:
                    anon += 1
    return tables == table.tables and anon == table.anon and file == table.file


cdef inline uint64_t _index(Frames frames, uint64_t ppn) noexcept:
    # The index of a frame in use, -1 for anything else.
    if ppn < frames.first or ppn >= frames.first + frames.mark or frames.counts[ppn - frames.first] == 0:
        return <uint64_t> -1
    return ppn - frames.first


cdef inline uint64_t _inner(Frames frames, uint64_t entry, uint32_t *found, uint8_t *inner) noexcept:
    # The frame that an entry names as a table of the next level.
    cdef uint64_t index = _index(frames, (entry >> 10) & PPN_MASK)
    if index == <uint64_t> -1 or entry & ~(<uint64_t> PPN_MASK << 10) != V:
        return <uint64_t> -1
    found[index] += 1
    inner[index] = 1
    return index


def gate_state(Gate gate not None):
    """(ticks, time_offset_ns, timebase_ns, traps, zero_fills, switches, cause, epc, tval, retired or None)."""
    return (gate.ticks, gate.time_offset_ns, gate.timebase_ns, gate.traps, gate.zero_fills, gate.switches, gate.cause,
            gate.epc, gate.tval, gate.retired)


def gate_adopt(Gate gate not None, tuple state not None, Context context, PageTable table):
    """Take over what `gate_state` gave, and what is loaded: `context` in `table`, or None. No stops are set.

    ValueError, TypeError, OverflowError: the state is impossible.
    """
    cdef uint64_t ticks, time_offset_ns, timebase_ns, traps, zero_fills, switches, epc, tval
    cdef int cause
    ticks, time_offset_ns, timebase_ns, traps, zero_fills, switches, cause, epc, tval, retired = state
    if timebase_ns == 0 or ticks >> 62:
        raise ValueError("the hart's clock is impossible")
    gate.unload()
    gate.flush_tlb()
    if gate.stops.count:
        gate.set_stops(())
    gate.attention = False
    gate.ticks = ticks
    gate.time_offset_ns = time_offset_ns
    gate.timebase_ns = timebase_ns
    gate.retired = retired
    if context is not None and table is not None and table.root:
        gate.load(context, table)
    gate.traps = traps
    gate.zero_fills = zero_fills
    gate.switches = switches
    gate.cause = cause
    gate.epc = epc
    gate.tval = tval


def context_state(Context context not None):
    """The registers and counts of a thread: 552 bytes, little-endian: pc, x1..x31, f0..f31, fcsr, four counts."""
    cdef uint64_t words[69]
    memcpy(words, context.x, 256)
    memcpy(words + 32, context.f, 256)
    words[64] = context.fcsr
    words[65] = context.calls_in
    words[66] = context.bytes_in
    words[67] = context.calls_out
    words[68] = context.bytes_out
    return PyBytes_FromStringAndSize(<char *> words, sizeof(words))


def context_adopt(bytes data not None):
    """The context that `context_state` gave. ValueError: not 552 bytes."""
    cdef Context context = Context()
    cdef const uint64_t *words = <const uint64_t *> PyBytes_AS_STRING(data)
    if len(data) != 552:
        raise ValueError("a context has 552 bytes")
    memcpy(context.x, words, 256)
    memcpy(context.f, words + 32, 256)
    context.fcsr = words[64] & 0xff
    context.calls_in, context.bytes_in, context.calls_out, context.bytes_out = words[65], words[66], words[67], words[68]
    return context
