/* Waits until real time jumps, as it does when somebody sets the host's clock, then prints what the library and the
 * kernel say it is, a second apart at most. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct timespec start, now, kernels, monotonic;
    clock_gettime(CLOCK_REALTIME, &start);
    do {
        clock_gettime(CLOCK_REALTIME, &now);
        clock_gettime(CLOCK_MONOTONIC, &monotonic);
    } while (now.tv_sec - start.tv_sec < 1000 && monotonic.tv_sec < 20);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &kernels);
    printf("%d %d\n", now.tv_sec - start.tv_sec >= 1000, kernels.tv_sec - now.tv_sec <= 1);
    return 0;
}
