/* RV64D. Unprivileged specification, ""D" Extension for Double-Precision Floating-Point". */
#include "fp.h"

#define MAX 0x7fefffffffffffffUL
#define TINY 0x0010000000000000UL       /* the least normal number */

static void arithmetic(void)
{
    CHECK_FP(d_bits(3.5), 0, D2("fadd.d", d_bits(1.25), d_bits(2.25)));
    CHECK_FP(ONE64, NX, D2("fadd.d", ONE64, 1));
    CHECK_FP(QNAN64, NV, D2("fadd.d", INF64, INF64 | NEG64));
    CHECK_FP(QNAN64, NV, D2("fadd.d", SNAN64, ONE64));
    CHECK_FP(QNAN64, 0, D2("fadd.d", 0xfff8000000001234UL, ONE64));       /* "NaN Generation and Propagation" */
    CHECK_FP(INF64, OF | NX, D2("fadd.d", MAX, MAX));
    CHECK_FP(d_bits(-1), 0, D2("fsub.d", d_bits(1.25), d_bits(2.25)));
    CHECK_FP(QNAN64, NV, D2("fsub.d", INF64, INF64));
    CHECK_FP(QNAN64, NV, D2("fmul.d", INF64, 0));
    CHECK_FP(0, UF | NX, D2("fmul.d", TINY, 1));
    CHECK_FP(TINY >> 1, 0, D2("fmul.d", TINY, d_bits(0.5)));               /* subnormal and exact: no flag */
    CHECK_FP(INF64 | NEG64, DZ, D2("fdiv.d", d_bits(-1), 0));
    CHECK_FP(QNAN64, NV, D2("fdiv.d", 0, NEG64));
    CHECK_FP(0x3fd5555555555555UL, NX, D2("fdiv.d", ONE64, d_bits(3)));
    CHECK_FP(d_bits(1.5), 0, D1("fsqrt.d", d_bits(2.25)));
    CHECK_FP(0x3ff6a09e667f3bcdUL, NX, D1("fsqrt.d", d_bits(2)));
    CHECK_FP(QNAN64, NV, D1("fsqrt.d", d_bits(-1)));
    CHECK_FP(NEG64, 0, D1("fsqrt.d", NEG64));
}

/* One rounding only; the signs of product and addend. */
static void fused(void)
{
    CHECK_FP(d_bits(7), 0, D3("fmadd.d", d_bits(2), d_bits(3), ONE64));
    CHECK_FP(d_bits(5), 0, D3("fmsub.d", d_bits(2), d_bits(3), ONE64));
    CHECK_FP(d_bits(-5), 0, D3("fnmsub.d", d_bits(2), d_bits(3), ONE64));
    CHECK_FP(d_bits(-7), 0, D3("fnmadd.d", d_bits(2), d_bits(3), ONE64));
    /* (1 + e)^2 - (1 + 2e) = e^2, lost with two roundings; e = 2^-52 */
    CHECK_FP(d_bits(0x1p-104), 0, D3("fmsub.d", ONE64 + 1, ONE64 + 1, ONE64 + 2));
}

/* "Double-Precision Floating-Point Conversion and Move Instructions"; the table of invalid inputs is in ""F" …" */
static void conversions(void)
{
    CHECK_FP(1, NX, CVT_D("fcvt.w.d", "rtz", d_bits(1.9)));
    CHECK_FP(-1L, NX, CVT_D("fcvt.w.d", "rtz", d_bits(-1.9)));
    CHECK_FP(0x7fffffff, NV, CVT_D("fcvt.w.d", "rtz", d_bits(2147483648.0)));
    CHECK_FP(0xffffffff80000000UL, 0, CVT_D("fcvt.w.d", "rtz", d_bits(-2147483648.0)));
    CHECK_FP(0xffffffff80000000UL, NX, CVT_D("fcvt.w.d", "rtz", d_bits(-2147483648.5)));
    CHECK_FP(0xffffffff80000000UL, NV, CVT_D("fcvt.w.d", "rtz", INF64 | NEG64));
    CHECK_FP(0x7fffffff, NV, CVT_D("fcvt.w.d", "rtz", QNAN64 | NEG64));
    CHECK_FP(0xffffffffffffffffUL, 0, CVT_D("fcvt.wu.d", "rtz", d_bits(4294967295.0)));     /* sign-extended */
    CHECK_FP(-1UL, NV, CVT_D("fcvt.wu.d", "rtz", d_bits(4294967296.0)));
    CHECK_FP(0, NV, CVT_D("fcvt.wu.d", "rtz", d_bits(-1)));
    CHECK_FP(0, NX, CVT_D("fcvt.wu.d", "rtz", d_bits(-0.9)));
    CHECK_FP(-1UL, NV, CVT_D("fcvt.wu.d", "rtz", QNAN64));
    CHECK_FP(MAX64, NV, CVT_D("fcvt.l.d", "rtz", d_bits(0x1p63)));
    CHECK_FP(MIN64, 0, CVT_D("fcvt.l.d", "rtz", d_bits(-0x1p63)));
    CHECK_FP(MAX64, NV, CVT_D("fcvt.l.d", "rtz", SNAN64));
    CHECK_FP(MIN64, NV, CVT_D("fcvt.l.d", "rtz", INF64 | NEG64));
    CHECK_FP(-1UL, NV, CVT_D("fcvt.lu.d", "rtz", d_bits(0x1p64)));
    CHECK_FP(MIN64, 0, CVT_D("fcvt.lu.d", "rtz", d_bits(0x1p63)));
    CHECK_FP(0, NV, CVT_D("fcvt.lu.d", "rtz", INF64 | NEG64));
    CHECK_FP(d_bits(-2147483648.0), 0, XF("fcvt.d.w ft3, %2", 0x80000000UL));
    CHECK_FP(d_bits(2147483648.0), 0, XF("fcvt.d.wu ft3, %2", 0xffffffff80000000UL));
    CHECK_FP(d_bits(0x1p63), NX, XF("fcvt.d.l ft3, %2", MAX64));
    CHECK_FP(d_bits(0x1p64), NX, XF("fcvt.d.lu ft3, %2", -1UL));
    CHECK_FP(d_bits(1.5), 0, S1("fcvt.d.s", s_bits(1.5f)));
    CHECK_FP(QNAN64, NV, S1("fcvt.d.s", SNAN32 | NEG32));
    CHECK_S(s_bits(1.5f), 0, D1("fcvt.s.d", d_bits(1.5)));
    CHECK_S(INF32, OF | NX, D1("fcvt.s.d", MAX));
    CHECK_S(0, UF | NX, D1("fcvt.s.d", 1));
    CHECK_S(QNAN32, NV, D1("fcvt.s.d", SNAN64));
}

/* "Double-Precision Floating-Point Compare Instructions", "… Classify Instruction", sign injection, minimum, maximum */
static void the_rest(void)
{
    CHECK_FP(1, 0, DX2("feq.d", 0, NEG64));
    CHECK_FP(0, 0, DX2("feq.d", QNAN64, QNAN64));
    CHECK_FP(0, NV, DX2("feq.d", SNAN64, ONE64));
    CHECK_FP(1, 0, DX2("flt.d", d_bits(-1), ONE64));
    CHECK_FP(0, 0, DX2("flt.d", NEG64, 0));
    CHECK_FP(0, NV, DX2("flt.d", QNAN64, ONE64));
    CHECK_FP(1, 0, DX2("fle.d", ONE64, ONE64));
    CHECK_FP(0, NV, DX2("fle.d", ONE64, QNAN64));
    static const u64 kinds[10] = {INF64 | NEG64, ONE64 | NEG64, 1 | NEG64, NEG64, 0, 1, ONE64, INF64, SNAN64, QNAN64};
    for (int i = 0; i < 10; i++)
        CHECK_FP(1UL << i, 0, DX1("fclass.d", kinds[i]));
    CHECK_FP(ONE64 | NEG64, 0, D2("fsgnj.d", ONE64, NEG64));
    CHECK_FP(ONE64, 0, D2("fsgnjn.d", ONE64, NEG64));
    CHECK_FP(ONE64, 0, D2("fsgnjx.d", ONE64 | NEG64, NEG64));
    CHECK_FP(SNAN64 | NEG64, 0, D2("fsgnjx.d", SNAN64, NEG64));            /* no NaN is made canonical */
    CHECK_FP(NEG64, 0, D2("fmin.d", 0, NEG64));
    CHECK_FP(NEG64, 0, D2("fmin.d", NEG64, 0));
    CHECK_FP(0, 0, D2("fmax.d", NEG64, 0));
    CHECK_FP(ONE64, 0, D2("fmin.d", QNAN64, ONE64));
    CHECK_FP(ONE64, 0, D2("fmax.d", ONE64, QNAN64));
    CHECK_FP(QNAN64, 0, D2("fmax.d", QNAN64 | NEG64, QNAN64 | 5));
    CHECK_FP(d_bits(-2), 0, D2("fmin.d", ONE64, d_bits(-2)));
    CHECK_FP(ONE64, 0, D2("fmax.d", ONE64, d_bits(-2)));
    CHECK_FP(0x123456789abcdef0UL, 0, D1("fmv.d", 0x123456789abcdef0UL));
}

int main(void)
{
    arithmetic();
    fused();
    conversions();
    the_rest();
    return finish();
}
