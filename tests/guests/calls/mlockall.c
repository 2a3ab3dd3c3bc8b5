#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "locked.h"

#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif

static long mlockall_(int flags)
{
    return syscall(SYS_mlockall, flags);
}

CASE(what_is_there)
{
    char *at = pages(4);
    if (!has_capability(CAP_IPC_LOCK_))
        return;
    CHECK_EQ(0, mlockall_(MCL_CURRENT | MCL_ONFAULT));
    long before = locked_kib();
    CHECK(before >= 16);
    CHECK(pages(4) != at);
    CHECK_EQ(before, locked_kib()); /* not what comes */
    CHECK_EQ(0, munmap(at, 4 * PAGE));
    CHECK_EQ(before - 16, locked_kib());
}

CASE(what_will_be_there)
{
    unsigned char resident;
    if (!has_capability(CAP_IPC_LOCK_))
        return;
    CHECK_EQ(0, mlockall_(MCL_FUTURE));
    CHECK_EQ(0, locked_kib());
    char *at = pages(4);
    CHECK_EQ(16, locked_kib());
    CHECK_EQ(0, syscall(SYS_mincore, at + 3 * PAGE, PAGE, &resident));
    CHECK_EQ(1, resident & 1);
    CHECK_EQ(0, mlockall_(MCL_CURRENT | MCL_ONFAULT)); /* which ends it */
    long before = locked_kib();
    pages(4);
    CHECK_EQ(before, locked_kib());
}

CASE(limits)
{
    may_lock(4 * PAGE);
    CHECK_ERRNO(ENOMEM, mlockall_(MCL_CURRENT)); /* the program alone is larger */
    CHECK_EQ(0, mlockall_(MCL_FUTURE));
    CHECK_ERRNO(EAGAIN, syscall(SYS_mmap, NULL, 8 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    may_lock(0);
    CHECK_ERRNO(EPERM, mlockall_(MCL_CURRENT));
    CHECK_ERRNO(EPERM, mlockall_(MCL_FUTURE));
    CHECK_ERRNO(EINVAL, mlockall_(8));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, mlockall_(0));
    CHECK_ERRNO(EINVAL, mlockall_(8));
    CHECK_ERRNO(EINVAL, mlockall_(MCL_CURRENT | 8));
    CHECK_ERRNO(EINVAL, mlockall_(MCL_ONFAULT));
}
