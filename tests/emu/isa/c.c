/* RV64C. Unprivileged specification, ""C" Extension for Compressed Instructions". Each is named, so that the assembler
 * takes the 16-bit form or refuses. */
#include "fp.h"

#define C2(op, a, b) ({ register u64 d_ __asm__("a0") = (a); register u64 s_ __asm__("a1") = (b); \
    __asm__ volatile(op " a0, a1" : "+r"(d_) : "r"(s_)); d_; })
#define CI(op, a, imm) ({ register u64 d_ __asm__("a0") = (a); __asm__ volatile(op " a0, " #imm : "+r"(d_)); d_; })
#define CB(op, a) ({ register u64 v_ __asm__("a0") = (a); u64 d_; \
    __asm__ volatile("li %0, 1\n " op " a0, 1f\n li %0, 0\n1:" : "=&r"(d_) : "r"(v_)); d_; })

int main(void)
{
    CHECK(-32L, CI("c.li", 5, -32));
    CHECK(0xfffffffffffe0000UL, CI("c.lui", 5, 0xfffe0));
    CHECK(MIN64, CI("c.addi", MAX64, 1));
    CHECK(0xffffffff80000000UL, CI("c.addiw", 0x7fffffff, 1));
    CHECK(0x12345678, CI("c.addiw", 0xabcdef0012345678UL, 0));
    CHECK(MIN64, CI("c.slli", 1, 63));
    CHECK(1, CI("c.srli", MIN64, 63));
    CHECK(-1UL, CI("c.srai", MIN64, 63));
    CHECK(0xfe0, CI("c.andi", 0xfff, -32));
    CHECK(7, C2("c.mv", 5, 7));
    CHECK(12, C2("c.add", 5, 7));
    CHECK(-2UL, C2("c.sub", 5, 7));
    CHECK(0x0f00, C2("c.and", 0xff00, 0x0ff0));
    CHECK(0xfff0, C2("c.or", 0xff00, 0x0ff0));
    CHECK(0xf0f0, C2("c.xor", 0xff00, 0x0ff0));
    CHECK(0xffffffff80000000UL, C2("c.addw", 0x7fffffff, 1));
    CHECK(0x7fffffff, C2("c.subw", 0x80000000UL, 1));
    CHECK(1, CB("c.beqz", 0));
    CHECK(0, CB("c.beqz", MIN64));
    CHECK(1, CB("c.bnez", MIN64));
    CHECK(0, CB("c.bnez", 0));
    u64 m[32], d, e;
    memset(m, 0, sizeof m);
    register u64 *p __asm__("a1") = m;
    register u64 v __asm__("a2") = 0x1122334499667788UL;
    __asm__ volatile("c.sw a2, 124(a1)\n c.sd a2, 248(a1)\n c.lw a3, 124(a1)\n c.ld a4, 248(a1)\n mv %0, a3\n mv %1, a4"
                     : "=&r"(d), "=&r"(e) : "r"(p), "r"(v) : "a3", "a4", "memory");
    CHECK(0xffffffff99667788UL, d);
    CHECK(0x1122334499667788UL, e);
    CHECK(0x9966778800000000UL, m[15]);
    CHECK(e, m[31]);
    __asm__ volatile("c.fld fa0, 248(a1)\n c.fsd fa0, 8(a1)" : : "r"(p) : "fa0", "memory");
    CHECK(e, m[1]);
    __asm__ volatile("mv t1, sp\n c.addi16sp sp, -64\n sub t1, t1, sp\n c.sdsp a2, 8(sp)\n c.swsp a2, 16(sp)\n"
                     " c.fldsp ft0, 8(sp)\n c.fsdsp ft0, 24(sp)\n c.ldsp t2, 24(sp)\n c.lwsp t3, 16(sp)\n"
                     " c.addi4spn a3, sp, 60\n sub t4, a3, sp\n c.addi16sp sp, 64\n"
                     " sd t1, 16(a1)\n sd t2, 24(a1)\n sd t3, 32(a1)\n sd t4, 40(a1)"
                     : : "r"(p), "r"(v) : "t1", "t2", "t3", "t4", "a3", "ft0", "memory");
    CHECK(64, m[2]);
    CHECK(e, m[3]);
    CHECK(0xffffffff99667788UL, m[4]);
    CHECK(60, m[5]);
    /* c.jalr links two bytes on; c.j and c.jr go where they say */
    __asm__ volatile("la a3, 2f\n c.jalr a3\n1: c.j 3f\n2: mv a4, ra\n c.jr ra\n3: la a3, 1b\n mv %0, a4\n mv %1, a3\n c.nop"
                     : "=&r"(d), "=&r"(e) : : "a3", "a4", "ra");
    CHECK(e, d);
    return finish();
}
