#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "handlers.h"
#include <stdint.h>
#include <ucontext.h>

static void changes_the_mask(int number, siginfo_t *info, void *context)
{
    ucontext_t *at = context;
    (void)number, (void)info;
    sigaddset(&at->uc_sigmask, SIGUSR2);
    sigaddset(&at->uc_sigmask, SIGKILL); /* which cannot be blocked this way either */
}

CASE(the_mask_is_the_frames)
{
    struct sigaction action = {.sa_sigaction = changes_the_mask, .sa_flags = SA_SIGINFO};
    sigset_t mask;
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, NULL, &mask));
    CHECK(sigismember(&mask, SIGUSR2) && !sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGKILL));
}

static volatile double number_in_handler;

static void computes(int number)
{
    volatile double x = number;
    for (int i = 0; i < 20; i++)
        x = x * 1.5 + i;
    number_in_handler = x;
}

CASE(registers_survive_a_handler)
{
    struct itimerval often = {{0, 500}, {0, 500}};
    double sum, expected = 0;
    uint64_t hash, expected_hash = 0;
    signal(SIGALRM, computes);
    for (int round = 0; round < 1000 && number_in_handler == 0; round++) {
        sum = 0, hash = 1;
        for (int i = 1; i < 100000; i++) {
            sum += 1.0 / i;
            hash = hash * 6364136223846793005u + (uint64_t)i;
        }
        if (round == 0) {
            expected = sum, expected_hash = hash;
            CHECK_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
        }
        CHECK(expected == sum && expected_hash == hash);
    }
    CHECK(number_in_handler != 0);
}

static void nested(int number)
{
    if (number == SIGUSR1)
        raise(SIGUSR2);
    times_caught = times_caught * 10 + (number == SIGUSR1 ? 1 : 2);
}

CASE(handlers_nest)
{
    signal(SIGUSR1, nested);
    signal(SIGUSR2, nested);
    raise(SIGUSR1);
    CHECK_EQ(21, times_caught);
}

#ifdef __riscv
#include <sys/mman.h>

/* arch/riscv/include/uapi/asm/sigcontext.h: sc_regs, pc first */
static void changes_registers(int number, siginfo_t *info, void *context)
{
    ucontext_t *at = context;
    (void)number, (void)info;
    at->uc_mcontext.__gregs[18] = 0x1234; /* s2 */
}

CASE(registers_are_the_frames)
{
    struct sigaction action = {.sa_sigaction = changes_registers, .sa_flags = SA_SIGINFO};
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    register long s2 asm("s2") = 1;
    register long a0 asm("a0") = getpid(), a1 asm("a1") = SIGUSR1, a7 asm("a7") = SYS_kill;
    asm volatile("ecall" : "+r"(a0), "+r"(s2) : "r"(a1), "r"(a7) : "memory");
    CHECK_EQ(0x1234, s2);
}

static int returns_from_nothing(char *frame)
{
    pid_t pid = forked();
    if (pid == 0) {
        no_core();
        register long a7 asm("a7") = SYS_rt_sigreturn;
        asm volatile("mv sp, %0\n ecall" : : "r"(frame), "r"(a7) : "memory");
        __builtin_trap();
    }
    return WTERMSIG(status_of(pid));
}

/* arch/riscv/kernel/signal.c:rt_sigreturn, badframe */
CASE(a_bad_frame_is_a_fault)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(0, munmap(page + 4096, 4096));
    CHECK_EQ(SIGSEGV, returns_from_nothing((char *)16));
    CHECK_EQ(SIGSEGV, returns_from_nothing(page + 4096 - 64));
    CHECK_EQ(SIGSEGV, returns_from_nothing((char *)-4096l));
}
#endif
