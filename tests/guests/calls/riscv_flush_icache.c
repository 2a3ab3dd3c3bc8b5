#include "check.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* Documentation/arch/riscv/cmodx.rst, arch/riscv/kernel/sys_riscv.c: no other architecture has the call. */
#ifndef SYS_riscv_flush_icache
#define SYS_riscv_flush_icache 259
#endif
#define THIS_THREAD 1ul

CASE(new_instructions_run)
{
    uint32_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(code != MAP_FAILED);
    code[1] = 0x00008067;                                /* ret */
    for (unsigned value = 1; value < 5; value++) {
        code[0] = 0x00000513 | value << 20;              /* li a0, value */
        CHECK_EQ(0, syscall(SYS_riscv_flush_icache, code, code + 2, 0));
        CHECK_EQ(value, ((int (*)(void))code)());
    }
    code[0] = 0x00900513;                                /* li a0, 9 */
    CHECK_EQ(0, syscall(SYS_riscv_flush_icache, code, code + 2, THIS_THREAD));
    CHECK_EQ(9, ((int (*)(void))code)());
}

CASE(addresses_do_not_matter)
{
    CHECK_EQ(0, syscall(SYS_riscv_flush_icache, 0, 0, 0));
    CHECK_EQ(0, syscall(SYS_riscv_flush_icache, -4096l, 16, THIS_THREAD));
}

CASE(unknown_flags)
{
    CHECK_ERRNO(EINVAL, syscall(SYS_riscv_flush_icache, 0, 0, 2ul));
    CHECK_ERRNO(EINVAL, syscall(SYS_riscv_flush_icache, 0, 0, 1ul << 63));
}
