/* A supervisor that tries what the machine promises an S-mode guest, says so on its consoles, and shuts down. */

typedef unsigned long u64;
typedef unsigned char u8;

struct frame {
    u64 pc, x[31];          /* x[n - 1] is register n */
};
struct answer {
    long error, value;
};
enum { TIME = 0x54494D45, IPI = 0x735049, RFENCE = 0x52464E43, HSM = 0x48534D, SRST = 0x53525354, DBCN = 0x4442434E };
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };
enum { SIE = 2, SSI = 2, STI = 32 };

#define read_csr(name) ({ u64 v_; __asm__ volatile("csrr %0, " #name : "=r"(v_)); v_; })
#define write_csr(name, value) __asm__ volatile("csrw " #name ", %0" : : "r"((u64)(value)) : "memory")
#define set_csr(name, bits) __asm__ volatile("csrs " #name ", %0" : : "r"((u64)(bits)) : "memory")
#define clear_csr(name, bits) __asm__ volatile("csrc " #name ", %0" : : "r"((u64)(bits)) : "memory")

long enter_user(void (*pc)(void), u64 sp);
void leave_user(long value);
extern u8 user_start[], user_end[];
void user_ecall(void), user_kernel(void), user_ebreak(void), user_illegal(void), user_time(void), user_spin(void),
    user_wfi(void);

static u64 tables[8][512] __attribute__((aligned(4096)));
static u8 spare[4096] __attribute__((aligned(4096)));
static volatile u64 timer_interrupts, software_interrupts, last_cause, last_tval, last_epc, last_status;
static u64 period;
static int failures;

static struct answer sbi(u64 eid, u64 fid, u64 p0, u64 p1, u64 p2)
{
    register u64 a0 __asm__("a0") = p0, a1 __asm__("a1") = p1, a2 __asm__("a2") = p2;
    register u64 a6 __asm__("a6") = fid, a7 __asm__("a7") = eid;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (struct answer){(long)a0, (long)a1};
}

static void legacy_print(const char *text)
{
    while (*text)
        sbi(1, 0, (u8)*text++, 0, 0);
}

static void print(const char *text)
{
    u64 size = 0;
    while (text[size])
        size++;
    sbi(DBCN, 0, size, (u64)text, 0);
}

static void check(const char *name, int good)
{
    print(good ? "ok   " : "FAIL ");
    print(name);
    print("\n");
    failures += !good;
}

static u64 rdtime(void)
{
    return read_csr(time);
}

/* What the next exception from S-mode skips, or mends. */
static volatile enum { NOTHING, SKIP, MAP } plan;

static u64 *entry(u64 va)
{
    return &tables[3][va >> 12 & 511];
}

void trap(struct frame *frame)
{
    u64 cause = read_csr(scause);
    if (cause >> 63) {
        if (cause << 1 >> 1 == 5) {
            timer_interrupts++;
            sbi(TIME, 0, period ? rdtime() + period : -1UL, 0, 0);
        } else {
            software_interrupts++;
            clear_csr(sip, SSI);
        }
        if (frame->pc >= 0x40000000 && frame->pc < 0x80000000)
            leave_user(-1);
        return;
    }
    last_cause = cause;
    last_tval = read_csr(stval);
    last_epc = frame->pc;
    last_status = read_csr(sstatus);
    if (last_status & 0x100) {
        if (plan == SKIP)
            frame->pc += (*(u8 *)frame->pc & 3) == 3 ? 4 : 2;
        else if (plan == MAP)
            *entry(last_tval) = (u64)spare >> 12 << 10 | V | R | W | A | D;
        else {
            print("FAIL unexpected exception\n");
            sbi(SRST, 0, 0, 1, 0);
        }
        plan = NOTHING;
        return;
    }
    if (cause == 8 && frame->x[16] == 42) {
        frame->x[9] += frame->x[16];
        frame->pc += 4;
        return;
    }
    leave_user(cause == 8 ? (long)frame->x[9] : -(long)cause);
}

static void consoles(void)
{
    legacy_print("legacy console\n");
    print("debug console\n");
    check("getchar gives a key", sbi(2, 0, 0, 0, 0).error == 'k');
    u8 line[8];
    check("read gives the rest", sbi(DBCN, 1, sizeof line, (u64)line, 0).value == 2 && line[0] == 'e' && line[1] == 'y');
    check("getchar gives -1 at the end", sbi(2, 0, 0, 0, 0).error == -1);
    check("version 2.0", sbi(0x10, 0, 0, 0, 0).value == 2 << 24);
    check("no such extension", sbi(0x10, 3, 0x504D55, 0, 0).value == 0 && sbi(0x504D55, 0, 0, 0, 0).error == -2);
    check("this hart is started", sbi(HSM, 2, 0, 0, 0).error == 0);
}

static void timers(void)
{
    u64 before = rdtime();
    set_csr(sie, STI);
    period = 1000;
    sbi(TIME, 0, before + period, 0, 0);
    __asm__ volatile("wfi");
    check("wfi ends with interrupts off", timer_interrupts == 0 && rdtime() >= before + 1000 && read_csr(sip) & STI);
    set_csr(sstatus, SIE);
    while (timer_interrupts < 3)
        __asm__ volatile("wfi");
    check("three timer interrupts", rdtime() >= before + 3000 && rdtime() < before + 3500);
    u64 spins = 0;
    while (timer_interrupts < 5)
        spins++;
    check("two more while it spins", spins > 0 && rdtime() < before + 5500);
    period = 0;
    sbi(TIME, 0, -1UL, 0, 0);
    check("disarmed", !(read_csr(sip) & STI));
    sbi(0, 0, rdtime(), 0, 0);
    check("the legacy timer", timer_interrupts == 6);
    sbi(IPI, 0, 1, 0, 0);
    check("an IPI needs its enable bit", software_interrupts == 0 && read_csr(sip) & SSI);
    set_csr(sie, SSI);
    check("an IPI to itself", software_interrupts == 1 && !(read_csr(sip) & SSI));
    u64 c0 = read_csr(cycle), i0 = read_csr(instret);
    u64 i1 = read_csr(instret), c1 = read_csr(cycle);
    check("cycle and instret count", c1 > c0 && i1 > i0 && i1 - i0 < 16);
}

static void bare_exceptions(void)
{
    plan = SKIP;
    u64 value = *(volatile u64 *)0x10000008;
    (void)value;
    check("load access fault", plan == NOTHING && last_cause == 5);
    plan = SKIP;
    *(volatile u64 *)0x10000008 = 1;
    check("store access fault", plan == NOTHING && last_cause == 7);
    plan = SKIP;
    __asm__ volatile(".balign 4\n .word 0xffffffff");
    check("illegal instruction", plan == NOTHING && last_cause == 2 && last_tval == 0xffffffff);
    plan = SKIP;
    __asm__ volatile("ebreak");
    check("breakpoint", plan == NOTHING && last_cause == 3 && last_tval == last_epc);
    plan = SKIP;
    write_csr(cycle, 0);
    check("cycle is read-only", plan == NOTHING && last_cause == 2);
}

static void paging(void)
{
    /* tables: 0 root, 2 and 3 for the gigabyte at 0x40000000; RAM is one gigapage. */
    tables[0][2] = 0x80000000UL >> 12 << 10 | V | R | W | X | A | D;
    tables[0][1] = (u64)tables[2] >> 12 << 10 | V;
    tables[2][0] = (u64)tables[3] >> 12 << 10 | V;
    for (u64 at = 0; at < (u64)(user_end - user_start); at += 4096)
        *entry(0x40000000 + at) = ((u64)user_start + at) >> 12 << 10 | V | R | X | U | A | D;
    write_csr(satp, 8UL << 60 | (u64)tables[0] >> 12);
    __asm__ volatile("sfence.vma" : : : "memory");
    check("Sv39 is on", read_csr(satp) >> 60 == 8);
    plan = MAP;
    volatile u64 *page = (volatile u64 *)0x40100010;
    *page = 77;
    check("a page fault is mended", plan == NOTHING && last_cause == 15 && last_tval == 0x40100010 && *page == 77);
    check("SPP, SPIE and SIE in the handler", (last_status & 0x122) == 0x120);
    *entry(0x40100000) = 0;
    sbi(RFENCE, 1, 1, 0, 0);
    plan = SKIP;
    (void)*page;
    check("a remote fence drops the translation", plan == NOTHING && last_cause == 13);
    plan = SKIP;
    (void)*(volatile u64 *)0x4000000000UL;
    check("an address that is no Sv39 one", plan == NOTHING && last_cause == 13 && last_tval == 0x4000000000UL);
}

static long user(void (*function)(void))
{
    return enter_user((void (*)(void))((u64)function - (u64)user_start + 0x40000000), 0x41000000);
}

static void user_mode(void)
{
    check("an ecall from user mode", user(user_ecall) == 49 && last_cause == 8 && !(last_status & 0x100));
    check("the supervisor's memory is closed", user(user_kernel) == -13 && last_tval == 0x80000000);
    check("its ebreak", user(user_ebreak) == -3);
    check("its reach for sstatus", user(user_illegal) == -2);
    check("its wfi", user(user_wfi) == -2);
    write_csr(scounteren, 0);
    check("rdtime is the supervisor's to allow", user(user_time) == -2);
    write_csr(scounteren, 7);
    check("and it does", user(user_time) > 0);
    u64 before = timer_interrupts;
    sbi(TIME, 0, rdtime() + 1000, 0, 0);
    check("a timer interrupt from user mode", user(user_spin) == -1 && timer_interrupts == before + 1);
}

void main(u64 hart, u64 opaque)
{
    check("hart 0, nothing opaque", hart == 0 && opaque == 0);
    consoles();
    timers();
    bare_exceptions();
    paging();
    user_mode();
    print(failures ? "failed\n" : "passed\n");
    sbi(SRST, 0, 0, failures != 0, 0);
}
