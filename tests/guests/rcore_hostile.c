/* What a hostile or broken program of the ABI rcore may try. The machine and the first process must survive it. */
#include "check.h"

static long child_of(void (*run)(void), int *code)
{
    long pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        run();
        exit(0);
    }
    CHECK_EQ(pid, waitpid(pid, code));
    return pid;
}

static void bomb(void)
{
    for (int i = 0; i < 100; i++)
        if (fork() < 0)
            break;
    sleep_ms(1);
}

static long reap_all(void)
{
    long count = 0;
    while (wait(NULL) > 0)
        count++;
    return count;
}

CASE(fork_bomb)
{
    int code;
    child_of(bomb, &code);
    reap_all();
    child_of(bomb, &code); /* what it took is back */
    CHECK(reap_all() > 5);
}

static int (*volatile again)(int);

static int recurse(int depth)
{
    volatile char frame[512];
    frame[0] = (char)depth;
    return again(depth + 1) + frame[0];
}

static void runaway(void)
{
    again = recurse;
    exit(recurse(0));
}

CASE(runaway_recursion)
{
    int code = 0;
    child_of(runaway, &code);
    CHECK(code == -2 || code == -11);
}

static volatile uintptr_t at;

static void load(void)
{
    at = 8;
    (void)*(volatile int *)at;
}

static void store(void) { *(volatile int *)(1ul << 37) = 1; }
static void store_code(void) { *(volatile int *)&recurse = 1; }
static void jump(void) { ((void (*)(void))(1ul << 37))(); }
static void jump_data(void) { ((void (*)(void))&check_argc)(); }
static void illegal(void) { __asm__ volatile(".word 0"); }
static void privileged(void) { __asm__ volatile("sret"); }
static void csr(void) { __asm__ volatile("csrr a0, sstatus" ::: "a0"); }
static void breakpoint(void) { __asm__ volatile("ebreak"); }
static void waits(void) { __asm__ volatile("wfi"); }
static void kernel_half(void) { (void)*(volatile int *)-8l; }

static const struct {
    const char *name;
    void (*run)(void);
} faults[] = {{"load", load}, {"store", store}, {"store_code", store_code}, {"jump", jump}, {"jump_data", jump_data},
              {"illegal", illegal}, {"privileged", privileged}, {"csr", csr}, {"breakpoint", breakpoint},
              {"wfi", waits}, {"kernel_half", kernel_half}};

CASE(fault)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (strcmp(faults[i].name, check_argv[2]) == 0) {
            int code = 0;
            child_of(faults[i].run, &code);
            printf("code %d\n", code);
            return;
        }
    CHECK_FAIL("no such fault");
}

CASE(writes_without_a_reader)
{
    size_t ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, close((long)ends[0]));
    long pid = fork();
    if (pid == 0) {
        write((int)ends[1], "x", 1);
        exit(3);
    }
    CHECK(waitpid(pid, NULL) == pid);
}

CASE(deep_pipes)
{
    size_t ends[2];
    int made = 0;
    while (made < 5000 && pipe(ends) == 0)
        made++;
    CHECK(made > 100 && made < 5000);
    while (dup(0) >= 0)
        ;
    CHECK_EQ(-1, pipe(ends));
    CHECK_EQ(-1, open("hostile", O_CREATE | O_WRONLY));
    long pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        exit(1);
    CHECK(waitpid(pid, NULL) == pid);
}

CASE(huge_counts)
{
    static char byte;
    CHECK(write(1, &byte, (size_t)1 << 62) < 0 || 1);
    CHECK_EQ(-1, write(1, (void *)8, (size_t)-1));
    CHECK_EQ(-1, read(0, (void *)8, (size_t)-1));
    CHECK_EQ(-1, write(0x7fffffff, &byte, 1));
    CHECK_EQ(-1, write(-0x7fffffff, &byte, 1));
}

CASE(exec_of_garbage)
{
    long fd = open("garbage", O_CREATE | O_WRONLY);
    CHECK_EQ(100, write((int)fd, check_argv[0] - 100, 100));
    CHECK_EQ(0, close(fd));
    CHECK_EQ(-1, exec("garbage", NULL));
    CHECK_EQ(-1, exec("dev/null", NULL));
    CHECK_EQ(-1, exec("/dev/zero", NULL));
}

static char heap[24 << 20];

static void takes_all_memory(void)
{
    fork();
    fork();
    for (size_t i = 0; i < sizeof heap; i += 4096)
        heap[i] = 1;
    sleep_ms(50);
}

CASE(takes_all_memory)
{
    int code = 0;
    child_of(takes_all_memory, &code);
    reap_all();
    child_of(bomb, &code);
    reap_all();
}

CASE(every_child_takes_memory)
{
    for (int i = 0; i < 20; i++)
        if (fork() == 0) {
            for (size_t at = 0; at < sizeof heap / 4; at += 4096)
                heap[at] = 1;
            sleep_ms(50);
            exit(0);
        }
    CHECK(reap_all() > 5);
}
