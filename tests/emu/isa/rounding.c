/* Rounding modes, static and dynamic, fcsr, and fcsr kept per process. Unprivileged specification,
 * "Floating-Point Control and Status Register". */
#include "fp.h"

enum { SYS_sched_yield = 124 };

#define FRM(mode) __asm__ volatile("fsrm %0" : : "r"((u64)(mode)))
#define CSR(op) ({ u64 v_; __asm__ volatile(op " %0" : "=r"(v_)); v_; })

/* What -2.5, -1.5, 1.5, 2.5 and 2.25 become in each mode, RNE first. */
static const double inputs[5] = {-2.5, -1.5, 1.5, 2.5, 2.25};
static const long want[5][5] = {
    {-2, -2, 2, 2, 2}, {-2, -1, 1, 2, 2}, {-3, -2, 1, 2, 2}, {-2, -1, 2, 3, 3}, {-3, -2, 2, 3, 2},
};

static void conversions(void)
{
    for (int i = 0; i < 5; i++) {
        u64 a = d_bits(inputs[i]);
        CHECK_FP(want[RNE][i], NX, CVT_D("fcvt.l.d", "rne", a));
        CHECK_FP(want[RTZ][i], NX, CVT_D("fcvt.l.d", "rtz", a));
        CHECK_FP(want[RDN][i], NX, CVT_D("fcvt.l.d", "rdn", a));
        CHECK_FP(want[RUP][i], NX, CVT_D("fcvt.l.d", "rup", a));
        CHECK_FP(want[RMM][i], NX, CVT_D("fcvt.l.d", "rmm", a));
        for (int mode = RNE; mode <= RMM; mode++) {
            FRM(mode);
            CHECK_FP(want[mode][i], NX, CVT_D("fcvt.l.d", "dyn", a));
            CHECK_FP(want[mode][i], NX, CVT_S("fcvt.w.s", "dyn", s_bits((float)inputs[i])));
        }
        FRM(RNE);
    }
}

/* 1 + 2^-54 and its like, at the edge of one unit in the last place */
static void sums(void)
{
    u64 little = d_bits(0x1p-60), half = d_bits(0x1p-53);
    static const u64 up[5] = {0, 0, 0, 1, 0}, tie[5] = {0, 0, 0, 1, 1}, below[5] = {0, 0, 1, 0, 0};
    for (int mode = RNE; mode <= RMM; mode++) {
        FRM(mode);
        CHECK_FP(ONE64 + up[mode], NX, D2("fadd.d", ONE64, little));
        CHECK_FP(ONE64 + tie[mode], NX, D2("fadd.d", ONE64, half));
        CHECK_FP((NEG64 | ONE64) + below[mode], NX, D2("fsub.d", NEG64 | ONE64, little));
        CHECK_FP(mode == RDN ? NEG64 : 0, 0, D2("fsub.d", ONE64, ONE64));      /* an exact zero sum */
        u64 most = 0x7fefffffffffffffUL;
        CHECK_FP(mode == RTZ || mode == RDN ? most : INF64, OF | NX, D2("fadd.d", most, most));
    }
    FRM(RNE);
}

static void csr(void)
{
    __asm__ volatile("fscsr %0" : : "r"(0xffUL));
    CHECK(0xff, CSR("frcsr"));
    CHECK(0x1f, CSR("frflags"));
    CHECK(7, CSR("frrm"));
    u64 old;
    __asm__ volatile("fsflags %0, x0" : "=r"(old));
    CHECK(0x1f, old);
    CHECK(0xe0, CSR("frcsr"));
    __asm__ volatile("fsrmi %0, 3" : "=r"(old));
    CHECK(7, old);
    __asm__ volatile("fsflagsi %0, 5" : "=r"(old));
    CHECK(0x65, CSR("frcsr"));
    __asm__ volatile("fscsr %0" : : "r"(~0xffUL));
    CHECK(0, CSR("frcsr"));
    CHECK_FP(ONE64, NX, D2("fadd.d", ONE64, 1));
    __asm__ volatile("fmv.d.x ft0, %0\n fadd.d ft0, ft0, ft0" : : "r"(ONE64) : "ft0");
    CHECK(NX, CSR("frflags"));                      /* flags accrue */
    __asm__ volatile("fscsr x0");
}

/* Two processes with their own fcsr and f registers, yielding to one another; then with time slices. */
static void per_process(void)
{
    pid_t child = fork();
    u64 mine = child ? 0x71 : 0x2e, mark = child ? 0x1111111111111111UL : 0x2222222222222222UL;
    int bad = 0;
    for (int i = 0; i < 50; i++) {
        u64 seen, value;
        register long a7 __asm__("a7") = SYS_sched_yield;
        register long a0 __asm__("a0");
        __asm__ volatile("fscsr %3\n fmv.d.x fs11, %4\n ecall\n frcsr %0\n fmv.x.d %1, fs11\n fscsr x0"
                         : "=&r"(seen), "=&r"(value), "=r"(a0) : "r"(mine), "r"(mark), "r"(a7) : "memory", "fs11");
        bad += seen != mine || value != mark;
    }
    for (int i = 0; i < 3; i++) {
        u64 seen, value, n = 4000000;
        __asm__ volatile("fscsr %3\n fmv.d.x fs11, %4\n1: addi %2, %2, -1\n bnez %2, 1b\n frcsr %0\n fmv.x.d %1, fs11\n"
                         " fscsr x0" : "=&r"(seen), "=&r"(value), "+r"(n) : "r"(mine), "r"(mark) : "fs11");
        bad += seen != mine || value != mark;
    }
    if (child == 0)
        _exit(bad);
    int status;
    waitpid(child, &status, 0);
    CHECK(0, bad);
    CHECK(0, status);
}

int main(void)
{
    conversions();
    sums();
    csr();
    per_process();
    return finish();
}
