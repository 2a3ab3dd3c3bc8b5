/* memcpy and its family, eight bytes at a time where both addresses allow it. */
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns") /* or gcc turns these loops into calls of themselves */
#endif

#define WORD sizeof(uint64_t)

typedef uint64_t __attribute__((may_alias)) word;

static inline int aligned(const void *at) { return ((uintptr_t)at & (WORD - 1)) == 0; }
static inline int same_phase(const void *left, const void *right)
{
    return (((uintptr_t)left ^ (uintptr_t)right) & (WORD - 1)) == 0;
}

static void copy_up(unsigned char *to, const unsigned char *from, size_t size)
{
    if (same_phase(to, from)) {
        for (; size > 0 && !aligned(to); size--)
            *to++ = *from++;
        for (; size >= 4 * WORD; size -= 4 * WORD, to += 4 * WORD, from += 4 * WORD) {
            word w0 = ((const word *)from)[0], w1 = ((const word *)from)[1];
            word w2 = ((const word *)from)[2], w3 = ((const word *)from)[3];
            ((word *)to)[0] = w0;
            ((word *)to)[1] = w1;
            ((word *)to)[2] = w2;
            ((word *)to)[3] = w3;
        }
        for (; size >= WORD; size -= WORD, to += WORD, from += WORD)
            *(word *)to = *(const word *)from;
    }
    while (size-- > 0)
        *to++ = *from++;
}

static void copy_down(unsigned char *to, const unsigned char *from, size_t size)
{
    to += size;
    from += size;
    if (same_phase(to, from)) {
        for (; size > 0 && !aligned(to); size--)
            *--to = *--from;
        for (; size >= WORD; size -= WORD) {
            to -= WORD;
            from -= WORD;
            *(word *)to = *(const word *)from;
        }
    }
    while (size-- > 0)
        *--to = *--from;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    copy_up(to, from, size);
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    if ((uintptr_t)to - (uintptr_t)from >= size) /* also when `to` is lower: the difference wraps */
        copy_up(to, from, size);
    else
        copy_down(to, from, size);
    return to;
}

void *memset(void *at, int byte, size_t size)
{
    unsigned char *to = at;
    for (; size > 0 && !aligned(to); size--)
        *to++ = (unsigned char)byte;
    word pattern = (unsigned char)byte * UINT64_C(0x0101010101010101);
    for (; size >= 4 * WORD; size -= 4 * WORD, to += 4 * WORD) {
        ((word *)to)[0] = pattern;
        ((word *)to)[1] = pattern;
        ((word *)to)[2] = pattern;
        ((word *)to)[3] = pattern;
    }
    for (; size >= WORD; size -= WORD, to += WORD)
        *(word *)to = pattern;
    while (size-- > 0)
        *to++ = (unsigned char)byte;
    return at;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *l = left, *r = right;
    if (same_phase(l, r)) {
        for (; size > 0 && !aligned(l); size--, l++, r++)
            if (*l != *r)
                return *l - *r;
        for (; size >= WORD && *(const word *)l == *(const word *)r; size -= WORD) {
            l += WORD;
            r += WORD;
        }
    }
    for (; size > 0; size--, l++, r++)
        if (*l != *r)
            return *l - *r;
    return 0;
}

void *memchr(const void *at, int byte, size_t size)
{
    const unsigned char *from = at;
    for (; size > 0; size--, from++)
        if (*from == (unsigned char)byte)
            return (void *)(uintptr_t)from;
    return NULL;
}
