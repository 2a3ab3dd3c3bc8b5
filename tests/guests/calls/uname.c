#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

CASE(names)
{
    struct utsname names;
    memset(&names, 0x7f, sizeof names);
    CHECK_EQ(390, sizeof names);
    CHECK_EQ(0, syscall(SYS_uname, &names));
    CHECK_EQ(0, strcmp(names.sysname, "Linux"));
    CHECK(names.release[0] >= '4' && names.release[0] <= '9');
    CHECK(memchr(names.nodename, 0, 65) && memchr(names.version, 0, 65) && memchr(names.machine, 0, 65));
#ifdef __riscv /* arch/riscv/include/asm/compat.h: COMPAT_UTS_MACHINE is riscv32; native: riscv64 */
    CHECK_EQ(0, strcmp(names.machine, "riscv64"));
#endif
}

CASE(errors)
{
    CHECK_ERRNO(EFAULT, syscall(SYS_uname, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_uname, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_uname, at_edge(389)));
    CHECK_EQ(0, syscall(SYS_uname, at_edge(390)));
    CHECK_ERRNO(EFAULT, syscall(SYS_uname, readonly_page()));
}
