/* qsort and bsearch. The sort is a heap sort: in place, and n log n whatever the order was. */
#include <stdint.h>
#include <stdlib.h>

typedef int compare_function(const void *, const void *);

static void swap(char *left, char *right, size_t size)
{
    while (size-- > 0) {
        char byte = *left;
        *left++ = *right;
        *right++ = byte;
    }
}

/* Let the element at `root` sink until no child in [0, count) is larger. */
static void sink(char *base, size_t root, size_t count, size_t size, compare_function *compare)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count)
            return;
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        if (compare(base + root * size, base + child * size) >= 0)
            return;
        swap(base + root * size, base + child * size, size);
        root = child;
    }
}

void qsort(void *base, size_t count, size_t size, compare_function *compare)
{
    if (count < 2)
        return;
    for (size_t root = count / 2; root-- > 0;)
        sink(base, root, count, size, compare);
    for (size_t last = count - 1; last > 0; last--) {
        swap(base, (char *)base + last * size, size);
        sink(base, 0, last, size, compare);
    }
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, compare_function *compare)
{
    const char *from = base;
    while (count > 0) {
        const char *middle = from + count / 2 * size;
        int order = compare(key, middle);
        if (order == 0)
            return (void *)(uintptr_t)middle;
        if (order > 0) {
            from = middle + size;
            count -= count / 2 + 1;
        } else {
            count /= 2;
        }
    }
    return NULL;
}
