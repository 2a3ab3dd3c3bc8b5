/* Measures the first touch of a page of anonymous memory, 20,000 times. */
#include <sys/mman.h>

#include "bench.h"

enum { PAGES = 20000, PAGE = 4096 };

int main(void)
{
    char *memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED, "mmap");
    long start = now_ns();
    for (long i = 0; i < PAGES; i++)
        ((volatile char *)memory)[i * PAGE] = 1;
    return report("touch", start);
}
