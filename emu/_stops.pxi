# Where the hart is to stop: a sorted array of addresses as the engine takes it. Included by `_gate.pyx`.
#
# The engine ends a block before such an address, and ends the run there; other code is not touched.

from libc.stdlib cimport malloc, free


cdef class Stops:
    """Virtual addresses, ascending, and room for one more behind them."""

    cdef uint64_t *addresses
    cdef int count

    def __cinit__(self):
        self.addresses = <uint64_t *> malloc(sizeof(uint64_t))
        if self.addresses == NULL:
            raise MemoryError
        self.count = 0

    def __dealloc__(self):
        free(self.addresses)

    cdef void assign(self, object addresses) except *:
        # Take over an iterable of addresses.
        cdef list wanted = sorted(set(addresses))
        cdef uint64_t *room = <uint64_t *> malloc((len(wanted) + 1) * sizeof(uint64_t))
        cdef int i
        if room == NULL:
            raise MemoryError
        try:
            for i in range(len(wanted)):
                room[i] = wanted[i]
        except BaseException:
            free(room)
            raise
        free(self.addresses)
        self.addresses = room
        self.count = <int> len(wanted)

    cdef void also(self, uint64_t address) noexcept:
        # One more, for `count + 1`.
        self.addresses[self.count] = address

    cdef bint has(self, uint64_t address) noexcept:
        cdef int low = 0, high = self.count, middle
        while low < high:
            middle = (low + high) >> 1
            if self.addresses[middle] < address:
                low = middle + 1
            else:
                high = middle
        return low < self.count and self.addresses[low] == address
