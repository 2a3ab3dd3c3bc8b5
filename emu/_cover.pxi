# Which code ran: blocks are noted as they are entered. Included by `_gate.pyx`.
#
# While a log is attached, a block calls the hook at its first two entries: the first notes it, the second makes it count
# its ticks by itself, so that it costs no more from then on. (Two, so that it is known which entry a trap came from.)
# What must hold:
# - a note is of code that ran: where a block was left in its middle the first time, its note ends there, and the block
#   is made again, so that its next entry is noted too;
# - notes are handed on before anybody can change what the running address space maps.

DEF NOTES = 4096
DEF SEEN = 1 << 15

cdef struct Note:
    uint64_t start
    uint64_t end

cdef struct SeenBlock:
    uint64_t start
    uint64_t space      # the address space, as it was mapped at the time
    uint64_t size

cdef struct Cover:
    Note *notes
    Py_ssize_t used
    Py_ssize_t room
    bint open           # the last note is of a block of which nothing says that it came to its end
    bint lost           # the host had no memory for a note
    uint64_t space
    uint64_t changes
    SeenBlock *seen     # by a hash of `start`; one that was pushed out is noted again


cdef class CoverLog:
    """Virtual ranges of the code that ran, on their way to `sink(notes)`: 16 bytes each, start and end.

    The sink is called between two runs of the engine, with what ran in the address space that is loaded. Ranges are
    whole instructions, one behind the other in straight code, and may come more than once; one that trapped has run. An
    exception of `sink` passes through the gate's `run` or `step`.
    """

    cdef Cover cover
    cdef object sink

    def __cinit__(self, object sink):
        self.sink = sink
        memset(&self.cover, 0, sizeof(Cover))
        self.cover.room = NOTES
        self.cover.notes = <Note *> malloc(NOTES * sizeof(Note))
        self.cover.seen = <SeenBlock *> calloc(SEEN, sizeof(SeenBlock))
        if self.cover.notes == NULL or self.cover.seen == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.cover.notes)
        free(self.cover.seen)

    cdef int drain(self) except -1:
        cdef Cover *cover = &self.cover
        data = PyBytes_FromStringAndSize(<char *> cover.notes, cover.used * sizeof(Note))
        cover.used = 0
        cover.open = False
        if cover.lost:
            raise MemoryError("no memory for the notes of what ran")
        self.sink(data)
        return 0


cdef inline SeenBlock *seen_at(Cover *cover, uint64_t start) noexcept nogil:
    return &cover.seen[(start * <uint64_t> 0x9e3779b97f4a7c15) >> 49]


cdef inline uint64_t space_key(Cover *cover) noexcept nogil:
    return cover.space + cover.changes * <uint64_t> 0x9e3779b97f4a7c15


cdef inline bint was_seen(Cover *cover, uint64_t start, uint32_t size) noexcept nogil:
    cdef SeenBlock *seen = seen_at(cover, start)
    return seen.size == size and seen.start == start and seen.space == space_key(cover)


cdef void note_block(Cover *cover, uint64_t start, uint32_t size) noexcept nogil:
    cdef SeenBlock *seen = seen_at(cover, start)
    cdef Note *notes
    if cover.used == cover.room:
        notes = <Note *> realloc(cover.notes, 2 * cover.room * sizeof(Note))
        if notes == NULL:
            cover.lost = True
            return
        cover.notes = notes
        cover.room *= 2
    cover.notes[cover.used].start = start
    cover.notes[cover.used].end = start + size
    cover.used += 1
    cover.open = True
    seen.start = start
    seen.size = size
    seen.space = space_key(cover)


cdef bint cut_note(Cover *cover, uint64_t start, uint32_t size, uint64_t end) noexcept nogil:
    # The block at `start` was left at `end`, in its middle. Whether this was the first that is known of it.
    cdef Note *note = &cover.notes[cover.used - 1]
    if not cover.open or not cover.used or note.start != start or note.end != start + size or end >= note.end:
        return False
    note.end = end
    if end == start:
        cover.used -= 1
    cover.open = False
    seen_at(cover, start).size = 0
    return True
