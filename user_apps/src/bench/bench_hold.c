/* Fills argv[1] MiB of anonymous memory, each page with other numbers, and keeps them: for measuring snapshots. */
#include <sys/mman.h>
#include <time.h>

#include "bench.h"

int main(int argc, char **argv)
{
    size_t size = (size_t)(argc > 1 ? atoi(argv[1]) : 16) << 20, words = size / sizeof(unsigned long);
    unsigned long *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), number = 1;
    struct timespec long_time = {1000, 0};
    require(memory != MAP_FAILED, "mmap");
    for (size_t i = 0; i < words; i += 16)
        memory[i] = number = number * 6364136223846793005ul + 1442695040888963407ul;
    nanosleep(&long_time, NULL);
    return 0;
}
