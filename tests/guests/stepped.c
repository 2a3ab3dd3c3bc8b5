/* Work for a controller: two processes that take turns, threads on shared memory, long straight code, signals. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

volatile uint64_t watched[4];
static volatile int caught;

__attribute__((noinline)) static void handler(int signo) { caught += signo; }

/* More instructions without a jump than the engine puts into one block, with loads and stores in between. */
__attribute__((noinline)) static uint64_t straight(uint64_t value)
{
    uint64_t cell = 0;
    asm volatile(".rept 700\n addi %0, %0, 3\n sd %0, 0(%1)\n ld %0, 0(%1)\n xori %0, %0, 1\n .endr\n"
                 : "+r"(value) : "r"(&cell) : "memory");
    return value;
}

__attribute__((noinline)) static uint64_t atomics(uint64_t rounds)
{
    uint64_t cell = 0, old, failed;
    for (uint64_t i = 0; i < rounds; i++)
        asm volatile("1: lr.d %0, (%2)\n addi %0, %0, 7\n sc.d %1, %0, (%2)\n bnez %1, 1b\n amoadd.d %0, %1, (%2)\n"
                     : "=&r"(old), "=&r"(failed) : "r"(&cell) : "memory");
    return cell;
}

static uint64_t clocks(void)
{
    uint64_t time, cycle, retired;
    asm volatile("rdtime %0\n rdcycle %1\n rdinstret %2" : "=r"(time), "=r"(cycle), "=r"(retired));
    return time ^ cycle << 20 ^ retired << 40;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
    char *pages = mmap(NULL, 16 << 12, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int child = fork();
    for (int i = 0; i < 12; i++) {
        pages[i << 12] = (char)i;
        for (int k = 0; k < 4; k++)
            shared[child != 0] = shared[child == 0] * 31 + straight(shared[2]++ + (uint64_t)i);
        shared[3] += atomics(20) + clocks();
        watched[i & 3] = shared[2];
    }
    if (child == 0) {
        kill(getppid(), SIGUSR1);
        _exit(3);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        ;
    char line[160];
    int size = snprintf(line, sizeof line, "%d %d %lx %lx %lx %lx %lx\n", caught, status, (long)shared[0],
                        (long)shared[1], (long)shared[2], (long)shared[3], (long)clocks());
    return write(1, line, (size_t)size) == size ? 0 : 1;
}
