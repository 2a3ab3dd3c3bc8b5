/* Infinity times zero is invalid even where a quiet NaN is added. Unprivileged specification, "Single-Precision
 * Floating-Point Computational Instructions", on fused multiply-add. */
#include "fp.h"

int main(void)
{
    CHECK_FP(QNAN64, NV, D3("fmadd.d", INF64, 0, QNAN64));
    CHECK_FP(QNAN64, NV, D3("fnmsub.d", 0, INF64, QNAN64));
    CHECK_FP(NV, NV, FP3("fmadd.s ft3, ft0, ft1, ft2\n frflags a0\n fmv.d.x ft3, a0", BOX(INF32), BOX(0), BOX(QNAN32)));
    return finish();
}
