/* Measures sorting: quicksort over two million random numbers. Loads, stores and unpredictable branches. */
#include <stdint.h>

#include "bench.h"

enum { COUNT = 2000000 };

static uint32_t numbers[COUNT];

static void sort(uint32_t *low, uint32_t *high) /* [low, high] */
{
    while (low < high) {
        uint32_t pivot = low[(high - low) / 2], *i = low, *j = high;
        while (i <= j) {
            while (*i < pivot)
                i++;
            while (*j > pivot)
                j--;
            if (i <= j) {
                uint32_t number = *i;
                *i++ = *j;
                *j-- = number;
            }
        }
        if (j - low < high - i) { /* the smaller part by recursion, so that the stack stays flat */
            sort(low, j);
            low = i;
        } else {
            sort(i, high);
            high = j;
        }
    }
}

int main(void)
{
    long start = now_ns();
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        uint32_t state = 12345;
        for (int i = 0; i < COUNT; i++)
            numbers[i] = state = state * 1664525 + 1013904223;
        sort(numbers, numbers + COUNT - 1);
    }
    int done = report("sort", start);
    for (int i = 1; i < COUNT; i++)
        require(numbers[i - 1] <= numbers[i], "the order");
    return done;
}
