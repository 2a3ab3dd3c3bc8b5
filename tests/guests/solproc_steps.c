/* Single steps and faults on RISC-V. man 5 proc: PRSTEP, PCSFAULT */
#include "solproc_started.h"
#include <errno.h>
#include <sys/mman.h>

/* ---- steps */

extern const char step_code[], step_call[], step_back[], step_taken[], step_not[], step_end[];
static volatile long atomic;
static char lazy[8192] __attribute__((aligned(4096)));

__attribute__((naked, noinline)) static void code(void)
{
    asm volatile(
        ".globl step_code, step_call, step_back, step_taken, step_not, step_end\n"
        "step_code:\n"
        "   c.li a0, 5\n"                               /* compressed */
        "   addi a0, a0, 1\n"
        "   c.mv t6, ra\n"
        "step_call:\n"
        "   jal step_function\n"                        /* a call, and the return from it */
        "step_back:\n"
        "   beqz x0, 2f\n"                              /* a branch that is taken */
        "   unimp\n"
        "2: step_taken:\n"
        "   bnez x0, 2b\n"                              /* one that is not */
        "step_not:\n"
        "   rdtime a1\n"                                /* answered by the gate */
        "   li a7, 172\n"
        "   ecall\n"                                    /* a system call */

        "   mv ra, t6\n"
        "step_end:\n"
        "   ret\n"
        "step_function:\n"
        "   addi a0, a0, 10\n"
        "   ret\n");
}

CASE(steps_go_where_the_program_goes)
{
    int ctl;
    pid_t child = started(code, &ctl);
    pstatus_t status;
    for (int at = 0; (status = step(child, ctl)).pr_lwp.pr_reg.reg[R_PC] != (unsigned long)step_code; at++)
        CHECK(at < 20);
    unsigned long start = (unsigned long)step_code;
    CHECK_EQ(SIGTRAP, status.pr_lwp.pr_info.psi_signo);
    CHECK_EQ(TRAP_TRACE, status.pr_lwp.pr_info.psi_code);
    CHECK_EQ(start + 2, (status = step(child, ctl)).pr_lwp.pr_reg.reg[R_PC]);
    CHECK_EQ(5, status.pr_lwp.pr_reg.reg[R_A0]);
    status = step(child, ctl);
    CHECK_EQ(6, status.pr_lwp.pr_reg.reg[R_A0]);
    status = step(child, ctl);
    CHECK_EQ((unsigned long)step_call, status.pr_lwp.pr_reg.reg[R_PC]);
    status = step(child, ctl);
    CHECK_EQ((unsigned long)step_back, status.pr_lwp.pr_reg.reg[R_RA]);
    CHECK_EQ(6, status.pr_lwp.pr_reg.reg[R_A0]);
    status = step(child, ctl);
    CHECK_EQ(16, status.pr_lwp.pr_reg.reg[R_A0]);
    CHECK_EQ((unsigned long)step_back, step(child, ctl).pr_lwp.pr_reg.reg[R_PC]);
    CHECK_EQ((unsigned long)step_taken, step(child, ctl).pr_lwp.pr_reg.reg[R_PC]);
    CHECK_EQ((unsigned long)step_not, step(child, ctl).pr_lwp.pr_reg.reg[R_PC]);
    status = step(child, ctl);
    CHECK_EQ((unsigned long)step_not + 4, status.pr_lwp.pr_reg.reg[R_PC]);
    CHECK(status.pr_lwp.pr_reg.reg[R_A1] != 0);
    status = step(child, ctl);
    CHECK_EQ(172, status.pr_lwp.pr_reg.reg[R_A7]);
    unsigned long call = status.pr_lwp.pr_reg.reg[R_PC];
    status = step(child, ctl);
    CHECK_EQ(call + 4, status.pr_lwp.pr_reg.reg[R_PC]);
    CHECK_EQ(child, status.pr_lwp.pr_reg.reg[R_A0]);
    finish(child, ctl);
}

static void touches(void)
{
    lazy[0] = 1;
    lazy[4096] = 1;
}

CASE(steps_over_page_faults)
{
    int ctl;
    pid_t child = started(touches, &ctl);
    unsigned long last = 0;
    int same = 0, as = open_of(child, "as", O_RDONLY);
    for (int at = 0; at < 100; at++) {
        pstatus_t status = step(child, ctl);
        same += status.pr_lwp.pr_reg.reg[R_PC] == last;
        last = status.pr_lwp.pr_reg.reg[R_PC];
        char byte = 0;
        pread(as, &byte, 1, (long)&lazy[4096]);
        if (byte)
            break;
    }
    CHECK_EQ(0, same);
    char byte;
    CHECK_EQ(1, pread(as, &byte, 1, (long)&lazy[4096]));
    CHECK_EQ(1, byte);
    finish(child, ctl);
}

static void adds(void)
{
    for (int at = 0; at < 3; at++)
        asm volatile("1: lr.d t0, (%0)\n addi t0, t0, 1\n sc.d t1, t0, (%0)\n bnez t1, 1b" ::"r"(&atomic)
                     : "t0", "t1", "memory");
    if (atomic != 3)
        _exit(1);
}

CASE(steps_through_load_reserved_and_store_conditional)
{
    int ctl;
    pid_t child = started(adds, &ctl);
    int as = open_of(child, "as", O_RDONLY), steps = 0;
    for (long seen = 0; seen != 3; steps++) {
        CHECK(steps < 200);
        step(child, ctl);
        CHECK_EQ(8, pread(as, &seen, 8, (long)&atomic));
    }
    finish(child, ctl);
}


static void raises(void)
{
    signal(SIGUSR1, catch);
    raise(SIGUSR1);
    if (caught != SIGUSR1)
        _exit(1);
}

CASE(steps_into_a_handler)
{
    int ctl, steps = 0;
    pid_t child = started(raises, &ctl);
    for (; step(child, ctl).pr_lwp.pr_reg.reg[R_PC] - (unsigned long)catch > 8; steps++)
        CHECK(steps < 3000);                                /* the step runs the handler's first instruction */
    finish(child, ctl);
}

static void takes_traps(void)
{
    signal(SIGTRAP, catch);
    ready();
    while (!caught)
        counter++;
}

CASE(an_untraced_step_is_a_signal)
{
    int ctl;
    pid_t child = started(takes_traps, &ctl);
    order_long(ctl, PCRUN, PRCFAULT);
    int status;
    CHECK_EQ(child, waitpid(child, &status, WUNTRACED));
    kill(child, SIGCONT);
    pass_ms(1);
    fltset_t none = {{0}};
    tell(ctl, PCSFAULT, &none, sizeof none);
    order(ctl, PCSTOP);
    order_long(ctl, PCRUN, PRSTEP);
    CHECK_EQ(0, exit_status_of(child));
}

static void calls(void)
{
    for (;;)
        syscall(SYS_getppid);
}

CASE(a_stop_takes_a_step_back)
{
    int ctl;
    pid_t child = started(calls, &ctl);
    sysset_t entry = SYSSET(SYS_getppid);
    tell(ctl, PCSENTRY, &entry, sizeof entry);
    order_long(ctl, PCRUN, PRCFAULT);
    pstatus_t first = wait_stop(child, ctl, PR_SYSENTRY, SYS_getppid);
    order_long(ctl, PCRUN, PRSTEP);
    pstatus_t status = wait_stop(child, ctl, PR_FAULTED, FLTTRACE);
    CHECK_EQ(first.pr_lwp.pr_reg.reg[R_PC] + 4, status.pr_lwp.pr_reg.reg[R_PC]);
    for (int at = 0; status.pr_lwp.pr_why == PR_FAULTED; at++) {
        CHECK(at < 50);
        order_long(ctl, PCRUN, PRSTEP | PRCFAULT);
        order(ctl, PCWSTOP);
        status = status_of(child);
    }
    CHECK_EQ(PR_SYSENTRY, status.pr_lwp.pr_why);            /* before the step was made */
    CHECK(!(status.pr_flags & PR_STEP));
    order_long(ctl, PCRUN, 0);
    wait_stop(child, ctl, PR_SYSENTRY, SYS_getppid);
    end(child);
}

/* ---- other faults */

static void illegal(void) { asm volatile(".word 0"); }
static void of_the_kernel(void) { asm volatile("csrw satp, zero"); }
static void of_the_machine(void) { asm volatile(".word 0x30200073"); }              /* mret */
static void no_register(void) { asm volatile("csrr t0, 0x8c0" ::: "t0"); }          /* a user's, but there is none */
static void unaligned(void) { asm volatile("lr.w t0, (%0)" ::"r"(lazy + 1) : "t0"); }
static void out_of_bounds(void) { *(volatile int *)16 = 1; }
static void first_touch(void) { lazy[100] = 1; }

CASE(faults)
{
    static const struct {
        body *run;
        int fault, signo;
    } kinds[] = {{illegal, FLTILL, SIGILL}, {out_of_bounds, FLTBOUNDS, SIGSEGV}, {of_the_kernel, FLTPRIV, SIGILL},
                 {of_the_machine, FLTPRIV, SIGILL}, {no_register, FLTILL, SIGILL}, {unaligned, FLTACCESS, SIGBUS}};
    for (unsigned at = 0; at < sizeof kinds / sizeof *kinds; at++) {
        int ctl;
        pid_t child = started(kinds[at].run, &ctl);
        fltset_t set = FAULT(kinds[at].fault);
        tell(ctl, PCSFAULT, &set, sizeof set);
        order_long(ctl, PCRUN, PRCFAULT);
        pstatus_t status = wait_stop(child, ctl, PR_FAULTED, kinds[at].fault);
        CHECK_EQ(kinds[at].signo, status.pr_lwp.pr_info.psi_signo);
        if (at == 1)
            CHECK_EQ(16, status.pr_lwp.pr_info.psi_addr);
        CHECK_EQ(0, status.pr_lwp.pr_cursig);
        pr_sigset_t signals = SIGNALS(SIGILL, SIGSEGV, SIGBUS);
        tell(ctl, PCSTRACE, &signals, sizeof signals);
        order_long(ctl, PCRUN, 0);
        status = wait_stop(child, ctl, PR_SIGNALLED, kinds[at].signo);  /* not cleared, so its signal comes */
        order_long(ctl, PCRUN, 0);
        CHECK_EQ(kinds[at].signo, WTERMSIG(exit_status_of(child)));
    }
}

CASE(page_faults)
{
    int ctl;
    pid_t child = started(first_touch, &ctl);
    fltset_t set = FAULT(FLTPAGE);
    tell(ctl, PCSFAULT, &set, sizeof set);
    int seen = 0;
    order_long(ctl, PCRUN, PRCFAULT);
    while (say(ctl, PCWSTOP, "", 0) >= 0) {                 /* until it has ended */
        pstatus_t status = status_of(child);
        CHECK_EQ(PR_FAULTED, status.pr_lwp.pr_why);
        CHECK_EQ(FLTPAGE, status.pr_lwp.pr_what);
        CHECK_EQ(0, status.pr_lwp.pr_cursig);
        seen++;
        set = (fltset_t){{0}};
        if (seen == 2)
            tell(ctl, PCSFAULT, &set, sizeof set);
        order_long(ctl, PCRUN, 0);
    }
    CHECK_EQ(ENOENT, errno);
    CHECK_EQ(0, exit_status_of(child));
    CHECK(seen == 1 || seen == 2);
}
