#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"

#define MAGIC 0xfee1deadu
#define MAGIC2 672274793u
#define CAD_OFF 0u
#define CAD_ON 0x89abcdefu

static long reboot_(unsigned magic, unsigned magic2, unsigned command)
{
    return syscall(SYS_reboot, magic, magic2, command, 0);
}

CASE(without_privilege)
{
    become_user();
    drop_capabilities();
    CHECK_ERRNO(EPERM, reboot_(0, 0, 0)); /* before the magic numbers */
    CHECK_ERRNO(EPERM, reboot_(MAGIC, 0, CAD_OFF));
    CHECK_ERRNO(EPERM, reboot_(MAGIC, MAGIC2, 12345));
}

#ifdef __riscv /* kernel/reboot.c: with privilege, nothing that a host should be asked */
CASE(with_it)
{
    CHECK_ERRNO(EINVAL, reboot_(0, 0, CAD_OFF));
    CHECK_ERRNO(EINVAL, reboot_(MAGIC, 0, CAD_OFF));
    CHECK_ERRNO(EINVAL, reboot_(0, MAGIC2, CAD_OFF));
    CHECK_ERRNO(EINVAL, reboot_(MAGIC, MAGIC2, 12345));
    CHECK_EQ(0, reboot_(MAGIC, MAGIC2, CAD_ON));
    CHECK_EQ(0, reboot_(MAGIC, MAGIC2, CAD_OFF));
    CHECK_EQ(0, reboot_(MAGIC, 85072278, CAD_OFF)); /* the birthdays of three daughters are as good */
    CHECK_EQ(0, reboot_(MAGIC, 369367448, CAD_OFF));
    CHECK_EQ(0, reboot_(MAGIC, 537993216, CAD_OFF));
}
#endif
