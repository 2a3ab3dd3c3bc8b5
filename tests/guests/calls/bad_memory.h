/* Addresses that the kernel must refuse. */
#ifndef BAD_MEMORY_H
#define BAD_MEMORY_H

#include <sys/mman.h>

/* No user address: refused before anybody looks there. */
#define BAD ((void *)-4096l)

/* A page that nothing is mapped at. */
static inline char *unmapped_page(void)
{
    char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page, 4096);
    return page;
}

/* A page of zeros that can be read and not written; the page after it is not mapped. */
static inline char *readonly_page(void)
{
    char *page = mmap(0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    return page;
}

/* The last `size` bytes of a page that is followed by none. */
static inline char *at_edge(size_t size)
{
    char *page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    return page + 4096 - size;
}

#endif
