/* Misaligned and page-crossing loads, stores and fetches, and where the fault is when the second page is missing.
 * Unprivileged specification, "Load and Store Instructions" (misaligned accesses of scalars work on Linux); privileged
 * specification, "Supervisor Trap Value (stval) Register": the address of the part that faults. */
#include <setjmp.h>
#include "check.h"

static sigjmp_buf back;
static u64 fault_address, fault_pc;
static int fault_code;

static void on_segv(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    fault_address = (u64)info->si_addr;
    fault_code = info->si_code;
    fault_pc = ((ucontext_t *)context)->uc_mcontext.__gregs[0];
    siglongjmp(back, 1);
}

#define FAULTS(address, pc, statement) do { fault_address = fault_pc = 0; if (!sigsetjmp(back, 1)) { statement; } \
    CHECK(address, fault_address); CHECK(pc, fault_pc); } while (0)

static char *pages(void)
{
    return mmap(0, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void data(void)
{
    char *page = pages();
    for (int i = 0; i < 8192; i++)
        page[i] = (char)(i * 7 + i / 256);
    for (int at = 4096 - 9; at < 4096 + 9; at++) {
        u64 d, want;
        memcpy(&want, page + at, 8);
        __asm__ volatile("ld %0, 0(%1)" : "=r"(d) : "r"(page + at) : "memory");
        CHECK(want, d);
        __asm__ volatile("lw %0, 0(%1)" : "=r"(d) : "r"(page + at) : "memory");
        CHECK((long)(int)want, d);
        __asm__ volatile("lhu %0, 0(%1)" : "=r"(d) : "r"(page + at) : "memory");
        CHECK(want & 0xffff, d);
        __asm__ volatile("fld ft0, 0(%1)\n fmv.x.d %0, ft0" : "=r"(d) : "r"(page + at) : "memory", "ft0");
        CHECK(want, d);
        __asm__ volatile("sd %0, 0(%1)" : : "r"(~want), "r"(page + at) : "memory");
        memcpy(&d, page + at, 8);
        CHECK(~want, d);
        __asm__ volatile("sw %0, 0(%1)" : : "r"(want), "r"(page + at) : "memory");
        memcpy(&d, page + at, 8);
        CHECK((~want & ~0xffffffffUL) | (u32)want, d);
    }
}

extern char load_pc[], store_pc[];

__attribute__((noinline)) static void load(char *at)
{
    __asm__ volatile(".globl load_pc\nload_pc: ld t0, 0(%0)" : : "r"(at) : "t0", "memory");
}

__attribute__((noinline)) static void store(char *at)
{
    __asm__ volatile(".globl store_pc\nstore_pc: sd %0, 0(%0)" : : "r"(at) : "memory");
}

static void missing(void)
{
    char *page = pages();
    munmap(page + 4096, 4096);
    for (int i = 1; i < 8; i++) {
        memset(page + 4088, 0x5a, 8);
        FAULTS(page + 4096, load_pc, load(page + 4096 - i));
        CHECK(SEGV_MAPERR, fault_code);
        FAULTS(page + 4096, store_pc, store(page + 4096 - i));
        CHECK(0x5a5a5a5a5a5a5a5aUL, *(u64 *)(page + 4088));     /* nothing was stored */
    }
    mprotect(page, 4096, PROT_READ);
    FAULTS(page + 8, store_pc, store(page + 8));
    CHECK(SEGV_ACCERR, fault_code);
}

/* addi a0, a0, 1 with its halves on two pages, then ret */
static void fetches(void)
{
    static const unsigned short code[] = {0x0505, 0x0513, 0x0015, 0x8082};     /* c.addi a0, 1; addi a0, a0, 1; ret */
    char *page = pages();
    memcpy(page + 4096 - 4, code, sizeof code);
    __asm__ volatile("fence.i" : : : "memory");
    long (*function)(long) = (long (*)(long))(page + 4096 - 4);
    CHECK(7, function(5));
    munmap(page + 4096, 4096);
    FAULTS(page + 4096, page + 4096 - 2, function(5));
    mprotect(page, 4096, PROT_READ);
    FAULTS(page + 4092, page + 4092, function(5));
    CHECK(SEGV_ACCERR, fault_code);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, 0);
    data();
    missing();
    fetches();
    return finish();
}
