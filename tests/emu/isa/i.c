/* RV64I. Unprivileged specification, "RV32I Base Integer Instruction Set" and "RV64I Base Integer Instruction Set". */
#include "check.h"

/* "Integer Register-Immediate Instructions" */
static void immediates(void)
{
    CHECK(MIN64, RI("addi", MAX64, 1));
    CHECK(-2049L, RI("addi", -1, -2048));
    CHECK(1, RI("slti", -1, 0));
    CHECK(0, RI("slti", 5, 5));
    CHECK(0, RI("sltiu", -1, 5));
    CHECK(1, RI("sltiu", 5, -1));           /* the immediate is sign-extended, then unsigned */
    CHECK(0xf0, RI("andi", 0xff, 0xf0));
    CHECK(-1UL << 4, RI("andi", -1, -16));
    CHECK(-1UL, RI("ori", 0, -1));
    CHECK(~0x55UL, RI("xori", 0x55, -1));
    CHECK(MIN64, RI("slli", 1, 63));
    CHECK(1, RI("srli", MIN64, 63));
    CHECK(-1UL, RI("srai", MIN64, 63));
    CHECK(0xffffffff80000000UL, RI("addiw", 0x7fffffff, 1));
    CHECK(0, RI("addiw", 0xffffffffUL, 1));
    CHECK(0x12345678, RI("addiw", 0xabcdef0012345678UL, 0));
    CHECK(0xffffffff80000000UL, RI("slliw", 1, 31));
    CHECK(1, RI("srliw", 0xffffffff80000000UL, 31));
    CHECK(0xffffffffffffffffUL, RI("srliw", 0x12345678ffffffffUL, 0));
    CHECK(-1UL, RI("sraiw", 0x80000000UL, 31));
    u64 d;
    __asm__ volatile("lui %0, 0x80000" : "=r"(d));
    CHECK(0xffffffff80000000UL, d);
    __asm__ volatile("lui %0, 0x7ffff" : "=r"(d));
    CHECK(0x7ffff000UL, d);
    u64 base;
    __asm__ volatile(".option push\n .option norvc\n auipc %0, 0\n auipc %1, 0xfffff\n .option pop"
                     : "=&r"(base), "=&r"(d));
    CHECK(base + 4 - 0x1000, d);
}

/* "Integer Register-Register Operations" */
static void registers(void)
{
    CHECK(MIN64, RR("add", MAX64, 1));
    CHECK(MAX64, RR("sub", MIN64, 1));
    CHECK(0xfffffffffffffffcUL, RR("sll", -1, 66));     /* the low six bits count */
    CHECK(MIN64 >> 2, RR("srl", MIN64, 2 + 64));
    CHECK(0xe000000000000000UL, RR("sra", MIN64, 2 + 128));
    CHECK(1, RR("slt", MIN64, MAX64));
    CHECK(0, RR("slt", MAX64, MIN64));
    CHECK(0, RR("sltu", MIN64, MAX64));
    CHECK(1, RR("sltu", 0, 1));
    CHECK(0, RR("sltu", 0, 0));
    CHECK(0x0f00, RR("and", 0xff00, 0x0ff0));
    CHECK(0xfff0, RR("or", 0xff00, 0x0ff0));
    CHECK(0xf0f0, RR("xor", 0xff00, 0x0ff0));
    CHECK(0xffffffff80000000UL, RR("addw", 0x7fffffff, 1));
    CHECK(0x7fffffff, RR("subw", 0x80000000UL, 1));
    CHECK(0xfffffffffffffffeUL, RR("sllw", 0xffffffff, 33));    /* the low five bits count */
    CHECK(0x40000000, RR("srlw", 0xffffffff80000000UL, 33));
    CHECK(0xffffffffc0000000UL, RR("sraw", 0x80000000UL, 33));
    u64 d;
    __asm__ volatile("addi x0, x0, 5\n lui x0, 1\n mv %0, x0" : "=r"(d));
    CHECK(0, d);
}

/* "Control Transfer Instructions" */
static void control(void)
{
    static const u64 v[] = {0, 1, -1UL, MIN64, MAX64};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            u64 a = v[i], b = v[j];
            CHECK(a == b, BR("beq", a, b));
            CHECK(a != b, BR("bne", a, b));
            CHECK((long)a < (long)b, BR("blt", a, b));
            CHECK((long)a >= (long)b, BR("bge", a, b));
            CHECK(a < b, BR("bltu", a, b));
            CHECK(a >= b, BR("bgeu", a, b));
        }
    u64 link, target;
    __asm__ volatile(".option push\n .option norvc\n jal %0, 1f\n .word 0\n1: la %1, 1b\n .option pop"
                     : "=r"(link), "=r"(target));
    CHECK(target - 4, link);
    /* jalr clears bit 0 of the sum, and rd may be rs1. */
    __asm__ volatile(".option push\n .option norvc\n la t0, 1f\n jalr t0, 1(t0)\n .word 0\n1: mv %0, t0\n la %1, 1b\n"
                     " .option pop" : "=r"(link), "=r"(target) : : "t0");
    CHECK(target - 4, link);
}

#define LOAD(op, offset) ({ u64 d_; __asm__ volatile(op " %0, " #offset "(%1)" : "=r"(d_) : "r"(bytes + 8) : "memory"); d_; })
#define STORE(op, value) ({ u64 m_ = 0; __asm__ volatile(op " %0, 0(%1)" : : "r"((u64)(value)), "r"(&m_) : "memory"); m_; })

/* "Load and Store Instructions" */
static void memory(void)
{
    static const unsigned char bytes[16] __attribute__((aligned(8))) =
        {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x08, 0x19, 0x2a, 0x3b, 0x4c, 0x5d, 0x6e, 0x7f};
    CHECK(0xffffffffffffff80UL, LOAD("lb", -8));
    CHECK(0x80, LOAD("lbu", -8));
    CHECK(0xffffffffffff8180UL, LOAD("lh", -8));
    CHECK(0x8180, LOAD("lhu", -8));
    CHECK(0xffffffff83828180UL, LOAD("lw", -8));
    CHECK(0x83828180, LOAD("lwu", -8));
    CHECK(0x8786858483828180UL, LOAD("ld", -8));
    CHECK(0x7f6e5d4c3b2a1908UL, LOAD("ld", 0));
    CHECK(0x7f6e, LOAD("lh", 6));
    CHECK(0x88, STORE("sb", 0x1122334455667788UL));
    CHECK(0x7788, STORE("sh", 0x1122334455667788UL));
    CHECK(0x55667788, STORE("sw", 0x1122334455667788UL));
    CHECK(0x1122334455667788UL, STORE("sd", 0x1122334455667788UL));
    __asm__ volatile("fence rw, rw\n fence.i\n fence.tso\n .insn i 0x0f, 0, x0, x0, 0x10" : : : "memory");  /* and a pause */
}

int main(void)
{
    immediates();
    registers();
    control();
    memory();
    return finish();
}
