/* Watched areas on RISC-V: what instructions and system calls do to their bytes. man 5 proc: PCWATCH */
#include "solproc_started.h"
#include <errno.h>

static volatile struct {
    char before[4090];
    char crossing[12];          /* over the end of the first page */
    char bytes[16];
    long words[8];
    double number;
    float small;
    char rest[4096];
} area __attribute__((aligned(4096)));

static void watch(int ctl, const volatile void *start, size_t size, int flags)
{
    prwatch_t one = {(uintptr_t)start, size, flags, 0};
    tell(ctl, PCWATCH, &one, sizeof one);
}

/* The child goes on until the next access to a watched byte: where that is. */
static unsigned long next_hit(pid_t child, int ctl)
{
    order_long(ctl, PCRUN, PRCFAULT);
    pstatus_t status = wait_stop(child, ctl, PR_FAULTED, FLTWATCH);
    CHECK_EQ(SIGTRAP, status.pr_lwp.pr_info.psi_signo);
    return status.pr_lwp.pr_info.psi_addr;
}

#define HITS(place) CHECK_EQ((unsigned long)(place), next_hit(child, ctl))

static void all_kinds(void)
{
    long *words = (long *)area.words;
    asm volatile(
        ".option push\n.option norvc\n"
        "sb t0, 0(%0)\n sh t0, 0(%0)\n sw t0, 0(%0)\n sd t0, 0(%0)\n"
        "lb t0, 0(%0)\n lhu t0, 0(%0)\n lw t0, 0(%0)\n ld t0, 0(%0)\n"
        "fsd fa0, 0(%0)\n fsw fa0, 0(%0)\n fld fa0, 0(%0)\n flw fa0, 0(%0)\n"
        "amoadd.w t0, t0, (%0)\n amoswap.d t0, t0, (%0)\n"
        "lr.d t0, (%0)\n sc.d t1, t0, (%0)\n"
        "sd t0, -8(%1)\n"
        ".option pop\n"
        "mv a4, %0\n c.sw a5, 0(a4)\n c.sd a5, 0(a4)\n c.lw a5, 0(a4)\n c.ld a5, 0(a4)\n c.fsd fa0, 0(a4)\n"
        "c.fld fa0, 0(a4)\n"
        "mv t2, sp\n mv sp, %0\n c.swsp a5, 0(sp)\n c.sdsp a5, 0(sp)\n c.lwsp a5, 0(sp)\n c.ldsp a5, 0(sp)\n"
        "c.fsdsp fa0, 0(sp)\n c.fldsp fa0, 0(sp)\n"
        "addi sp, %0, -96\n c.sdsp a5, 96(sp)\n c.ldsp a5, 96(sp)\n c.swsp a5, 96(sp)\n c.lwsp a5, 96(sp)\n"
        "mv sp, t2\n addi a4, %0, -88\n c.sd a5, 88(a4)\n c.ld a5, 88(a4)\n c.sw a5, 88(a4)\n c.lw a5, 88(a4)\n"
        ::"r"(&words[2]), "r"(&words[3]) : "t0", "t1", "t2", "a4", "a5", "fa0", "memory");
}

CASE(every_load_and_store_is_seen)
{
    for (int kinds = 1; kinds <= 3; kinds++) {
        int ctl, stores = 4 + 2 + 1 + 3 + 3 + 2 + 2, loads = 4 + 2 + 3 + 3 + 2 + 2, both = 2 + 1, seen = 0;
        pid_t child = started(all_kinds, &ctl);
        watch(ctl, &area.words[2], 8, (kinds & 1 ? WA_WRITE : 0) | (kinds & 2 ? WA_READ : 0));
        for (;; seen++) {
            order_long(ctl, PCRUN, PRCFAULT);
            if (say(ctl, PCWSTOP, "", 0) < 0)
                break;
            pstatus_t status = status_of(child);
            CHECK_EQ(FLTWATCH, status.pr_lwp.pr_what);
            CHECK_EQ((unsigned long)&area.words[2], status.pr_lwp.pr_info.psi_addr);
        }
        CHECK_EQ(ENOENT, errno);
        CHECK_EQ(0, exit_status_of(child));
        CHECK_EQ((kinds & 1 ? stores : 0) + (kinds & 2 ? loads : 0) + both, seen);     /* lr and its sc are one */
    }
}

static void around(void)
{
    area.bytes[3] = 1;
    area.bytes[5] = 1;
    area.words[0] = 1;
    *(volatile short *)&area.bytes[2] = 1;
    *(volatile int *)&area.bytes[4] = 1;
    area.bytes[4] = 1;
    *(volatile long *)&area.bytes[1] = 1;                   /* unaligned */
}

CASE(only_watched_bytes_count)
{
    int ctl;
    pid_t child = started(around, &ctl);
    watch(ctl, &area.bytes[4], 1, WA_WRITE);
    HITS(&area.bytes[4]);
    HITS(&area.bytes[4]);
    HITS(&area.bytes[4]);
    finish(child, ctl);
}

static void crosses(void)
{
    *(volatile long *)&area.before[4084] = 1;               /* ends at 4092 */
    asm volatile("sd %0, 0(%1)" ::"r"(2l), "r"(&area.before[4089]) : "memory");     /* 4089 to 4096: one more byte */
    asm volatile("sd %0, 0(%1)" ::"r"(3l), "r"(&area.before[4086]) : "memory");
    asm volatile("ld t0, 0(%0)" ::"r"(&area.before[4091]) : "t0", "memory");
}

CASE(accesses_over_the_edge_of_a_page)
{
    int ctl;
    pid_t child = started(crosses, &ctl);
    const volatile char *edge = (const volatile char *)&area + 4096;
    watch(ctl, edge, 1, WA_WRITE);
    HITS(edge);
    finish(child, ctl);
    child = started(crosses, &ctl);
    watch(ctl, edge - 2, 1, WA_WRITE);
    watch(ctl, edge + 2, 1, WA_WRITE | WA_READ);
    HITS(edge - 2);                                         /* both pages are watched, and it is told once */
    HITS(edge + 2);
    finish(child, ctl);
    child = started(crosses, &ctl);
    watch(ctl, edge + 100, 8, WA_WRITE);
    finish(child, ctl);
}

static void writes_twice(void)
{
    area.words[1] = 7;
    area.words[1] = area.words[1] + 1;
}

CASE(before_and_after)
{
    int ctl;
    pid_t child = started(writes_twice, &ctl);
    int as = open_of(child, "as", O_RDONLY);
    watch(ctl, &area.words[1], 8, WA_WRITE);
    HITS(&area.words[1]);
    long value;
    CHECK_EQ(8, pread(as, &value, 8, (long)&area.words[1]));
    CHECK_EQ(0, value);
    watch(ctl, &area.words[1], 8, WA_WRITE | WA_TRAPAFTER);
    HITS(&area.words[1]);                                   /* the second; the first was told of already */
    CHECK_EQ(8, pread(as, &value, 8, (long)&area.words[1]));
    CHECK_EQ(8, value);
    finish(child, ctl);
    child = started(writes_twice, &ctl);
    as = open_of(child, "as", O_RDONLY);
    watch(ctl, &area.words[1], 8, WA_READ | WA_WRITE | WA_TRAPAFTER);
    HITS(&area.words[1]);
    CHECK_EQ(8, pread(as, &value, 8, (long)&area.words[1]));
    CHECK_EQ(7, value);
    pstatus_t status = status_of(child);
    unsigned long pc = status.pr_lwp.pr_reg.reg[R_PC];
    HITS(&area.words[1]);
    HITS(&area.words[1]);
    CHECK(status_of(child).pr_lwp.pr_reg.reg[R_PC] > pc);
    finish(child, ctl);
}

static void adds_at_once(void) { __atomic_fetch_add(&area.words[1], 1, __ATOMIC_RELAXED); }

/* Of what one instruction does, the read is told of before it, and the write after it. */
CASE(one_of_two_accesses_is_told)
{
    static const struct {
        int flags, code;
    } cases[] = {{WA_READ | WA_WRITE, TRAP_RWATCH}, {WA_WRITE, TRAP_WWATCH}, {WA_READ, TRAP_RWATCH},
                 {WA_READ | WA_WRITE | WA_TRAPAFTER, TRAP_WWATCH}, {WA_READ | WA_TRAPAFTER, TRAP_RWATCH}};
    for (unsigned at = 0; at < sizeof cases / sizeof *cases; at++) {
        int ctl;
        pid_t child = started(adds_at_once, &ctl);
        watch(ctl, &area.words[1], 8, cases[at].flags);
        HITS(&area.words[1]);
        pstatus_t status = status_of(child);
        unsigned long pc = status.pr_lwp.pr_reg.reg[R_PC];
        CHECK_EQ(cases[at].code, status.pr_lwp.pr_info.psi_code);
        CHECK_EQ(!!(cases[at].flags & WA_TRAPAFTER), status.pr_lwp.pr_info.psi_trapafter);
        CHECK_EQ(status.pr_lwp.pr_info.psi_trapafter ? pc - 4 : pc, status.pr_lwp.pr_info.psi_pc);
        finish(child, ctl);
    }
}

__attribute__((noinline, aligned(4096))) static void watched_code(void)
{
    asm volatile("nop\n" ::: "memory");
    area.words[5] = 5;
    asm volatile("nop\n" ::: "memory");
}

__attribute__((noinline, aligned(4096))) static void code_elsewhere(void)
{
    for (int at = 0; at < 3; at++)
        watched_code();
}

CASE(executing_a_watched_place)
{
    int ctl;
    pid_t child = started(code_elsewhere, &ctl);
    watch(ctl, (void *)watched_code, 1, WA_EXEC);
    for (int at = 0; at < 3; at++) {
        HITS(watched_code);
        CHECK_EQ((unsigned long)watched_code, status_of(child).pr_lwp.pr_reg.reg[R_PC]);
    }
    finish(child, ctl);
    child = started(code_elsewhere, &ctl);
    watch(ctl, (void *)watched_code, 1, WA_EXEC | WA_TRAPAFTER);
    HITS(watched_code);
    CHECK(status_of(child).pr_lwp.pr_reg.reg[R_PC] > (unsigned long)watched_code);
    watch(ctl, (void *)watched_code, 0, 0);
    finish(child, ctl);
}

CASE(a_store_from_a_watched_page_of_code)
{
    int ctl;
    pid_t child = started(code_elsewhere, &ctl);
    watch(ctl, (char *)watched_code + 2000, 1, WA_EXEC);    /* never executed, but its page is hidden */
    watch(ctl, &area.words[5], 8, WA_WRITE);
    for (int at = 0; at < 3; at++)
        HITS(&area.words[5]);
    finish(child, ctl);
}

CASE(a_step_over_a_watched_access)
{
    int ctl;
    pid_t child = started(writes_twice, &ctl);
    watch(ctl, &area.words[1], 8, WA_WRITE);
    pstatus_t status;
    int at = 0;
    do {
        CHECK(at++ < 50);
        order_long(ctl, PCRUN, PRSTEP | PRCFAULT);
        order(ctl, PCWSTOP);
        status = status_of(child);
        CHECK_EQ(PR_FAULTED, status.pr_lwp.pr_why);
    } while (status.pr_lwp.pr_what == FLTTRACE);
    CHECK_EQ(FLTWATCH, status.pr_lwp.pr_what);
    unsigned long pc = status.pr_lwp.pr_reg.reg[R_PC];
    CHECK_EQ(FLTTRACE, step(child, ctl).pr_lwp.pr_what);
    CHECK(status_of(child).pr_lwp.pr_reg.reg[R_PC] > pc);
    HITS(&area.words[1]);
    finish(child, ctl);
}

static char unmapped[4096] __attribute__((aligned(4096)));

static void fresh(void)
{
    ((volatile char *)unmapped)[5] = 1;
    ((volatile char *)unmapped)[6] = 1;
}

CASE(a_page_that_is_not_there_yet)
{
    int ctl;
    pid_t child = started(fresh, &ctl);
    watch(ctl, unmapped + 6, 1, WA_WRITE | WA_READ);
    HITS(unmapped + 6);
    finish(child, ctl);
}

/* ---- what system calls touch */

static int ends[2];
static void reads(void)
{
    write(ends[1], "0123456789abcdef", 16);
    if (read(ends[0], (void *)area.bytes, 16) != 16 || area.rest[0] != 0)
        _exit(1);
    if (write(ends[1], (void *)area.bytes, 16) != 16)
        _exit(2);
    if (area.bytes[3] != '3')
        _exit(3);
}

/* The next stop: call `number` has touched, or is to touch, the byte at `address`. */
static pstatus_t call_touches(pid_t child, int ctl, int number, void *address, int code, int after)
{
    order_long(ctl, PCRUN, PRCFAULT);
    pstatus_t status = wait_stop(child, ctl, PR_FAULTED, FLTWATCH);
    CHECK_EQ(number, status.pr_lwp.pr_syscall);
    CHECK_EQ(address, (void *)status.pr_lwp.pr_info.psi_addr);
    CHECK_EQ(SIGTRAP, status.pr_lwp.pr_info.psi_signo);
    CHECK_EQ(code, status.pr_lwp.pr_info.psi_code);
    CHECK_EQ(after, status.pr_lwp.pr_info.psi_trapafter);
    CHECK_EQ(status.pr_lwp.pr_reg.reg[R_PC] - 4, status.pr_lwp.pr_info.psi_pc);
    return status;
}

static int byte_of(pid_t child, volatile void *address)
{
    unsigned char byte = 0;
    int as = open_of(child, "as", O_RDONLY);
    CHECK_EQ(1, pread(as, &byte, 1, (long)address));
    close(as);
    return byte;
}

CASE(system_calls_touch_watched_bytes)
{
    int ctl;
    pipe(ends);
    pid_t child = started(reads, &ctl);
    sysset_t exits = SYSSET(SYS_read);
    tell(ctl, PCSEXIT, &exits, sizeof exits);
    watch(ctl, &area.bytes[3], 1, WA_READ | WA_WRITE);
    pstatus_t status = call_touches(child, ctl, SYS_read, (void *)&area.bytes[3], TRAP_WWATCH, 0);
    CHECK_EQ(3, status.pr_lwp.pr_nsysarg);
    CHECK_EQ(ends[0], status.pr_lwp.pr_sysarg[0]);
    CHECK_EQ((long)area.bytes, status.pr_lwp.pr_sysarg[1]);
    CHECK_EQ(0, byte_of(child, &area.bytes[3]));            /* it is told of before the store */
    order_long(ctl, PCRUN, PRCFAULT);
    status = wait_stop(child, ctl, PR_SYSEXIT, SYS_read);
    CHECK_EQ(16, status.pr_lwp.pr_rval1);
    CHECK_EQ('3', byte_of(child, &area.bytes[3]));
    call_touches(child, ctl, SYS_write, (void *)&area.bytes[3], TRAP_RWATCH, 0);
    HITS(&area.bytes[3]);                                   /* the program's own look at it */
    CHECK_EQ(TRAP_RWATCH, status_of(child).pr_lwp.pr_info.psi_code);
    finish(child, ctl);
}

CASE(system_calls_that_pass_by_are_not_told)
{
    int ctl;
    pipe(ends);
    pid_t child = started(reads, &ctl);
    watch(ctl, &area.bytes[16], 1, WA_READ | WA_WRITE);     /* the next byte; and writes only, of what is read */
    watch(ctl, &area.bytes[0], 4, WA_WRITE | WA_EXEC);
    call_touches(child, ctl, SYS_read, (void *)area.bytes, TRAP_WWATCH, 0);
    finish(child, ctl);
}

static void reads_in_vain(void)
{
    write(ends[1], "0123456789abcdef", 16);
    if (read(ends[0], (void *)area.bytes, 8) != -1 || errno != EFAULT || area.bytes[0] || area.bytes[3])
        _exit(1);
    if (caught != (int)area.bytes[9])
        _exit(2);
}

static void catches_and_reads_in_vain(void)
{
    signal(SIGTRAP, catch);
    area.bytes[9] = SIGTRAP;
    reads_in_vain();
}

static void ignores_and_reads_in_vain(void)
{
    signal(SIGTRAP, SIG_IGN);
    reads_in_vain();
}

static void holds_and_reads_in_vain(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTRAP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    reads_in_vain();
}

/* A call whose fault is not cleared fails; SIGTRAP comes unless it is held or ignored. */
CASE(a_call_that_touched_a_watched_byte_fails)
{
    body *const bodies[] = {catches_and_reads_in_vain, ignores_and_reads_in_vain, holds_and_reads_in_vain};
    for (int stops = 0; stops < 2; stops++)
        for (int at = 0; at < 3; at++) {
            int ctl;
            pipe(ends);
            pid_t child = started(bodies[at], &ctl);
            if (!stops)
                tell(ctl, PCSFAULT, &(fltset_t){{0}}, sizeof(fltset_t));
            watch(ctl, &area.bytes[3], 1, WA_WRITE);
            if (stops)
                call_touches(child, ctl, SYS_read, (void *)&area.bytes[3], TRAP_WWATCH, 0);
            order_long(ctl, PCRUN, 0);
            CHECK_EQ(0, exit_status_of(child));
        }
}

static void asks_for_the_time(void)
{
    struct timespec *when = (void *)&area.words[2];
    if (syscall(SYS_clock_gettime, CLOCK_REALTIME, when) != 0 || when->tv_sec == 0)
        _exit(1);
}

CASE(after_the_access_of_a_call)
{
    int ctl;
    pid_t child = started(asks_for_the_time, &ctl);
    watch(ctl, &area.words[2], 8, WA_WRITE | WA_TRAPAFTER);
    call_touches(child, ctl, SYS_clock_gettime, (void *)&area.words[2], TRAP_WWATCH, 1);
    CHECK(byte_of(child, &area.words[2]) | byte_of(child, (char *)&area.words[2] + 2));
    order_long(ctl, PCRUN, PRCFAULT);
    CHECK_EQ(0, exit_status_of(child));
    child = started(asks_for_the_time, &ctl);
    watch(ctl, &area.words[2], 8, WA_WRITE);
    watch(ctl, &area.words[3], 8, WA_WRITE | WA_TRAPAFTER);
    call_touches(child, ctl, SYS_clock_gettime, (void *)&area.words[2], TRAP_WWATCH, 0);
    CHECK_EQ(0, byte_of(child, &area.words[2]));
    order_long(ctl, PCRUN, PRCFAULT);
    CHECK_EQ(0, exit_status_of(child));
}

static char name[] = "/no/such/file";
static void opens(void)
{
    if (open(name, O_RDONLY) != -1 || errno != ENOENT)
        _exit(1);
    struct timespec long_time = {0, 3000000};
    signal(SIGALRM, catch);
    ualarm(1000, 0);
    if (nanosleep(&long_time, (void *)&area.words[4]) != -1 || errno != EINTR || caught != SIGALRM)
        _exit(2);
    if (((struct timespec *)&area.words[4])->tv_nsec == 0)
        _exit(3);
}

CASE(names_and_interrupted_calls_are_told_of)
{
    int ctl;
    pid_t child = started(opens, &ctl);
    watch(ctl, name + 13, 1, WA_READ);                      /* the NUL */
    watch(ctl, &area.words[4], 8, WA_WRITE);
    call_touches(child, ctl, SYS_openat, name + 13, TRAP_RWATCH, 0);
    order_long(ctl, PCRUN, PRCFAULT);
    pstatus_t status = wait_stop(child, ctl, PR_FAULTED, FLTWATCH);
    CHECK(status.pr_lwp.pr_syscall == SYS_nanosleep || status.pr_lwp.pr_syscall == SYS_clock_nanosleep);
    watch(ctl, &area.words[4], 0, 0);
    order_long(ctl, PCRUN, PRCFAULT);
    CHECK_EQ(0, exit_status_of(child));
}

static void forks(void)
{
    area.words[1] = 1;
    pid_t child = fork();
    area.words[1] = 2;
    if (child == 0)
        _exit(5);
    if (WEXITSTATUS(exit_status_of(child)) != 5)
        _exit(1);
}

CASE(a_child_is_not_watched)
{
    int ctl;
    pid_t child = started(forks, &ctl);
    order_long(ctl, PCSET, PR_FORK);
    watch(ctl, &area.words[1], 8, WA_WRITE);
    HITS(&area.words[1]);
    HITS(&area.words[1]);
    finish(child, ctl);
}

static void traps(void)
{
    signal(SIGTRAP, catch);
    area.words[1] = 1;
    if (caught != SIGTRAP)
        _exit(1);
}

CASE(an_untraced_watch_is_a_signal)
{
    int ctl;
    pid_t child = started(writes_twice, &ctl);
    fltset_t none = {{0}};
    tell(ctl, PCSFAULT, &none, sizeof none);
    watch(ctl, &area.words[1], 8, WA_WRITE);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(SIGTRAP, WTERMSIG(exit_status_of(child)));
    child = started(traps, &ctl);
    tell(ctl, PCSFAULT, &none, sizeof none);
    watch(ctl, &area.words[1], 8, WA_WRITE | WA_TRAPAFTER);
    order_long(ctl, PCRUN, 0);
    CHECK_EQ(0, exit_status_of(child));
}

CASE(the_table_of_watched_areas)
{
    pid_t child = sleeper();
    int ctl = open_of(child, "ctl", O_WRONLY);
    prwatch_t one = {0x3000, 0x100, WA_READ, 0}, seen[4];
    tell(ctl, PCWATCH, &one, sizeof one);
    one = (prwatch_t){0x1000, 0x100, WA_WRITE | WA_TRAPAFTER, 0};
    tell(ctl, PCWATCH, &one, sizeof one);
    CHECK_EQ(2 * sizeof one, read_of(child, "watch", seen, sizeof seen));
    CHECK_EQ(0x1000, seen[0].pr_vaddr);
    CHECK_EQ(0x100, seen[0].pr_size);
    CHECK_EQ(WA_WRITE | WA_TRAPAFTER, seen[0].pr_wflags);
    CHECK_EQ(0x3000, seen[1].pr_vaddr);
    static const prwatch_t wrong[] = {
        {0x1080, 0x100, WA_READ, 0},    {0x1000, 0x101, WA_READ, 0}, {0x1010, 0x10, WA_READ, 0},
        {0xf00, 0x1000, WA_READ, 0},    {0x5000, 0, WA_READ, 0},     {0x5000, -1ul, WA_READ, 0},
        {-1ul, 1, WA_READ, 0},          {0x5000, 8, 0x10, 0},        {0x5000, 8, -1, 0},
        {0x5000, 8, WA_READ | 0x100, 0},
    };
    for (unsigned at = 0; at < sizeof wrong / sizeof *wrong; at++)
        refuses(EINVAL, ctl, PCWATCH, &wrong[at], sizeof *wrong);
    one = (prwatch_t){0x5000, 1ul << 36, WA_READ, 0};
    refuses(E2BIG, ctl, PCWATCH, &one, sizeof one);
    one = (prwatch_t){0x1000, 0x100, WA_EXEC, 0};
    tell(ctl, PCWATCH, &one, sizeof one);
    CHECK_EQ(2 * sizeof one, read_of(child, "watch", seen, sizeof seen));
    CHECK_EQ(WA_EXEC, seen[0].pr_wflags);
    one = (prwatch_t){0x2000, 0, 0, 0};
    tell(ctl, PCWATCH, &one, sizeof one);
    CHECK_EQ(2 * sizeof one, read_of(child, "watch", seen, sizeof seen));
    one = (prwatch_t){0x1000, 0, 0, 0};
    tell(ctl, PCWATCH, &one, sizeof one);
    one = (prwatch_t){0x3000, 5, WA_TRAPAFTER, 0};
    tell(ctl, PCWATCH, &one, sizeof one);
    CHECK_EQ(0, read_of(child, "watch", seen, sizeof seen));
    one = (prwatch_t){1ul << 40, 8, WA_READ, 0};
    tell(ctl, PCWATCH, &one, sizeof one);                   /* where nobody gets to */
    CHECK_EQ(0, read_of(child, "watch", seen, sizeof seen));
    end(child);
}

static volatile sig_atomic_t trapped;
static void on_trap(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    trapped = info->si_addr == (void *)&area.words[1];
    int ctl = open_of(getpid(), "ctl", O_WRONLY);
    watch(ctl, &area.words[1], 0, 0);
    close(ctl);
    (void)context;
}

CASE(a_process_watches_itself)
{
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    int ctl = open_of(getpid(), "ctl", O_WRONLY);
    watch(ctl, &area.words[1], 8, WA_WRITE);
    area.words[0] = 1;
    CHECK_EQ(0, trapped);
    area.words[1] = 1;
    CHECK_EQ(1, trapped);
    CHECK_EQ(1, area.words[1]);
}
