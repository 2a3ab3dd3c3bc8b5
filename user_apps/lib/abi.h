/* What lib/common needs from the syscall layer of the ABI it is linked with: lib/rcore or lib/linux. */
#ifndef LIB_ABI_H
#define LIB_ABI_H

#include <stddef.h>

/* Give malloc at least `size` more bytes at *start, 16-byte aligned; returns how many, 0 if there are none. */
size_t abi_more_heap(size_t size, void **start);

/* Let others run; for a lock that is taken. */
void abi_yield(void);

/* Write all of it to a descriptor, giving up on the first error. */
void abi_write_all(int fd, const char *from, size_t size);

#endif
