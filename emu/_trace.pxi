# The trap log: a buffer of records of one size, written in C for what the gate answers and from Python for the rest,
# so that their order is the order in which things happened. What the fields of a record mean beyond these is its
# user's business.
#
# A record is 14 words of 64 bits:
#    0  kind (8 bits), cause (8), outcome (8), flags (8), number (32)
#    1  who: two numbers of 32 bits, set by `TraceLog.who`
#    2  ticks          3  nanoseconds        4  epc       5  tval
#    6  result         7  nanoseconds until it was answered
#    8  six arguments
#
# Packed, a record is a bitmap of 16 bits (bit i: word i differs from the one in the record before, the first from
# zeros), then for each such word its difference modulo 2**64, in zigzag form, as a LEB128 number.

DEF WORDS = 14
DEF PACKED = 142        # the longest a record can get: 2 + 14 * 10

cdef enum:
    _TRACE_CALL = 1
    _TRACE_TRAP = 2
    _FLAG_OPEN = 1          # not answered yet
    _FLAG_NO_RESULT = 2     # answered, but nothing went to a0
    _FLAG_GATE = 4          # answered by the gate
    _BY_ZERO_PAGE = 1
    _BY_COUNTER = 2
TRACE_CALL = _TRACE_CALL
TRACE_TRAP = _TRACE_TRAP
TRACE_OPEN = _FLAG_OPEN
TRACE_NO_RESULT = _FLAG_NO_RESULT
TRACE_GATE = _FLAG_GATE
TRACE_BY_ZERO_PAGE = _BY_ZERO_PAGE
TRACE_BY_COUNTER = _BY_COUNTER
TRACE_WORDS = WORDS


cdef class TraceLog:
    """Records on their way to `sink(packed, count)`, which is called when `batch` of them wait, and by `flush`.

    At most one record is open at a time: it stays in the buffer until it is answered or left, so whether an answer
    is found in its record does not depend on when the buffer was full. An exception of `sink` passes through.
    """

    cdef uint64_t *words
    cdef Py_ssize_t capacity
    cdef Py_ssize_t batch
    cdef Py_ssize_t used
    cdef Py_ssize_t open_at
    cdef uint64_t both
    cdef uint8_t *packed
    cdef object sink

    def __cinit__(self, object sink, Py_ssize_t batch=4096):
        if not 16 <= batch <= 65536:
            raise ValueError("a batch has 16 to 65536 records")
        self.sink = sink
        self.capacity = self.batch = batch
        self.open_at = -1
        self.words = <uint64_t *> malloc(batch * WORDS * 8)
        self.packed = <uint8_t *> malloc(batch * PACKED)
        if self.words == NULL or self.packed == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.words)
        free(self.packed)

    def who(self, uint32_t first, uint32_t second):
        """Whose the records are that the gate writes from now on."""
        self.both = first | <uint64_t> second << 32

    @property
    def waiting(self):
        """Records in the buffer."""
        return self.used

    def flush(self):
        """Hand every record to the sink but an open one and those behind it."""
        self._drain()

    cdef _drain(self):
        cdef Py_ssize_t count = self.used if self.open_at < 0 else self.open_at
        cdef Py_ssize_t at = 0, some
        try:
            while at < count:
                some = min(count - at, self.batch)
                data = PyBytes_FromStringAndSize(<char *> self.packed,
                                                 pack_records(self.words + at * WORDS, some, self.packed))
                at += some
                self.sink(data, some)
        finally:
            self.used -= at
            memmove(self.words, self.words + at * WORDS, self.used * WORDS * 8)
            if self.open_at >= 0:
                self.open_at -= at

    cdef uint64_t *_next(self) except NULL:
        cdef uint64_t *place
        if self.used == self.capacity:
            self._drain()
            if self.used == self.capacity:
                self._grow()
        place = self.words + self.used * WORDS
        self.used += 1
        return place

    cdef _grow(self):
        # All that waits happened inside one call.
        cdef void *words = realloc(self.words, 2 * self.capacity * WORDS * 8)
        if words == NULL:
            raise MemoryError
        self.words = <uint64_t *> words
        self.capacity *= 2

    cdef int begin(self, uint64_t head, uint64_t ticks, uint64_t ns, uint64_t epc, uint64_t tval,
                   uint64_t *arguments) except -1:
        # An open record of the running task.
        cdef uint64_t *place
        self.open_at = -1
        place = self._next()
        place[0] = head | <uint64_t> _FLAG_OPEN << 24
        place[1] = self.both
        place[2] = ticks
        place[3] = ns
        place[4] = epc
        place[5] = tval
        place[6] = place[7] = 0
        if arguments != NULL:
            memcpy(place + 8, arguments, 48)
        else:
            memset(place + 8, 0, 48)
        self.open_at = self.used - 1
        return 0

    cdef void end(self, uint64_t flags, uint64_t outcome, uint64_t result, uint64_t ns) noexcept:
        # The answer to the open record, if it is still open.
        cdef uint64_t *place
        if self.open_at < 0:
            return
        place = self.words + self.open_at * WORDS
        place[0] = (place[0] & ~<uint64_t> (_FLAG_OPEN << 24)) | flags << 24 | outcome << 16
        place[6] = result
        place[7] = ns - place[3]
        self.open_at = -1

    @property
    def open(self):
        """Whether the last trap that was noted still waits for its answer."""
        return self.open_at >= 0

    def leave(self):
        """The open record stays as it is: what answers it comes in another."""
        self.open_at = -1


def unpack_records(const uint8_t[::1] data not None, Py_ssize_t count):
    """`count` packed records as they were: 112 bytes each, little-endian. ValueError: the data is not that."""
    cdef Py_ssize_t at = 0, size = data.shape[0]
    cdef Py_ssize_t number
    cdef uint64_t word, bits
    cdef int field, shift
    cdef uint16_t changed
    cdef uint64_t *place
    cdef uint64_t before[WORDS]
    if count < 0 or count > 1 << 24 or count > size // 2:
        raise ValueError("the records are damaged")
    out = PyBytes_FromStringAndSize(NULL, count * WORDS * 8)
    place = <uint64_t *> PyBytes_AS_STRING(out)
    memset(before, 0, sizeof(before))
    for number in range(count):
        if size - at < 2:
            raise ValueError("the records are damaged")
        changed = data[at] | <uint16_t> data[at + 1] << 8
        at += 2
        if changed >> WORDS:
            raise ValueError("the records are damaged")
        for field in range(WORDS):
            if changed >> field & 1:
                word = 0
                shift = 0
                while True:
                    if at == size or shift > 63:
                        raise ValueError("the records are damaged")
                    bits = data[at]
                    at += 1
                    word |= (bits & 127) << shift
                    shift += 7
                    if bits < 128:
                        break
                before[field] += (word >> 1) ^ (0 - (word & 1))
            place[field] = before[field]
        place += WORDS
    if at != size:
        raise ValueError("the records are damaged")
    return out


cdef Py_ssize_t pack_records(uint64_t *words, Py_ssize_t count, uint8_t *out) noexcept nogil:
    # Bytes written to `out`, which has room for `count` records at their longest.
    cdef uint64_t zeros[WORDS]
    cdef uint64_t *before = zeros
    cdef uint8_t *start = out
    cdef uint8_t *map
    cdef uint16_t changed
    cdef uint64_t word
    cdef Py_ssize_t number
    cdef int field
    memset(zeros, 0, sizeof(zeros))
    for number in range(count):
        map = out
        out += 2
        changed = 0
        for field in range(WORDS):
            word = words[field] - before[field]
            if word:
                changed |= <uint16_t> (1 << field)
                word = word << 1 ^ (0 - (word >> 63))
                while word > 127:
                    out[0] = <uint8_t> (word | 128)
                    out += 1
                    word >>= 7
                out[0] = <uint8_t> word
                out += 1
        map[0] = <uint8_t> changed
        map[1] = <uint8_t> (changed >> 8)
        before = words
        words += WORDS
    return out - start
