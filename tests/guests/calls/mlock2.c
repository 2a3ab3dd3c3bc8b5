#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "locked.h"

#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

static long mlock2_(void *at, size_t size, int flags)
{
    return syscall(SYS_mlock2, at, size, flags);
}

CASE(at_once_or_on_the_first_touch)
{
    unsigned char resident[2];
    char *at = pages(2);
    if (!can_lock(2 * PAGE))
        return;
    CHECK_EQ(0, mlock2_(at, PAGE, MLOCK_ONFAULT));
    CHECK_EQ(0, mlock2_(at + PAGE, PAGE, 0));
    CHECK_EQ(0, syscall(SYS_mincore, at, 2 * PAGE, resident));
    CHECK(!(resident[0] & 1) && resident[1] & 1);
    CHECK_EQ(8, locked_kib());
}

CASE(limits)
{
    char *at = pages(3);
    may_lock(2 * PAGE);
    CHECK_ERRNO(ENOMEM, mlock2_(at, 3 * PAGE, MLOCK_ONFAULT));
    CHECK_EQ(0, mlock2_(at, 2 * PAGE, MLOCK_ONFAULT));
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, mlock2_(BAD, PAGE, 2));
    CHECK_ERRNO(EINVAL, mlock2_(unmapped_page(), PAGE, -1));
    if (can_lock(PAGE))
        CHECK_ERRNO(ENOMEM, mlock2_(unmapped_page(), PAGE, MLOCK_ONFAULT));
}
