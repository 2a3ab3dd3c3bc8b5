/* RV64A. Unprivileged specification, ""A" Extension for Atomic Instructions". */
#include "check.h"

struct result { u64 old, now; };

#define AMO(op, memory, operand) ({ u64 m_ = (memory), d_; \
    __asm__ volatile(op " %0, %2, (%1)" : "=&r"(d_) : "r"(&m_), "r"((u64)(operand)) : "memory"); \
    (struct result){d_, m_}; })
#define CHECK_AMO(op, memory, operand, want) do { struct result r_ = AMO(op, memory, operand); \
    check(__LINE__, op " old", (u64)(memory), r_.old); check(__LINE__, op " new", (u64)(want), r_.now); } while (0)
/* Of a word: the old value comes sign-extended, the upper half of the memory stays. */
#define UPPER 0x5a5a5a5a00000000UL
#define CHECK_AMOW(op, memory, operand, want) do { struct result r_ = AMO(op, UPPER | (u32)(memory), operand); \
    check(__LINE__, op " old", (u64)(int)(memory), r_.old); check(__LINE__, op " new", UPPER | (u32)(want), r_.now); } while (0)
/* Every ordering of one operation. */
#define ALL(CHECKER, op, memory, operand, want) do { CHECKER(op, memory, operand, want); \
    CHECKER(op ".aq", memory, operand, want); CHECKER(op ".rl", memory, operand, want); \
    CHECKER(op ".aqrl", memory, operand, want); } while (0)

/* "Atomic Memory Operations" */
static void amo(void)
{
    ALL(CHECK_AMO, "amoswap.d", 1, MIN64, MIN64);
    ALL(CHECK_AMO, "amoadd.d", MAX64, 1, MIN64);
    ALL(CHECK_AMO, "amoxor.d", 0xff00, 0x0ff0, 0xf0f0);
    ALL(CHECK_AMO, "amoand.d", 0xff00, 0x0ff0, 0x0f00);
    ALL(CHECK_AMO, "amoor.d", 0xff00, 0x0ff0, 0xfff0);
    ALL(CHECK_AMO, "amomin.d", -1UL, 1, -1UL);
    ALL(CHECK_AMO, "amomin.d", 1, MIN64, MIN64);
    ALL(CHECK_AMO, "amomax.d", -1UL, 1, 1);
    ALL(CHECK_AMO, "amomax.d", MAX64, MIN64, MAX64);
    ALL(CHECK_AMO, "amominu.d", -1UL, 1, 1);
    ALL(CHECK_AMO, "amominu.d", 2, MIN64, 2);
    ALL(CHECK_AMO, "amomaxu.d", -1UL, 1, -1UL);
    ALL(CHECK_AMO, "amomaxu.d", 2, MIN64, MIN64);
    ALL(CHECK_AMOW, "amoswap.w", 0x80000000U, 0xabcd000000000001UL, 1);
    ALL(CHECK_AMOW, "amoadd.w", 0x7fffffff, 1, 0x80000000U);
    ALL(CHECK_AMOW, "amoadd.w", 0xffffffffU, 1, 0);
    ALL(CHECK_AMOW, "amoxor.w", 0xff00, 0x0ff0, 0xf0f0);
    ALL(CHECK_AMOW, "amoand.w", 0xff00, 0x0ff0, 0x0f00);
    ALL(CHECK_AMOW, "amoor.w", 0xff00, 0x0ff0, 0xfff0);
    ALL(CHECK_AMOW, "amomin.w", -1, 1, -1);
    ALL(CHECK_AMOW, "amomin.w", 1, 0x80000000UL, 0x80000000U);     /* the operand is its low 32 bits */
    ALL(CHECK_AMOW, "amomax.w", -1, 1, 1);
    ALL(CHECK_AMOW, "amomax.w", 1, 0x80000000UL, 1);
    ALL(CHECK_AMOW, "amominu.w", -1, 1, 1);
    ALL(CHECK_AMOW, "amominu.w", 2, 0x80000000UL, 2);
    ALL(CHECK_AMOW, "amomaxu.w", -1, 1, -1);
    ALL(CHECK_AMOW, "amomaxu.w", 2, 0x80000000UL, 0x80000000U);
    u64 m = 7, d;
    __asm__ volatile("amoadd.d x0, %1, (%2)\n mv %0, x0" : "=r"(d) : "r"(3L), "r"(&m) : "memory");
    CHECK(10, m);
    CHECK(0, d);
    d = (u64)&m;
    __asm__ volatile("amoadd.d %0, %1, (%0)" : "+r"(d) : "r"(3L) : "memory");    /* rd is rs1 */
    CHECK(10, d);
    CHECK(13, m);
}

/* "Load-Reserved/Store-Conditional Instructions" */
static void reservations(void)
{
    u64 m = UPPER | 0x80000000U, old, fail;
    __asm__ volatile("lr.w %0, (%2)\n sc.w %1, %3, (%2)" : "=&r"(old), "=&r"(fail) : "r"(&m), "r"(5L) : "memory");
    CHECK(0xffffffff80000000UL, old);
    CHECK(0, fail);
    CHECK(UPPER | 5, m);
    __asm__ volatile("lr.d.aq %0, (%2)\n sc.d.rl %1, %3, (%2)" : "=&r"(old), "=&r"(fail) : "r"(&m), "r"(9L) : "memory");
    CHECK(UPPER | 5, old);
    CHECK(0, fail);
    CHECK(9, m);
    __asm__ volatile("sc.d %0, %2, (%1)" : "=&r"(fail) : "r"(&m), "r"(11L) : "memory");    /* one sc per lr */
    CHECK(1, fail != 0);
    CHECK(9, m);
    u64 other = 1;
    __asm__ volatile("lr.d %0, (%2)\n sc.d %1, %4, (%3)" : "=&r"(old), "=&r"(fail)
                     : "r"(&m), "r"(&other), "r"(11L) : "memory");
    CHECK(1, fail != 0);
    CHECK(1, other);
    __asm__ volatile("sc.d %0, %2, (%1)" : "=&r"(fail) : "r"(&m), "r"(11L) : "memory");    /* a failed sc ends it too */
    CHECK(1, fail != 0);
    CHECK(9, m);
    u64 one[2] = {1, 2};
    __asm__ volatile("lr.d %0, (%2)\n sd %3, 0(%2)\n sc.d %1, %4, (%2)" : "=&r"(old), "=&r"(fail)
                     : "r"(one), "r"(1L), "r"(77L) : "memory");     /* may fail or not, but does what it says */
    CHECK(fail ? 1 : 77, one[0]);
}

int main(void)
{
    amo();
    reservations();
    return finish();
}
