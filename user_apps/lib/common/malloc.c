/* The heap: one list of free blocks in the order of their addresses, first fit, neighbours joined on free.
 *
 *     block:  | size | next free block | the caller's bytes ... |
 *             ^ header, 16 bytes         ^ what malloc returns, 16-byte aligned
 *
 * `size` counts the header too and is a multiple of 16. `next` means something only while the block is free.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../abi.h"

struct block {
    size_t size;
    struct block *next;
};

#define HEADER sizeof(struct block)
#define LARGEST (SIZE_MAX / 2)

_Static_assert(sizeof(struct block) == 16, "the header keeps the alignment");

static struct block *free_blocks;
static atomic_flag heap_taken = ATOMIC_FLAG_INIT;

static void take_heap(void)
{
    while (atomic_flag_test_and_set_explicit(&heap_taken, memory_order_acquire))
        abi_yield();
}

static void give_heap(void) { atomic_flag_clear_explicit(&heap_taken, memory_order_release); }

static int touches(const struct block *lower, const struct block *upper)
{
    return (const char *)lower + lower->size == (const char *)upper;
}

/* Put a block into the list, joined with the free blocks right below and above it. */
static void insert(struct block *block)
{
    struct block *below = NULL, *above = free_blocks;
    while (above && above < block) {
        below = above;
        above = above->next;
    }
    if (above && touches(block, above)) {
        block->size += above->size;
        above = above->next;
    }
    block->next = above;
    if (below && touches(below, block)) {
        below->size += block->size;
        below->next = above;
    } else if (below) {
        below->next = block;
    } else {
        free_blocks = block;
    }
}

/* Cut `size` bytes off the first free block that has them; NULL if none has. */
static struct block *take_first_fit(size_t size)
{
    for (struct block **link = &free_blocks; *link; link = &(*link)->next) {
        struct block *block = *link;
        if (block->size < size)
            continue;
        if (block->size - size >= 2 * HEADER) {
            struct block *rest = (struct block *)((char *)block + size);
            rest->size = block->size - size;
            rest->next = block->next;
            block->size = size;
            *link = rest;
        } else {
            *link = block->next;
        }
        return block;
    }
    return NULL;
}

static int grow(size_t size)
{
    void *start;
    size_t got = abi_more_heap(size, &start);
    if (got == 0)
        return 0;
    struct block *block = start;
    block->size = got;
    insert(block);
    return 1;
}

void *malloc(size_t size)
{
    if (size > LARGEST)
        return NULL;
    size_t needed = (size + HEADER + 15) & ~(size_t)15;
    if (needed < 2 * HEADER)
        needed = 2 * HEADER;
    take_heap();
    struct block *block = take_first_fit(needed);
    if (!block && grow(needed))
        block = take_first_fit(needed);
    give_heap();
    return block ? block + 1 : NULL;
}

void free(void *at)
{
    if (!at)
        return;
    take_heap();
    insert((struct block *)at - 1);
    give_heap();
}

void *calloc(size_t count, size_t size)
{
    if (size && count > LARGEST / size)
        return NULL;
    void *at = malloc(count * size);
    return at ? memset(at, 0, count * size) : NULL;
}

void *realloc(void *old, size_t size)
{
    if (!old)
        return malloc(size);
    size_t room = ((struct block *)old - 1)->size - HEADER;
    if (size <= room)
        return old;
    void *at = malloc(size);
    if (at) {
        memcpy(at, old, room);
        free(old);
    }
    return at;
}
