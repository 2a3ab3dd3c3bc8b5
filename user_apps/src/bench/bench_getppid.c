/* Measures the smallest system call: getppid, a million times. */
#include <unistd.h>

#include "bench.h"

int main(void)
{
    long start = now_ns();
    for (int i = 0; i < 1000000; i++)
        getppid();
    return report("getppid", start);
}
