/* Unprivileged specification, ""D" Extension", "NaN Boxing of Narrower Values": an operand that is no boxed single counts
 * as the canonical NaN, and each single that an instruction writes is boxed. */
#include "fp.h"

int main(void)
{
    CHECK_FP(BOX(QNAN32), 0, FP3("fadd.s ft3, ft0, ft1", ONE32, BOX(ONE32), 0));
    CHECK_FP(BOX(QNAN32), 0, FP3("fadd.s ft3, ft0, ft1", BOX(ONE32), 0xfffffffe00000000UL | ONE32, 0));
    CHECK_FP(BOX(QNAN32), 0, FP3("fsqrt.s ft3, ft0", ONE32, 0, 0));
    CHECK_FP(BOX(QNAN32), 0, FP3("fmadd.s ft3, ft0, ft1, ft2", BOX(ONE32), BOX(ONE32), ONE32));
    CHECK_FP(BOX(ONE32), 0, FP3("fmin.s ft3, ft0, ft1", NEG32, BOX(ONE32), 0));
    CHECK_FP(0, 0, FX("feq.s %0, ft0, ft1", ONE32, ONE32));
    CHECK_FP(1 << 9, 0, FX("fclass.s %0, ft0", ONE32, 0));
    CHECK_FP(0x7fffffff, NV, FX("fcvt.w.s %0, ft0, rtz", ONE32, 0));
    CHECK_FP(QNAN64, 0, FP3("fcvt.d.s ft3, ft0", ONE32, 0, 0));
    CHECK_FP(BOX(ONE32), 0, XF("fmv.w.x ft3, %2", 0x1234567800000000UL | ONE32));
    CHECK_FP(BOX(QNAN32), 0, FP3("fsgnj.s ft3, ft0, ft1", ONE32, BOX(ONE32), 0));
    CHECK_FP(BOX(ONE32), 0, FP3("fsgnj.s ft3, ft0, ft1", BOX(ONE32), NEG32, 0));
    CHECK_FP(BOX(QNAN32 | NEG32), 0, FP3("fsgnjn.s ft3, ft0, ft0", ONE32, 0, 0));
    CHECK_FP(BOX(QNAN32), 0, FP3("fsgnjx.s ft3, ft0, ft0", NEG32 | ONE32, 0, 0));
    CHECK_FP(BOX(s_bits(3.5f)), 0, S2("fadd.s", s_bits(1.25f), s_bits(2.25f)));
    CHECK_FP(BOX(ONE32), 0, S2("fsgnjn.s", ONE32, NEG32));
    CHECK_FP(BOX(s_bits(-0x1p31f)), 0, XF("fcvt.s.w ft3, %2", 0x80000000UL));
    CHECK_FP(BOX(s_bits(1.5f)), 0, D1("fcvt.s.d", d_bits(1.5)));
    return finish();
}
