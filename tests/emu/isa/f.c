/* RV64F. Unprivileged specification, ""F" Extension for Single-Precision Floating-Point". What the upper half of a register
 * holds is tried in fd_nan_boxing.c. */
#include "fp.h"

#define MAX 0x7f7fffffU
#define TINY 0x00800000U

static void arithmetic(void)
{
    CHECK_S(s_bits(3.5f), 0, S2("fadd.s", s_bits(1.25f), s_bits(2.25f)));
    CHECK_S(ONE32, NX, S2("fadd.s", ONE32, 1));
    CHECK_S(QNAN32, NV, S2("fadd.s", INF32, INF32 | NEG32));
    CHECK_S(QNAN32, 0, S2("fadd.s", 0xffc01234U, ONE32));
    CHECK_S(INF32, OF | NX, S2("fmul.s", MAX, MAX));
    CHECK_S(s_bits(-1), 0, S2("fsub.s", s_bits(1.25f), s_bits(2.25f)));
    CHECK_S(0, UF | NX, S2("fmul.s", TINY, 1));
    CHECK_S(TINY >> 1, 0, S2("fmul.s", TINY, s_bits(0.5f)));
    CHECK_S(INF32, DZ, S2("fdiv.s", ONE32, 0));
    CHECK_S(QNAN32, NV, S2("fdiv.s", INF32, INF32));
    CHECK_S(0x3eaaaaabU, NX, S2("fdiv.s", ONE32, s_bits(3)));
    CHECK_S(0x3fb504f3U, NX, S1("fsqrt.s", s_bits(2)));
    CHECK_S(QNAN32, NV, S1("fsqrt.s", s_bits(-2)));
    CHECK_S(s_bits(7), 0, S3("fmadd.s", s_bits(2), s_bits(3), ONE32));
    CHECK_S(s_bits(5), 0, S3("fmsub.s", s_bits(2), s_bits(3), ONE32));
    CHECK_S(s_bits(-5), 0, S3("fnmsub.s", s_bits(2), s_bits(3), ONE32));
    CHECK_S(s_bits(-7), 0, S3("fnmadd.s", s_bits(2), s_bits(3), ONE32));
    CHECK_S(s_bits(0x1p-46f), 0, S3("fmsub.s", ONE32 + 1, ONE32 + 1, ONE32 + 2));
}

static void conversions(void)
{
    CHECK_FP(-1L, NX, CVT_S("fcvt.w.s", "rtz", s_bits(-1.5f)));
    CHECK_FP(0x7fffffff, NV, CVT_S("fcvt.w.s", "rtz", s_bits(0x1p31f)));
    CHECK_FP(0xffffffff80000000UL, NV, CVT_S("fcvt.w.s", "rtz", INF32 | NEG32));
    CHECK_FP(0x7fffffff, NV, CVT_S("fcvt.w.s", "rtz", QNAN32 | NEG32));
    CHECK_FP(-1UL, NV, CVT_S("fcvt.wu.s", "rtz", s_bits(0x1p32f)));
    CHECK_FP(0xffffffff80000000UL, 0, CVT_S("fcvt.wu.s", "rtz", s_bits(0x1p31f)));
    CHECK_FP(0, NV, CVT_S("fcvt.wu.s", "rtz", s_bits(-1)));
    CHECK_FP(MAX64, NV, CVT_S("fcvt.l.s", "rtz", INF32));
    CHECK_FP(MIN64, 0, CVT_S("fcvt.l.s", "rtz", s_bits(-0x1p63f)));
    CHECK_FP(-1UL, NV, CVT_S("fcvt.lu.s", "rtz", SNAN32));
    CHECK_FP(0, NX, CVT_S("fcvt.lu.s", "rtz", s_bits(-0.5f)));
    CHECK_S(s_bits(-0x1p31f), 0, XF("fcvt.s.w ft3, %2", 0x80000000UL));
    CHECK_S(s_bits(0x1p31f), 0, XF("fcvt.s.wu ft3, %2", 0x80000000UL));
    CHECK_S(s_bits(0x1p63f), NX, XF("fcvt.s.l ft3, %2", MAX64));
    CHECK_S(s_bits(0x1p64f), NX, XF("fcvt.s.lu ft3, %2", -1UL));
    CHECK_S(s_bits(16777216), NX, XF("fcvt.s.w ft3, %2", 16777217));      /* a tie goes to even */
}

static void the_rest(void)
{
    CHECK_FP(1, 0, SX2("feq.s", 0, NEG32));
    CHECK_FP(0, 0, SX2("feq.s", QNAN32, ONE32));
    CHECK_FP(0, NV, SX2("feq.s", SNAN32, ONE32));
    CHECK_FP(1, 0, SX2("flt.s", NEG32 | 1, 0));
    CHECK_FP(0, NV, SX2("flt.s", QNAN32, ONE32));
    CHECK_FP(1, 0, SX2("fle.s", NEG32, 0));
    CHECK_FP(0, NV, SX2("fle.s", QNAN32, ONE32));
    static const u32 kinds[10] = {INF32 | NEG32, ONE32 | NEG32, 1 | NEG32, NEG32, 0, 1, ONE32, INF32, SNAN32, QNAN32};
    for (int i = 0; i < 10; i++)
        CHECK_FP(1UL << i, 0, SX1("fclass.s", kinds[i]));
    CHECK_S(ONE32 | NEG32, 0, S2("fsgnj.s", ONE32, NEG32));
    CHECK_S(ONE32, 0, S2("fsgnjn.s", ONE32, NEG32));
    CHECK_S(ONE32, 0, S2("fsgnjx.s", ONE32 | NEG32, NEG32));
    CHECK_S(NEG32, 0, S2("fmin.s", 0, NEG32));
    CHECK_S(0, 0, S2("fmax.s", 0, NEG32));
    CHECK_S(ONE32, 0, S2("fmin.s", QNAN32, ONE32));
    CHECK_S(ONE32, 0, S2("fmax.s", ONE32, QNAN32));
    CHECK_S(QNAN32, 0, S2("fmin.s", QNAN32 | NEG32, QNAN32 | 5));
}

/* Transfers move bits, boxed or not, and flw boxes. */
static void transfers(void)
{
    CHECK_FP(0xffffffffbf800000UL, 0, FX("fmv.x.w %0, ft0", 0x12345678bf800000UL, 0));
    u64 m = 0x12345678bf800000UL;
    CHECK_FP(BOX(0xbf800000U), 0, XF("flw ft3, 0(%2)", &m));
    __asm__ volatile("fmv.d.x ft0, %0\n fsw ft0, 0(%1)" : : "r"(0xabcdef9876543210UL), "r"(&m) : "ft0", "memory");
    CHECK(0x1234567876543210UL, m);
}

int main(void)
{
    arithmetic();
    conversions();
    the_rest();
    transfers();
    return finish();
}
