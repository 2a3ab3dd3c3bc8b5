/* Minimum and maximum with a signalling NaN: NV, and the other operand. Unprivileged specification, "Single-Precision
 * Floating-Point Computational Instructions": minimumNumber and maximumNumber of IEEE 754-2019. */
#include "fp.h"

int main(void)
{
    CHECK_FP(ONE64, NV, D2("fmin.d", SNAN64, ONE64));
    CHECK_FP(ONE64, NV, D2("fmax.d", ONE64, SNAN64));
    CHECK_FP(QNAN64, NV, D2("fmax.d", SNAN64, QNAN64));
    CHECK_FP(BOX(ONE32), NV, S2("fmin.s", SNAN32, ONE32));
    CHECK_FP(BOX(ONE32), NV, S2("fmax.s", ONE32, SNAN32));
    return finish();
}
