# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The trap gate: the run loop, the engine's two hooks, page tables and registers, in C speed and without policy.

Included below: `_inline.pxi` (how a block counts its ticks), `_frames.pxi` (physical memory and its reference counts),
`_sv39.pxi` (page tables and every access that the kernel makes to a guest's memory), `_stops.pxi` (where to stop),
`_state.pxi` (all of that as data, for snapshots), `_trace.pxi` (the trap log) and `_cover.pxi` (which code ran). The
engine is reached through the addresses of its functions, handed in by `emu/hart.py`, so this module links against
nothing.

Per trap, this module makes no ctypes call and allocates nothing but the integers that a handler is given.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.long cimport PyLong_AsUnsignedLongLongMask
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memmove, memset

cdef extern from *:
    """
    #include <stdint.h>
    #include <stddef.h>
    #include <time.h>
    typedef int (*rv_emu_start_fn)(void *, uint64_t, uint64_t, uint64_t, size_t);
    typedef int (*rv_emu_stop_fn)(void *);
    typedef void (*rv_block_fn)(void *, uint64_t, uint32_t, void *);
    typedef int (*rv_reg_batch_fn)(void *, const int *, void **, int);
    typedef int (*rv_reg_fn)(void *, int, void *);
    typedef int (*rv_hook_add_fn)(void *, size_t *, int, void *, void *, uint64_t, uint64_t, ...);
    typedef int (*rv_ctl_fn)(void *, int, ...);
    typedef int (*rv_context_fn)(void *, void *);
    typedef int (*rv_context_alloc_fn)(void *, void **);
    /* UC_CTL_WRITE(type, nr) of unicorn.h: type | nr << 26 | write(1) << 30 */
    #define RV_CTL_WRITE(type, nr) ((int)((unsigned)(type) | ((unsigned)(nr) << 26) | (1u << 30)))
    static int rv_ctl0(rv_ctl_fn f, void *uc, int type) { return f(uc, RV_CTL_WRITE(type, 0)); }
    static int rv_ctl1(rv_ctl_fn f, void *uc, int type, int a) { return f(uc, RV_CTL_WRITE(type, 1), a); }
    static int rv_ctl2(rv_ctl_fn f, void *uc, int type, uint64_t a, uint64_t b)
        { return f(uc, RV_CTL_WRITE(type, 2), a, b); }
    static int rv_hook(rv_hook_add_fn f, void *uc, size_t *handle, int type, void *callback, void *data)
        { return f(uc, handle, type, callback, data, (uint64_t)1, (uint64_t)0); }
    static int rv_hook_at(rv_hook_add_fn f, void *uc, size_t *handle, int type, void *callback, void *data,
                          uint64_t first, uint64_t last)
        { return f(uc, handle, type, callback, data, first, last); }
    typedef int (*rv_vmem_read_fn)(void *, uint64_t, unsigned, void *, size_t);
    typedef struct { uint64_t pc; uint16_t icount; uint16_t size; } rv_block;   /* uc_tb of unicorn.h */
    #if defined(__linux__)
    #include <sys/mman.h>
    #endif
    static void rv_populate(void *start, size_t size) {
    #if defined(__linux__)
        madvise(start, size, 23 /* MADV_POPULATE_WRITE, Linux 5.14 */);
    #else
        (void)start; (void)size;
    #endif
    }
    static void rv_large_pages(void *start, size_t size) {
    #if defined(__linux__)
        madvise(start, size, MADV_HUGEPAGE);
    #else
        (void)start; (void)size;
    #endif
    }
    static uint64_t rv_monotonic_ns(void) {
        struct timespec ts;
        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
    }
    """
    ctypedef int (*rv_emu_start_fn)(void *, uint64_t, uint64_t, uint64_t, size_t) noexcept nogil
    ctypedef int (*rv_emu_stop_fn)(void *) noexcept nogil
    ctypedef void (*rv_block_fn)(void *, uint64_t, uint32_t, void *) noexcept nogil
    ctypedef int (*rv_reg_batch_fn)(void *, const int *, void **, int) noexcept nogil
    ctypedef int (*rv_reg_fn)(void *, int, void *) noexcept nogil
    ctypedef int (*rv_context_fn)(void *, void *) noexcept nogil
    ctypedef int (*rv_context_alloc_fn)(void *, void **) noexcept nogil
    ctypedef int (*rv_vmem_read_fn)(void *, uint64_t, unsigned, void *, size_t) noexcept nogil
    ctypedef struct rv_block:
        uint64_t pc
        uint16_t icount
        uint16_t size
    ctypedef void *rv_hook_add_fn
    ctypedef void *rv_ctl_fn
    int rv_ctl0(rv_ctl_fn, void *, int) noexcept nogil
    int rv_ctl1(rv_ctl_fn, void *, int, int) noexcept nogil
    int rv_ctl2(rv_ctl_fn, void *, int, uint64_t, uint64_t) noexcept nogil
    int rv_hook(rv_hook_add_fn, void *, size_t *, int, void *, void *) noexcept nogil
    int rv_hook_at(rv_hook_add_fn, void *, size_t *, int, void *, void *, uint64_t, uint64_t) noexcept nogil
    uint64_t rv_monotonic_ns() noexcept nogil
    void rv_populate(void *, size_t) noexcept nogil
    void rv_large_pages(void *, size_t) noexcept nogil

# Trap causes: The RISC-V Instruction Set Manual Volume II, "Supervisor Cause Register (scause)".
DEF CAUSE_FETCH_ACCESS = 1
DEF CAUSE_ILLEGAL = 2
DEF CAUSE_BREAKPOINT = 3
DEF CAUSE_ECALL_U = 8
DEF CAUSE_FETCH_PAGE = 12
DEF CAUSE_LOAD_PAGE = 13
DEF CAUSE_STORE_PAGE = 15

# Reasons to return from `Gate.run` that are no exception; causes are 0..15.
cdef enum:
    _SLICE_END = -1
    _ATTENTION = -2
    _HALT = -3
    _ENGINE_ERROR = -4
    _BREAK = -5
SLICE_END = _SLICE_END
ATTENTION = _ATTENTION
HALT = _HALT
ENGINE_ERROR = _ENGINE_ERROR
BREAK = _BREAK

include "_inline.pxi"
include "_frames.pxi"
include "_sv39.pxi"
include "_stops.pxi"
include "_trace.pxi"
include "_cover.pxi"

DEF MAX_CALLS = 2048
# where these fields of Engine stand
DEF LATE_INSIDE = 24
DEF LEFT = 32
DEF BLOCK_PC = 40
DEF BLOCK_SIZE = 48
DEF MAX_WATCHED = 64    # counter reads that are watched one by one; with more of them, every instruction is
DEF FETCH = 4           # UC_PROT_EXEC
DEF READ = 1            # UC_PROT_READ
cdef uint64_t NOWHERE = <uint64_t> -1
cdef uint64_t NEVER = <uint64_t> -1


cdef struct Engine:
    # What the hooks share with the run loop; C only, so that a hook needs no Python.
    void *uc
    rv_emu_stop_fn emu_stop
    rv_block_fn late_block
    rv_block_fn late_inside # what a block that counts by itself calls when nothing is left
    int64_t left            # ticks until the slice ends; a block entry with none left stops
    uint64_t block_pc
    uint16_t block_size
    uint64_t last_pc        # the block that ran last, if it left none
    uint16_t last_size
    uint64_t slice_end      # the tick at which it ends; so the ticks so far are slice_end - left
    int32_t cause           # of the last trap, -1 while none
    bint grace              # the slice was over when the run began: its first block runs all the same
    bint stopped            # the block hook stopped the run
    bint exact              # a slice ends at an instruction, not at a jump's target
    bint crossing           # the block hook stopped the run before a block in whose midst the slice ends
    uint64_t cut            # that block may run up to here
    uint64_t inside         # how often a block was made to count its ticks itself
    bint counting           # somebody read instret: count instructions too
    uint64_t retired        # instructions since then
    rv_vmem_read_fn vmem_read
    uint64_t watched[MAX_WATCHED]   # where a read of cycle or instret stands in some address space
    int watched_count
    bint watch_all
    uint64_t unwatched      # the engine just made a block with a counter read at this address that is not watched
    uint64_t passing        # run the instruction at this watched address: it is no counter read after all
    bint watch_hit          # stopped before a watched instruction
    bint early_tval         # note the faulting address as soon as it traps
    bint hide_exits         # the engine has exits, and a trap hides them from it
    rv_ctl_fn ctl
    int ctl_use_exits
    uint64_t tval
    Py_ssize_t tval_offset  # where it stands in a saved context, below 0: nobody knows
    rv_context_fn context_save
    void *saved
    Cover *cover            # NULL: nobody wants to know what ran
    uint8_t *caller         # where the block hook returns to, for `late_block`

# `rdcycle` and `rdinstret` do not trap in the engine: they would read the host's cycle counter. But each ends its
# block, and the engine tells of every block that it makes before that block first runs. So `on_new_block` looks at
# the last instruction; if it is one of these, the run stops, the instruction's address gets a code hook of its own
# (which stops before it, like a trap) and the block is made again. Code without such instructions pays nothing.


cdef inline uint64_t ticks_of(Engine *engine) noexcept nogil:
    # Bytes of instructions retired.
    return engine.slice_end - <uint64_t> engine.left


cdef inline void begin_slice(Engine *engine, int64_t budget) noexcept nogil:
    cdef uint64_t now = ticks_of(engine)
    if budget > <int64_t> 1 << 62:
        budget = <int64_t> 1 << 62
    engine.slice_end = now + <uint64_t> budget
    engine.left = budget


cdef inline bint is_counter(uint32_t word) noexcept nogil:
    # csrrs/csrrc/csrrsi/csrrci rd, cycle/instret, x0. (`rdtime` traps by itself; a write is illegal by itself.)
    return word & <uint32_t> 0xffdfa07f == <uint32_t> 0xc0002073


cdef inline bint is_watched(Engine *engine, uint64_t address) noexcept nogil:
    cdef int i
    if engine.watch_all:
        return True
    for i in range(engine.watched_count):
        if engine.watched[i] == address:
            return True
    return False


cdef uint64_t instructions(Engine *engine, uint64_t start, uint64_t end) noexcept nogil:
    # How many instructions stand in [start, end), which lies inside one block.
    cdef uint8_t code[512]
    cdef uint64_t count = 0, at = 0, size
    while start < end:
        size = end - start
        if size > sizeof(code):
            size = sizeof(code)
        if engine.vmem_read(engine.uc, start, FETCH, code, size):
            return count
        at = 0
        while at < size:
            at += 4 if code[at] & 3 == 3 else 2
            count += 1
        start += at
    return count


cdef bint goes_straight(Engine *engine, uint64_t address) noexcept nogil:
    # Whether `address` comes right behind the block that ran last, and that does not end in a jump or a branch. The
    # engine cuts blocks as it likes; a slice ends only where the program itself has a choice, so that its end follows
    # from the instructions alone, and comes at the same tick when somebody stops the program in between. (Not
    # `block_pc`: a block that counts by itself has put its own there before anybody asks.)
    cdef uint8_t code[512]
    cdef uint64_t start = engine.last_pc, size, at
    cdef uint32_t last = 0
    if address != start + engine.last_size or not engine.last_size:
        return False
    while start < address:
        size = address - start
        if size > sizeof(code):
            size = sizeof(code)
        if engine.vmem_read(engine.uc, start, FETCH, code, size):
            return False
        at = 0
        while at < size:
            last = code[at]
            if at + 1 < size:
                last |= <uint32_t> code[at + 1] << 8
            at += 4 if last & 3 == 3 else 2
        start += at
    return not is_jump(last)


cdef inline bint is_jump(uint32_t low) noexcept nogil:
    # The first 16 bits of an instruction: jal, jalr or a branch; c.j, c.beqz, c.bnez, c.jr, c.jalr. (c.ebreak traps.)
    if low & 3 == 3:
        return low & 0x7f in (0x63, 0x67, 0x6f)
    if low & 3 == 1:
        return low >> 13 >= 5
    return low & 3 == 2 and low >> 13 == 4 and low & 0x7c == 0


cdef uint64_t boundary(Engine *engine, uint64_t start, uint64_t size) noexcept nogil:
    # Where the first instruction stands that lies `size` (> 0) bytes or more behind `start`, in straight code.
    cdef uint8_t low = 0
    cdef uint64_t end = start + size
    while start < end:
        if engine.vmem_read(engine.uc, start, FETCH, &low, 1):
            return end
        start += 4 if low & 3 == 3 else 2
    return start


cdef void on_late_block(void *uc, uint64_t address, uint32_t size, void *data) noexcept nogil:
    # The slice is over, or will be behind this block or in it, or instructions are counted.
    cdef Engine *engine = <Engine *> data
    if engine.left <= 0:
        if not engine.grace and (engine.exact or not goes_straight(engine, address)):
            engine.stopped = True
            engine.emu_stop(uc)
            return
        engine.grace = False
    elif engine.exact and engine.left < size and address + size > engine.cut:
        engine.cut = boundary(engine, address, <uint64_t> engine.left)
        if engine.cut < address + size:
            engine.stopped = engine.crossing = True
            engine.emu_stop(uc)
            return
    if engine.counting:
        engine.retired += instructions(engine, address, address + size)
    engine.left -= size
    engine.block_pc = engine.last_pc = address
    engine.block_size = engine.last_size = <uint16_t> size


cdef void on_late_inside(void *uc, uint64_t address, uint32_t size, void *data) noexcept nogil:
    # A block that counts by itself has left no tick: as if it had not counted. Only `data` is an argument.
    cdef Engine *engine = <Engine *> data
    engine.left += engine.block_size
    on_late_block(engine.uc, engine.block_pc, engine.block_size, data)


cdef void on_block(void *uc, uint64_t address, uint32_t size, void *data) noexcept nogil:
    # Runs before every block, or only the first time where the block can count by itself. What is rare is behind a
    # pointer, so that the compiler saves no registers for it here.
    cdef Engine *engine = <Engine *> data
    if engine.left <= <int64_t> size or engine.counting or engine.cover != NULL:
        engine.caller = RV_CALLER
        engine.late_block(uc, address, size, data)
        return
    engine.left -= size
    engine.block_pc = address
    engine.block_size = <uint16_t> size
    if size < 128:
        engine.inside += rv_count_inside(RV_CALLER, <void *> on_block, uc, address, size, data, LEFT, BLOCK_PC,
                                         BLOCK_SIZE, LATE_INSIDE)


cdef void on_covered_block(void *uc, uint64_t address, uint32_t size, void *data) noexcept nogil:
    # The block hook while it is noted what runs.
    cdef Engine *engine = <Engine *> data
    cdef Cover *cover = engine.cover
    if engine.left <= <int64_t> size or engine.counting:
        on_late_block(uc, address, size, data)
        if engine.stopped:
            return
    else:
        engine.left -= size
        engine.block_pc = address
        engine.block_size = <uint16_t> size
    if not was_seen(cover, address, size):
        note_block(cover, address, size)
        return
    cover.open = False
    if size < 128 and not engine.counting:
        engine.inside += rv_count_inside(engine.caller, <void *> on_block, uc, address, size, data, LEFT, BLOCK_PC,
                                         BLOCK_SIZE, LATE_INSIDE)


cdef void on_new_block(void *uc, rv_block *block, rv_block *before, void *data) noexcept nogil:
    cdef Engine *engine = <Engine *> data
    cdef uint64_t address = block.pc + block.size - 4
    cdef uint32_t word = 0
    if block.size < 4 or engine.vmem_read(uc, address, FETCH, &word, 4):
        return
    if is_counter(word) and not is_watched(engine, address):
        engine.unwatched = address
        engine.emu_stop(uc)


cdef void on_watched(void *uc, uint64_t address, uint32_t size, void *data) noexcept nogil:
    cdef Engine *engine = <Engine *> data
    cdef uint32_t word = 0
    if engine.cause >= 0 or size != 4:
        return
    if address == engine.passing:
        engine.passing = NOWHERE
        return
    if engine.watch_all and (engine.vmem_read(uc, address, FETCH, &word, 4) or not is_counter(word)):
        return
    engine.cause = CAUSE_ILLEGAL
    engine.watch_hit = True
    engine.emu_stop(uc)


cdef void on_interrupt(void *uc, uint32_t cause, void *data) noexcept nogil:
    cdef Engine *engine = <Engine *> data
    engine.cause = <int32_t> cause
    if engine.early_tval and cause != CAUSE_ECALL_U:
        note_tval(engine)
    if engine.hide_exits:
        # As the run ends, the engine drops the blocks at each of its exits, which costs as much as a trap. These are
        # to stay.
        rv_ctl1(engine.ctl, uc, engine.ctl_use_exits, 0)
    engine.emu_stop(uc)


cdef inline void note_tval(Engine *engine) noexcept nogil:
    engine.context_save(engine.uc, engine.saved)
    if engine.tval_offset >= 0:
        engine.tval = (<uint64_t *> (<uint8_t *> engine.saved + engine.tval_offset))[0]


cdef bint on_invalid(void *uc, void *data) noexcept nogil:
    cdef Engine *engine = <Engine *> data
    engine.cause = CAUSE_BREAKPOINT
    return False


cdef class Context:
    """The registers of one thread: x1..x31, pc, f0..f31, fcsr. Plain data: it pickles, copies and compares.

    Volume I, "Programmers' Model for Base Integer ISA" and "F Register State".
    """

    cdef uint64_t x[32]     # x[0] holds the pc
    cdef uint64_t f[32]
    cdef uint64_t fcsr
    cdef uint64_t calls_in, bytes_in, calls_out, bytes_out  # of the thread's calls that move bytes; no registers

    def __cinit__(self):
        memset(self.x, 0, sizeof(self.x))
        memset(self.f, 0, sizeof(self.f))
        self.fcsr = 0
        self.calls_in = self.bytes_in = self.calls_out = self.bytes_out = 0

    def moved(self):
        """(calls, bytes) that moved bytes in, then (calls, bytes) out: four counts. See `CallTable.add`."""
        return self.calls_in, self.bytes_in, self.calls_out, self.bytes_out

    cdef void count(self, int way, int64_t result) noexcept:
        if way & 1:
            self.calls_in += 1
            if result > 0:
                self.bytes_in += <uint64_t> result
        if way & 2:
            self.calls_out += 1
            if result > 0:
                self.bytes_out += <uint64_t> result

    @property
    def pc(self):
        return self.x[0]

    @pc.setter
    def pc(self, uint64_t value):
        self.x[0] = value

    @property
    def fcsr(self):
        return self.fcsr

    @fcsr.setter
    def fcsr(self, uint64_t value):
        self.fcsr = value & 0xff

    def get(self, int number):
        """Register x`number`, 0..31, unsigned; x0 is 0."""
        return self.x[number & 31] if number & 31 else 0

    def set(self, int number, object value):
        """Set x`number`; a negative value is stored as two's complement. Setting x0 does nothing."""
        if number & 31:
            self.x[number & 31] = PyLong_AsUnsignedLongLongMask(value)

    def get_f(self, int number):
        """Register f`number` as its 64 bits."""
        return self.f[number & 31]

    def set_f(self, int number, uint64_t value):
        self.f[number & 31] = value

    def integers(self):
        """pc, x1..x31: 256 bytes, little-endian (NT_PRSTATUS and the signal frame's gregs)."""
        return PyBytes_FromStringAndSize(<char *> self.x, 256)

    def set_integers(self, bytes data not None):
        """Take pc, x1..x31 from 256 bytes."""
        if len(data) != 256:
            raise ValueError("a register set has 256 bytes")
        memcpy(self.x, PyBytes_AS_STRING(data), 256)

    def floats(self):
        """f0..f31 and fcsr, padded: 264 bytes (NT_FPREGSET)."""
        cdef uint8_t buffer[264]
        memcpy(buffer, self.f, 256)
        memcpy(buffer + 256, &self.fcsr, 8)
        return PyBytes_FromStringAndSize(<char *> buffer, 264)

    def set_floats(self, bytes data not None):
        """Take f0..f31 and fcsr from 264 bytes."""
        if len(data) != 264:
            raise ValueError("a floating-point register set has 264 bytes")
        memcpy(self.f, PyBytes_AS_STRING(data), 256)
        memcpy(&self.fcsr, PyBytes_AS_STRING(data) + 256, 8)
        self.fcsr &= 0xff

    def clear(self):
        """All registers zero, as a new program finds them."""
        memset(self.x, 0, sizeof(self.x))
        memset(self.f, 0, sizeof(self.f))
        self.fcsr = 0

    def copy(self):
        """A new context with the same contents."""
        cdef Context other = Context()
        other.assign(self)
        return other

    cpdef assign(self, Context other):
        """Take over the contents of `other`."""
        memcpy(self.x, other.x, sizeof(self.x))
        memcpy(self.f, other.f, sizeof(self.f))
        self.fcsr = other.fcsr

    def __eq__(self, other):
        if not isinstance(other, Context):
            return NotImplemented
        return self.integers() == other.integers() and self.floats() == other.floats()

    __hash__ = None

    def __reduce__(self):
        return _restore_context, (self.integers(), self.floats())


def _restore_context(integers, floats):
    context = Context()
    context.set_integers(integers)
    context.set_floats(floats)
    return context


cdef class CallTable:
    """The ecalls that `Gate.run` answers without returning: number -> (function, arguments it takes, 0..6).

    The function is called as `function(owner, a0, …)` with unsigned integers and returns the value for a0 (negative:
    two's complement), or None if it has set the registers itself. An exception leaves pc at the `ecall` and passes
    through `Gate.run`.
    """

    cdef list functions
    cdef uint8_t nargs[MAX_CALLS]
    cdef uint8_t ways[MAX_CALLS]
    cdef uint64_t served[MAX_CALLS]

    def __cinit__(self):
        self.functions = [None] * MAX_CALLS
        memset(self.nargs, 0, sizeof(self.nargs))
        memset(self.ways, 0, sizeof(self.ways))
        memset(self.served, 0, sizeof(self.served))

    def add(self, int number, object function, int nargs, int way=0):
        """Answer ecall `number` by `function`. ValueError: number or nargs out of range.

        `way`: 1 if the result says how many bytes came in, 2 out, 3 both; they are counted in the thread's `Context`.
        """
        if not 0 <= number < MAX_CALLS or not 0 <= nargs <= 6:
            raise ValueError("an ecall has a number below 2048 and at most six arguments")
        self.functions[number] = function
        self.nargs[number] = nargs
        self.ways[number] = way & 3

    def get(self, uint64_t number):
        """(function, nargs) of ecall `number`, or None."""
        if number >= MAX_CALLS or self.functions[number] is None:
            return None
        return self.functions[number], self.nargs[number]

    def count(self, int number):
        """Note one more call of `number` that was answered elsewhere."""
        self.served[number] += 1

    def move(self, int number, Context context not None, int64_t result):
        """Count the bytes of a call that was answered elsewhere, if it is one that moves bytes."""
        if self.ways[number]:
            context.count(self.ways[number], result)

    def counts(self):
        """Calls so far, {number: count}, in the order of numbers."""
        return {number: self.served[number] for number in range(MAX_CALLS) if self.served[number]}

    def set_counts(self, dict counts not None):
        """Go on from these counts. ValueError: a number out of range."""
        cdef uint64_t served
        memset(self.served, 0, sizeof(self.served))
        for number, count in counts.items():
            if not 0 <= number < MAX_CALLS:
                raise ValueError("an ecall has a number below 2048")
            served = count
            self.served[<int> number] = served


cdef class Gate:
    """The hart as the kernel sees it: load a context, run it to its next trap, read why.

    After `run`, `cause`, `epc` and `tval` tell of the trap; `ticks` never counts the instruction at `epc`.
    """

    cdef Engine engine
    cdef rv_emu_start_fn emu_start
    cdef rv_reg_batch_fn read_batch
    cdef rv_reg_batch_fn write_batch
    cdef rv_reg_fn reg_read
    cdef rv_reg_fn reg_write
    cdef rv_ctl_fn ctl
    cdef size_t hooks[4]
    cdef rv_hook_add_fn hook_add
    cdef int hook_code
    cdef uint8_t *no_exit_check     # the engine's switch, NULL if it was not found
    cdef bint stepping
    cdef bint bus_errors
    cdef int context_ids[65]
    cdef void *context_slots[65]
    cdef int call_ids[7]
    cdef uint64_t call_values[7]
    cdef void *call_slots[7]
    cdef int id_x0, id_f0, id_pc, id_priv, id_satp, id_fcsr
    cdef int ctl_tlb_flush, ctl_tb_flush, ctl_remove_cache, ctl_exits, id_scounteren
    cdef int id_mstatus, id_scause, id_sepc, id_stval, id_stvec
    cdef Stops stops
    cdef Context current
    cdef PageTable table
    cdef uint64_t satp              # as the engine has it
    cdef readonly Frames frames
    cdef public TraceLog log        # None: nothing is written down
    cdef CoverLog covering
    cdef uint64_t pc_next           # where the next run begins
    cdef public bint attention      # a handler wants `run` to return after its call
    cdef public bint host_time      # rdtime follows the host's clock, not the ticks
    cdef public uint64_t time_offset_ns
    cdef public uint64_t timebase_ns
    cdef readonly int cause
    cdef readonly uint64_t epc
    cdef readonly uint64_t tval
    cdef public uint64_t traps
    cdef public uint64_t trap_stop      # `run` returns at every trap from this number on
    cdef readonly uint64_t zero_fills
    cdef readonly uint64_t switches
    cdef readonly int error

    def __init__(self, dict engine not None, Frames frames not None):
        """`engine`: addresses of the engine's functions and its constants, from `emu/hart.py`."""
        cdef int i
        cdef uintptr_t address
        self.engine.uc = <void *> <uintptr_t> engine["uc"]
        address = engine["emu_start"]; self.emu_start = <rv_emu_start_fn> address
        self.engine.late_block = on_late_block
        self.engine.late_inside = on_late_inside
        address = engine["emu_stop"]; self.engine.emu_stop = <rv_emu_stop_fn> address
        address = engine["reg_read_batch"]; self.read_batch = <rv_reg_batch_fn> address
        address = engine["reg_write_batch"]; self.write_batch = <rv_reg_batch_fn> address
        address = engine["reg_read"]; self.reg_read = <rv_reg_fn> address
        address = engine["reg_write"]; self.reg_write = <rv_reg_fn> address
        address = engine["ctl"]; self.ctl = self.engine.ctl = <rv_ctl_fn> address
        address = engine["context_save"]; self.engine.context_save = <rv_context_fn> address
        address = engine["context"]; self.engine.saved = <void *> address
        self.id_x0 = engine["x0"]; self.id_f0 = engine["f0"]; self.id_pc = engine["pc"]
        self.id_priv = engine["priv"]; self.id_satp = engine["satp"]; self.id_fcsr = engine["fcsr"]
        self.id_mstatus = engine["mstatus"]; self.id_scause = engine["scause"]; self.id_sepc = engine["sepc"]
        self.id_stval = engine["stval"]; self.id_stvec = engine["stvec"]
        self.ctl_tlb_flush = engine["ctl_tlb_flush"]
        self.ctl_tb_flush = engine["ctl_tb_flush"]
        self.ctl_remove_cache = engine["ctl_remove_cache"]
        self.ctl_exits = engine["ctl_exits"]
        self.engine.ctl_use_exits = engine["ctl_use_exits"]
        self.id_scounteren = engine["scounteren"]
        address = engine["vmem_read"]; self.engine.vmem_read = <rv_vmem_read_fn> address
        self.engine.unwatched = self.engine.passing = NOWHERE
        address = engine["no_exit_check"]; self.no_exit_check = <uint8_t *> address
        if self.no_exit_check != NULL:
            self.no_exit_check[0] = 1
        self.engine.tval_offset = -1
        self.timebase_ns = 100
        self.trap_stop = NEVER
        self.stops = Stops()
        self.frames = frames
        for i in range(32):
            self.context_ids[i] = self.id_x0 + i
            self.context_ids[32 + i] = self.id_f0 + i
        self.context_ids[0] = self.id_pc
        self.context_ids[64] = self.id_fcsr
        for i in range(7):
            self.call_slots[i] = &self.call_values[i]
        self.call_ids[0] = self.id_x0 + 17
        for i in range(6):
            self.call_ids[1 + i] = self.id_x0 + 10 + i
        address = engine["hook_add"]; self.hook_add = <rv_hook_add_fn> address
        self.hook_code = engine["hook_code"]
        for i in range(4):
            if rv_hook(self.hook_add, self.engine.uc, &self.hooks[i], engine["hook_kinds"][i],
                       <void *> on_block if i == 0 else <void *> on_interrupt if i == 1
                       else <void *> on_invalid if i == 2 else <void *> on_new_block, &self.engine):
                raise RuntimeError("the engine refuses a hook")
        frames.attach(self)

    # ---- registers

    def reg(self, int number):
        """An engine register by its engine number, 64 bits."""
        cdef uint64_t value = 0
        self.reg_read(self.engine.uc, number, &value)
        return value

    def set_reg(self, int number, uint64_t value):
        """Write an engine register by its engine number."""
        self.reg_write(self.engine.uc, number, &value)

    @property
    def priv(self):
        """The hart's privilege: 0 user, 1 supervisor, 3 machine."""
        return self.reg(self.id_priv)

    @priv.setter
    def priv(self, uint64_t value):
        self.reg_write(self.engine.uc, self.id_priv, &value)

    def csr(self, int number):
        """A CSR by its engine number, read at machine privilege."""
        cdef uint64_t before = 0, machine = 3, value = 0
        self.reg_read(self.engine.uc, self.id_priv, &before)
        self.reg_write(self.engine.uc, self.id_priv, &machine)
        self.reg_read(self.engine.uc, number, &value)
        self.reg_write(self.engine.uc, self.id_priv, &before)
        return value

    def set_csr(self, int number, uint64_t value):
        """Write a CSR by its engine number, at machine privilege."""
        cdef uint64_t before = 0, machine = 3
        self.reg_read(self.engine.uc, self.id_priv, &before)
        self.reg_write(self.engine.uc, self.id_priv, &machine)
        self.reg_write(self.engine.uc, number, &value)
        self.reg_write(self.engine.uc, self.id_priv, &before)

    @property
    def pc(self):
        """Where the next run begins."""
        return self.pc_next

    @pc.setter
    def pc(self, uint64_t value):
        self.pc_next = value

    def x(self, int number):
        """Register x`number` of the running context."""
        cdef uint64_t value = 0
        self.reg_read(self.engine.uc, self.id_x0 + (number & 31), &value)
        return value

    def set_x(self, int number, object value):
        """Write register x`number` of the running context; x0 stays 0."""
        cdef uint64_t bits = PyLong_AsUnsignedLongLongMask(value)
        if number & 31:
            self.reg_write(self.engine.uc, self.id_x0 + (number & 31), &bits)

    # ---- switching

    cdef void _point(self, Context context) noexcept:
        cdef int i
        for i in range(32):
            self.context_slots[i] = &context.x[i]
            self.context_slots[32 + i] = &context.f[i]
        self.context_slots[64] = &context.fcsr

    def save(self):
        """Bring the running context's registers up to date in its `Context`; they stay loaded."""
        if self.current is None:
            return
        self._point(self.current)
        self.read_batch(self.engine.uc, self.context_ids, self.context_slots, 65)
        self.current.x[0] = self.pc_next

    def load(self, Context context not None, PageTable table not None):
        """Make `context` the running one, in U-mode, translated by `table`; an LR reservation is lost.

        The registers of the context that ran before are not saved: call `save` first if it goes on later.
        """
        cdef uint64_t user = 0, machine = 3, satp
        if table.root == 0:
            raise ValueError("the page table was given back")     # and the hart would run untranslated
        self._point(context)
        self.write_batch(self.engine.uc, self.context_ids + 1, self.context_slots + 1, 64)
        self.pc_next = context.x[0]
        if table is not self.table:
            satp = table.satp
            self.reg_write(self.engine.uc, self.id_priv, &machine)
            self.reg_write(self.engine.uc, self.id_satp, &satp)
            if (satp ^ self.satp) >> 44 & 0xffff == 0:
                # The engine flushes for a new address space identifier only. There are 65,536, and tables of a
                # snapshot bring their own.
                rv_ctl0(self.ctl, self.engine.uc, self.ctl_tlb_flush)
            self.satp = satp
            if self.covering is not None:
                self.covering.cover.space = satp
            self.table = table
            self.switches += 1
        self.reg_write(self.engine.uc, self.id_priv, &user)
        self.current = context

    def unload(self):
        """Forget the running context and its table: nothing of them is written back."""
        self.current = None
        self.table = None

    @property
    def context(self):
        """The context that is loaded, None if there is none."""
        return self.current

    @property
    def page_table(self):
        """The page table that the hart uses, None if there is none."""
        return self.table

    # ---- running

    @property
    def ticks(self):
        """Bytes of instructions retired since the machine was made."""
        return ticks_of(&self.engine)

    @ticks.setter
    def ticks(self, uint64_t value):
        self.engine.slice_end = value + <uint64_t> self.engine.left

    @property
    def exact_slices(self):
        """Whether a slice ends at the first instruction past its budget, not behind the next jump. Either follows from
        the instructions alone; this one is slower where slices are short."""
        return self.engine.exact

    @exact_slices.setter
    def exact_slices(self, bint value):
        self.engine.exact = value

    @property
    def counted_inside(self):
        """How many blocks, as they were made, got to count their ticks without a call; see `_inline.pxi`."""
        return self.engine.inside

    @property
    def cover(self):
        """Who is told which code runs, None: nobody. Setting it drops every translated block, so that all is told."""
        return self.covering

    @cover.setter
    def cover(self, CoverLog log):
        self.covering = log
        self.engine.late_block = on_late_block
        self.engine.cover = NULL
        if log is not None:
            log.cover.space = self.satp
            log.cover.changes += 1
            self.engine.cover = &log.cover
            self.engine.late_block = on_covered_block
        self.flush_blocks()

    @property
    def retired(self):
        """Instructions retired, None as long as nobody has read `instret`."""
        return self.engine.retired if self.engine.counting else None

    @retired.setter
    def retired(self, object value):
        if value is not None and not self.engine.counting:
            self.flush_blocks()     # no block counts instructions by itself
        self.engine.counting = value is not None
        self.engine.retired = value if value is not None else 0

    def time_ns(self):
        """Guest time since boot: the ticks, or the host's clock, plus the offset. Nanoseconds."""
        return self._time_ns()

    cdef inline uint64_t _time_ns(self) noexcept:
        return (rv_monotonic_ns() if self.host_time else ticks_of(&self.engine)) + self.time_offset_ns

    def set_tval_offset(self, Py_ssize_t offset):
        """Where the faulting address stands in a saved context; found by `emu/hart.py` at start-up."""
        self.engine.tval_offset = offset

    def context_bytes(self, Py_ssize_t size):
        """The engine's saved context, its first `size` bytes."""
        self.engine.context_save(self.engine.uc, self.engine.saved)
        return PyBytes_FromStringAndSize(<char *> self.engine.saved, size)

    def deliver(self, uint64_t cause, uint64_t tval):
        """Let the guest's own supervisor take the exception at pc. Volume II, "Supervisor Trap Handling".

        Sets scause, sepc, stval, sstatus.SPP, SPIE and SIE, the privilege, and pc to stvec's base.
        """
        cdef void *uc = self.engine.uc
        cdef uint64_t before = 0, machine = 3, supervisor = 1, status = 0, vector = 0
        self.reg_read(uc, self.id_priv, &before)
        self.reg_write(uc, self.id_priv, &machine)
        self.reg_read(uc, self.id_mstatus, &status)
        status = (status & ~<uint64_t> 0x122) | (status & 2) << 4 | (before & 1) << 8
        self.reg_write(uc, self.id_mstatus, &status)
        self.reg_write(uc, self.id_scause, &cause)
        self.reg_write(uc, self.id_sepc, &self.pc_next)
        self.reg_write(uc, self.id_stval, &tval)
        self.reg_read(uc, self.id_stvec, &vector)
        self.reg_write(uc, self.id_priv, &supervisor)
        self.pc_next = vector & ~<uint64_t> 3

    def stop_at_bus_errors(self):
        """From now on an access to physical addresses outside RAM ends the run at its instruction, with ENGINE_ERROR.

        Without this, such a store may let the rest of its block run. Our own page tables never lead there.
        """
        self.bus_errors = True
        self._check_exits(True)

    def forget(self, uint64_t start, uint64_t end):
        """Physical [start, end) was changed behind the hart's back: blocks made from it are void."""
        self.forget_code(start, end)

    def load_virtual(self, uint64_t address, int size):
        """The unsigned little-endian integer of `size` (1..8) bytes that the hart itself would load at `address` in
        its present mode; None where it could not."""
        cdef uint64_t value = 0
        if not 1 <= size <= 8 or self.engine.vmem_read(self.engine.uc, address, READ, &value, size):
            return None
        return value

    def flush_tlb(self):
        """Drop every cached translation; needed when an entry lost a permission. 1.4 µs."""
        rv_ctl0(self.ctl, self.engine.uc, self.ctl_tlb_flush)

    def flush_blocks(self):
        """Drop every translated block."""
        rv_ctl0(self.ctl, self.engine.uc, self.ctl_tb_flush)

    cdef void forget_code(self, uint64_t start, uint64_t end) noexcept:
        # Drop the blocks translated from physical [start, end): the engine wants to be in M-mode, where an address
        # is a physical one.
        cdef uint64_t before = 0, machine = 3
        self.reg_read(self.engine.uc, self.id_priv, &before)
        self.reg_write(self.engine.uc, self.id_priv, &machine)
        rv_ctl2(self.ctl, self.engine.uc, self.ctl_remove_cache, start, end)
        self.reg_write(self.engine.uc, self.id_priv, &before)

    cdef int _enter(self, uint64_t count) noexcept:
        # One entry into the engine, and again as long as it finds counter reads to watch. Sets pc_next; returns the
        # cause, or a reason below zero.
        cdef Engine *engine = &self.engine
        cdef int error
        cdef uint64_t pc = 0, block_end
        while True:
            if engine.hide_exits:
                rv_ctl1(engine.ctl, engine.uc, engine.ctl_use_exits, 1)
            with nogil:
                error = self.emu_start(engine.uc, self.pc_next, 0, 0, count)
            self.reg_read(engine.uc, self.id_pc, &pc)
            self.error = error
            if engine.unwatched == NOWHERE or engine.cause >= 0:
                break
            self._watch(engine.unwatched)
            engine.unwatched = NOWHERE
            self.pc_next = pc
            if count > 1:
                return _SLICE_END
        engine.passing = NOWHERE
        if engine.cause >= 0:
            if engine.cause != CAUSE_BREAKPOINT and not engine.watch_hit:
                pc -= 4
        self.pc_next = pc
        if engine.stopped or engine.cause == CAUSE_FETCH_PAGE or engine.cause == CAUSE_FETCH_ACCESS:
            # Between two blocks. (A fetch faults while its block is made, which the block hook never sees.)
            return engine.cause if engine.cause >= 0 else _SLICE_END
        block_end = engine.block_pc + engine.block_size
        if engine.block_pc <= pc < block_end:
            engine.left += block_end - pc
            if engine.counting:
                engine.retired -= instructions(engine, pc, block_end)
            if engine.cover != NULL:
                self._left_block(pc)
        if engine.cause >= 0:
            return engine.cause
        if error:
            return _ENGINE_ERROR
        if self.stops.count and self.stops.has(pc):
            # The engine asks the block hook nothing where it stops, so the end of the slice is looked for here.
            if engine.left <= 0 and not engine.grace and (engine.exact or not goes_straight(engine, pc)):
                return _SLICE_END
            return _BREAK
        return _SLICE_END if count else _HALT

    cdef void _left_block(self, uint64_t pc) noexcept:
        # The block that ran last was left at `pc`, in its middle: what is behind that has not run.
        cdef Engine *engine = &self.engine
        cdef uint8_t low = 0
        cdef uint64_t end = pc
        if engine.cause >= 0 and not engine.vmem_read(engine.uc, pc, FETCH, &low, 1):
            end += 4 if low & 3 == 3 else 2
        if cut_note(engine.cover, engine.block_pc, engine.block_size, end):
            rv_ctl2(self.ctl, engine.uc, self.ctl_remove_cache, engine.block_pc, engine.block_pc + 2)

    cdef void _set_exits(self, int count) noexcept:
        # Make the first `count` addresses of `stops` the engine's exits. After each run it looks for blocks in front
        # of each, and where it cannot fetch there, that is the faulting address it remembers. One that is there for a
        # single run is not hidden by a trap, so that nothing stays of it.
        self.engine.early_tval = count > 0
        self.engine.hide_exits = count > 0 and count == self.stops.count
        rv_ctl1(self.ctl, self.engine.uc, self.engine.ctl_use_exits, 1)
        rv_ctl2(self.ctl, self.engine.uc, self.ctl_exits, <uint64_t> <uintptr_t> self.stops.addresses, count)

    def set_stops(self, object addresses, object around=None):
        """From now on `run` returns BREAK before an instruction at one of these virtual addresses, in whatever address
        space. A run must not begin at one of them.

        `around`: blocks at these addresses of the address space that is loaded are made anew; None: all blocks are.
        Where no stop is, code runs as fast as without.
        """
        self.stops.assign(addresses)
        if around is None:
            rv_ctl0(self.ctl, self.engine.uc, self.ctl_tb_flush)
        else:
            for address in around:
                rv_ctl2(self.ctl, self.engine.uc, self.ctl_remove_cache, address, address + 2)
        self._set_exits(self.stops.count)

    cdef void _check_exits(self, bint on) noexcept:
        # Whether the engine can stop in the middle of a block, which a code hook needs and which costs every load and
        # store; see `emu/exit_check.py`.
        if self.no_exit_check != NULL and (self.no_exit_check[0] == 0) != on:
            self.no_exit_check[0] = 0 if on else 1
            rv_ctl0(self.ctl, self.engine.uc, self.ctl_tb_flush)

    cdef void _watch(self, uint64_t address) noexcept:
        # Stop before the instruction at `address` from now on; a block that holds it is made again.
        cdef Engine *engine = &self.engine
        cdef size_t handle
        self._check_exits(True)
        if engine.watched_count < MAX_WATCHED:
            rv_hook_at(self.hook_add, engine.uc, &handle, self.hook_code, <void *> on_watched, engine, address, address)
            engine.watched[engine.watched_count] = address
            engine.watched_count += 1
            rv_ctl2(self.ctl, engine.uc, self.ctl_remove_cache, address, address + 4)
        else:
            rv_hook(self.hook_add, engine.uc, &handle, self.hook_code, <void *> on_watched, engine)
            engine.watch_all = True
            rv_ctl0(self.ctl, engine.uc, self.ctl_tb_flush)

    cdef int _step(self, uint64_t count) noexcept:
        # Run to the next trap; sets cause, epc, tval and the ticks. Returns the cause or a reason below zero.
        cdef Engine *engine = &self.engine
        cdef int cause, fault
        cdef uint64_t edge
        engine.cause = -1
        engine.grace = engine.left <= 0
        engine.stopped = False
        engine.watch_hit = False
        if self.table is not None and self.table.stale:
            self.table.stale = False
            rv_ctl0(self.ctl, engine.uc, self.ctl_tlb_flush)
            if engine.cover != NULL:
                engine.cover.changes += 1
        engine.cut = 0
        cause = self._enter(count)
        if engine.crossing:
            cause = self._cross()
        if cause < 0:
            return cause
        self._take_tval(cause)
        if cause == CAUSE_FETCH_PAGE or cause == CAUSE_FETCH_ACCESS:
            edge = self.tval - 2
            if self.tval & 4095 == 0 and self.tval - 4096 <= self.pc_next < edge:
                # An instruction at `edge` reaches into a page that cannot be fetched, and the engine noticed while
                # it made the block, before it ran what stands in front. Let it run up to there.
                fault = cause
                rv_ctl2(self.ctl, engine.uc, self.ctl_remove_cache, edge, edge + 2)
                self.stops.also(edge)
                self._set_exits(self.stops.count + 1)
                engine.cause = -1
                cause = self._enter(count)
                self._set_exits(self.stops.count)
                if cause == _HALT and self.pc_next == edge:
                    cause = fault
                elif cause < 0:
                    return cause
                else:
                    self._take_tval(cause)
        self.traps += 1
        self.cause = cause
        self.epc = self.pc_next
        return cause

    cdef int _cross(self) noexcept:
        # Run the block at pc_next up to `cut`, where the slice ends; what it came to, SLICE_END if it got there.
        cdef Engine *engine = &self.engine
        cdef uint64_t cut = engine.cut
        cdef int cause
        engine.crossing = engine.stopped = False
        rv_ctl2(self.ctl, engine.uc, self.ctl_remove_cache, self.pc_next, cut + 2)
        self.stops.also(cut)
        self._set_exits(self.stops.count + 1)
        cause = self._enter(0)
        self._set_exits(self.stops.count)
        return _SLICE_END if cause == _HALT and self.pc_next == cut else cause

    cdef inline void _take_tval(self, int cause) noexcept:
        if cause == CAUSE_ECALL_U or cause == CAUSE_BREAKPOINT:
            self.tval = 0
            return
        if not self.engine.early_tval:
            note_tval(&self.engine)
        self.tval = self.engine.tval

    def run(self, object owner, CallTable calls, int64_t budget):
        """Run the loaded context until something that is not answered here; return its cause or reason.

        Answered here: ecalls in `calls` (None: none), reads of time, cycle and instret, and first touches inside the
        page table's zero window. `budget`: ticks until SLICE_END; not positive: the slice was over already, and ends
        behind the next jump. ATTENTION: a handler set `attention`, which is cleared. HALT: the hart waits for an
        interrupt. BREAK: it came to a stop that `set_stops` set. ENGINE_ERROR: `error` has the code. From trap number
        `trap_stop` on (counted by `traps`, from 1), none is answered here; see `answer_counter`.
        """
        cdef Engine *engine = &self.engine
        cdef int cause, nargs
        cdef uint64_t number, bits
        cdef object function, result
        begin_slice(engine, budget)
        self.attention = False
        if self.stepping:
            self.stepping = False
            self._check_exits(engine.watched_count > 0 or self.bus_errors)
        while True:
            cause = self._step(0)
            if engine.cover != NULL and engine.cover.used:
                self.covering.drain()
            if self.traps >= self.trap_stop and cause >= 0 and cause != CAUSE_ILLEGAL:
                return cause
            if cause == CAUSE_ECALL_U:
                if calls is None:
                    return cause
                self.read_batch(engine.uc, self.call_ids, self.call_slots, 1)
                number = self.call_values[0]
                if number >= MAX_CALLS:
                    return cause
                function = calls.functions[number]
                if function is None:
                    return cause
                calls.served[number] += 1
                nargs = calls.nargs[number]
                if self.log is not None:
                    self._log_call(number)
                if nargs == 0:
                    result = function(owner)
                else:
                    self.read_batch(engine.uc, self.call_ids + 1, self.call_slots + 1, nargs)
                    if nargs == 1:
                        result = function(owner, self.call_values[1])
                    elif nargs == 2:
                        result = function(owner, self.call_values[1], self.call_values[2])
                    elif nargs == 3:
                        result = function(owner, self.call_values[1], self.call_values[2], self.call_values[3])
                    elif nargs == 4:
                        result = function(owner, self.call_values[1], self.call_values[2], self.call_values[3],
                                          self.call_values[4])
                    elif nargs == 5:
                        result = function(owner, self.call_values[1], self.call_values[2], self.call_values[3],
                                          self.call_values[4], self.call_values[5])
                    else:
                        result = function(owner, self.call_values[1], self.call_values[2], self.call_values[3],
                                          self.call_values[4], self.call_values[5], self.call_values[6])
                bits = 0
                if result is not None:
                    bits = PyLong_AsUnsignedLongLongMask(result)
                    if calls.ways[number] and self.current is not None:
                        self.current.count(calls.ways[number], <int64_t> bits)
                    self.reg_write(engine.uc, self.id_x0 + 10, &bits)
                    self.pc_next += 4
                    engine.left -= 4
                if self.log is not None:
                    self._log_end(_FLAG_GATE | (0 if result is not None else _FLAG_NO_RESULT), 0, bits)
                if self.attention:
                    self.attention = False
                    return _ATTENTION
                if engine.left <= 0:
                    return _SLICE_END
                continue
            if cause == CAUSE_STORE_PAGE or cause == CAUSE_LOAD_PAGE:
                if self.table is not None and self.table.fill_zero(self.tval):
                    self.zero_fills += 1
                    if self.log is not None:
                        self._log_trap(cause, _BY_ZERO_PAGE, self.tval, 0)
                    if engine.left <= 0:
                        return _SLICE_END
                    continue
                return cause
            if cause == CAUSE_ILLEGAL:
                if self.traps >= self.trap_stop and (not engine.watch_hit or self._reads_counter(self._instruction())):
                    self.tval = self._instruction()
                    return cause
                if self._counter():
                    if engine.left <= 0:
                        return _SLICE_END
                    continue
                if engine.watch_hit:
                    engine.passing = self.epc   # watched for another address space: let it run
                    self.traps -= 1
                    continue
                self.tval = self._instruction()
                return cause
            return cause

    def step(self, uint64_t count):
        """Run `count` instructions at most; return the cause, or SLICE_END when they ran without a trap.

        Reads of the counters are answered here. The engine then calls back for every instruction until a run without
        a count: for debuggers, not for speed.
        """
        cdef int cause
        begin_slice(&self.engine, <int64_t> 1 << 62)
        self._check_exits(True)
        self.stepping = True
        while True:
            cause = self._step(count)
            if self.engine.cover != NULL and self.engine.cover.used:
                self.covering.drain()
            if cause != CAUSE_ILLEGAL:
                return cause
            if self._counter():
                return _SLICE_END
            if not self.engine.watch_hit:
                self.tval = self._instruction()
                return cause
            self.engine.passing = self.epc
            self.traps -= 1

    def complete_call(self, object value):
        """Finish the ecall at pc: `value` goes to a0, and pc moves past the instruction, which retires."""
        cdef uint64_t bits = PyLong_AsUnsignedLongLongMask(value)
        self.reg_write(self.engine.uc, self.id_x0 + 10, &bits)
        self.pc_next += 4
        self.engine.left -= 4

    def call_registers(self):
        """(a7, a0, …, a5) of the running context."""
        self.read_batch(self.engine.uc, self.call_ids, self.call_slots, 7)
        return (self.call_values[0], self.call_values[1], self.call_values[2], self.call_values[3],
                self.call_values[4], self.call_values[5], self.call_values[6])

    # ---- the trap log

    cdef int _log_call(self, uint64_t number) except -1:
        # The call at pc, whose number was read, is about to be answered.
        self.read_batch(self.engine.uc, self.call_ids + 1, self.call_slots + 1, 6)
        return self.log.begin(_TRACE_CALL | CAUSE_ECALL_U << 8 | number << 32, ticks_of(&self.engine), self._time_ns(),
                              self.epc, 0, self.call_values + 1)

    cdef inline void _log_end(self, uint64_t flags, uint64_t outcome, uint64_t result) noexcept:
        self.log.end(flags, outcome, result, self._time_ns())

    cdef int _log_trap(self, int cause, uint64_t outcome, uint64_t tval, uint64_t result) except -1:
        # A trap that the gate has answered.
        self.log.begin(_TRACE_TRAP | cause << 8, ticks_of(&self.engine), self._time_ns(), self.epc, tval, NULL)
        self._log_end(_FLAG_GATE, outcome, result)
        return 0

    def log_begin(self, uint64_t head, uint64_t tval=0, tuple arguments=()):
        """Write down an open record of the running task, at this time and `epc`, in the log, which must be there."""
        cdef uint64_t words[6]
        self._log_words(arguments, words)
        self.log.begin(head, ticks_of(&self.engine), self._time_ns(), self.epc, tval, words)

    def log_end(self, uint64_t flags, uint64_t outcome, object result):
        """Answer the open record; nothing happens if there is none."""
        self._log_end(flags, outcome, PyLong_AsUnsignedLongLongMask(result))

    def log_event(self, uint64_t head, uint64_t who, object result=0, tuple arguments=()):
        """Write down a record that is complete, of `who` (word 1 of a record), at this time."""
        cdef uint64_t words[6]
        cdef uint64_t *place
        self._log_words(arguments, words)
        place = self.log._next()
        place[0] = head
        place[1] = who
        place[2] = ticks_of(&self.engine)
        place[3] = self._time_ns()
        place[4] = place[5] = place[7] = 0
        place[6] = PyLong_AsUnsignedLongLongMask(result)
        memcpy(place + 8, words, 48)

    cdef int _log_words(self, tuple arguments, uint64_t *words) except -1:
        cdef Py_ssize_t i
        if len(arguments) > 6:
            raise ValueError("a record has six arguments")
        memset(words, 0, 48)
        for i in range(len(arguments)):
            words[i] = PyLong_AsUnsignedLongLongMask(arguments[i])
        return 0

    cdef uint32_t _instruction(self):
        # The instruction at epc, 0 if it is not readable; 16 bits of it if it is compressed.
        cdef uint32_t word = 0, high = 0
        if self.engine.vmem_read(self.engine.uc, self.epc, FETCH, &word, 2):
            return 0
        if word & 3 == 3:
            if self.engine.vmem_read(self.engine.uc, self.epc + 2, FETCH, &high, 2):
                return 0
            word |= high << 16
        return word

    def answer_counter(self):
        """After a run that returned an illegal instruction because of `trap_stop`: whether it was a read of time, cycle
        or instret, which has run now."""
        return self._counter() != 0

    cdef bint _reads_counter(self, uint32_t word):
        # Whether the instruction `word` is a read of time, cycle or instret that the hart is to answer.
        cdef uint32_t csr = word >> 20
        cdef uint64_t priv = 0
        if word & 0xfa07f != 0x02073 or csr < 0xc00 or csr > 0xc02:
            return False
        if self.table is None:
            # A supervisor of the guest's own decides what its user mode may read. Volume II, "scounteren".
            self.reg_read(self.engine.uc, self.id_priv, &priv)
            if priv == 0 and not self.csr(self.id_scounteren) >> (csr & 31) & 1:
                return False
        return True

    cdef int _counter(self) except -1:
        # Emulate a read of time, cycle or instret. Volume I, "Zicntr". The hart's cycles are its ticks.
        cdef Engine *engine = &self.engine
        cdef uint32_t word = self._instruction()
        cdef uint32_t csr = word >> 20
        cdef uint64_t value
        cdef int rd = (word >> 7) & 31
        if not self._reads_counter(word):
            return False
        if csr == 0xc01:
            value = self._time_ns() // self.timebase_ns
        elif csr == 0xc00:
            value = ticks_of(engine)
        else:
            if not engine.counting:
                # From here on exactly; what ran before counts as four bytes each. ("from some arbitrary start point")
                engine.counting = True
                engine.retired = ticks_of(engine) >> 2
                self.flush_blocks()
            value = engine.retired
        if rd:
            self.reg_write(engine.uc, self.id_x0 + rd, &value)
        if self.log is not None:
            self._log_trap(CAUSE_ILLEGAL, _BY_COUNTER, word, value)
        self.pc_next += 4
        engine.left -= 4
        engine.retired += 1
        return True


include "_state.pxi"
