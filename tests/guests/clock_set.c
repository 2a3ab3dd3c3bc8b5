/* Says that it has begun, waits until real time jumps, as it does when somebody sets the host's clock, then prints
 * whether it did, and whether the kernel says the same as the library before and after, to a second. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct timespec start, now, kernels, after, monotonic;
    clock_gettime(CLOCK_REALTIME, &start);
    puts("begun");
    fflush(stdout);
    do {
        clock_gettime(CLOCK_REALTIME, &now);
        clock_gettime(CLOCK_MONOTONIC, &monotonic);
    } while (now.tv_sec - start.tv_sec < 1000 && monotonic.tv_sec < 60);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &kernels);
    clock_gettime(CLOCK_REALTIME, &after);
    printf("%d %d\n", now.tv_sec - start.tv_sec >= 1000,
           now.tv_sec - 1 <= kernels.tv_sec && kernels.tv_sec <= after.tv_sec + 1);
    return 0;
}
