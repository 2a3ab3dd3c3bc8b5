#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "locked.h"

static long munlock_(void *at, size_t size)
{
    return syscall(SYS_munlock, at, size);
}

CASE(a_part_or_all)
{
    char *at = pages(3);
    if (!can_lock(3 * PAGE))
        return;
    at[PAGE] = 'x';
    CHECK_EQ(0, mlock(at, 3 * PAGE));
    CHECK_EQ(0, munlock_(at + PAGE + 7, 1)); /* the page around it */
    CHECK_EQ(8, locked_kib());
    CHECK_EQ(0, munlock_(at, 3 * PAGE));
    CHECK_EQ(0, locked_kib());
    CHECK_EQ('x', at[PAGE]);
    CHECK_EQ(0, munlock_(at, 3 * PAGE)); /* what is not locked is no error */
}

CASE(errors)
{
    char *at = pages(3);
    CHECK_EQ(0, munlock_(unmapped_page(), 0));
    CHECK_ERRNO(ENOMEM, munlock_(unmapped_page(), PAGE));
    CHECK_ERRNO(ENOMEM, munlock_((void *)(1ul << 62), PAGE));
    CHECK_EQ(0, munmap(at + PAGE, PAGE));
    CHECK_ERRNO(ENOMEM, munlock_(at, 3 * PAGE));
    may_lock(0);
    CHECK_EQ(0, munlock_(at, PAGE)); /* everybody may */
}
