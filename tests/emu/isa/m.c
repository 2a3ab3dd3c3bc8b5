/* RV64M. Unprivileged specification, ""M" Extension for Integer Multiplication and Division". */
#include "check.h"

/* "Multiplication Operations" */
static void multiply(void)
{
    CHECK(1, RR("mul", -1, -1));
    CHECK(0, RR("mul", MIN64, 2));
    CHECK(0, RR("mulh", -1, -1));
    CHECK(-1UL, RR("mulh", -1, 1));
    CHECK(0x4000000000000000UL, RR("mulh", MIN64, MIN64));
    CHECK(0x3fffffffffffffffUL, RR("mulh", MAX64, MAX64));
    CHECK(0xfffffffffffffffeUL, RR("mulhu", -1, -1));
    CHECK(0x4000000000000000UL, RR("mulhu", MIN64, MIN64));
    CHECK(-1UL, RR("mulhsu", -1, -1));
    CHECK(0, RR("mulhsu", 1, -1));
    CHECK(0xc000000000000000UL, RR("mulhsu", MIN64, MIN64));
    CHECK(0xfffffffffffffffeUL, RR("mulw", 0x7fffffff, 2));
    CHECK(0, RR("mulw", 0x1234567880000000UL, 2));
    CHECK(0xffffffff80000000UL, RR("mulw", 0x80000000UL, -1));
}

/* "Division Operations", the table of division by zero and overflow */
static void divide(void)
{
    static const u64 v[] = {0, 1, 7, -1UL, -7UL, MIN64, MAX64, 0x80000000UL, 0xffffffff80000000UL, 0xabcdef0100000000UL};
    for (int i = 0; i < 10; i++) {
        u64 a = v[i], low = (u64)(int)a;
        CHECK(-1UL, RR("div", a, 0));
        CHECK(-1UL, RR("divu", a, 0));
        CHECK(a, RR("rem", a, 0));
        CHECK(a, RR("remu", a, 0));
        /* The W forms look at 32 bits only: the upper half of the divisor is no divisor. */
        CHECK(-1UL, RR("divw", a, 0x100000000UL));
        CHECK(-1UL, RR("divuw", a, 0x100000000UL));
        CHECK(low, RR("remw", a, 0x100000000UL));
        CHECK(low, RR("remuw", a, 0x100000000UL));
    }
    CHECK(MIN64, RR("div", MIN64, -1));
    CHECK(0, RR("rem", MIN64, -1));
    CHECK(0xffffffff80000000UL, RR("divw", 0x80000000UL, 0xffffffffUL));
    CHECK(0, RR("remw", 0x80000000UL, 0xffffffffUL));
    CHECK(0, RR("divu", MIN64, -1));
    CHECK(MIN64, RR("remu", MIN64, -1));
    CHECK(-3L, RR("div", -7, 2));           /* towards zero; the remainder has the dividend's sign */
    CHECK(-1L, RR("rem", -7, 2));
    CHECK(-3L, RR("div", 7, -2));
    CHECK(1, RR("rem", 7, -2));
    CHECK(-3L, RR("divw", 0xfffffff9UL, 2));
    CHECK(-1L, RR("remw", 0xfffffff9UL, 2));
    CHECK(0x7ffffffc, RR("divuw", 0xfffffff9UL, 2));
    CHECK(0xffffffffffffffffUL, RR("divuw", 0xffffffffUL, 1));
    CHECK(0xfffffffffffffffeUL, RR("remuw", 0xfffffffeUL, 0xffffffffUL));
}

int main(void)
{
    multiply();
    divide();
    return finish();
}
