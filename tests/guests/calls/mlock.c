#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "locked.h"

static long mlock_(void *at, size_t size)
{
    return syscall(SYS_mlock, at, size);
}

CASE(pages_are_locked_and_there)
{
    unsigned char resident[3];
    char *at = pages(3);
    if (!can_lock(3 * PAGE))
        return;
    CHECK_EQ(0, mlock_(at + PAGE + 5, 1)); /* the page around it */
    CHECK_EQ(4, locked_kib());
    CHECK_EQ(0, syscall(SYS_mincore, at, 3 * PAGE, resident));
    CHECK(!(resident[0] & 1) && resident[1] & 1 && !(resident[2] & 1));
    CHECK_EQ(0, mlock_(at, 3 * PAGE));
    CHECK_EQ(12, locked_kib()); /* nothing counts twice */
    CHECK_EQ(0, munmap(at, PAGE));
    CHECK_EQ(8, locked_kib());
}

CASE(a_child_has_none)
{
    char *at = pages(1);
    if (!can_lock(PAGE))
        return;
    CHECK_EQ(0, mlock_(at, PAGE));
    pid_t pid = forked();
    if (pid == 0)
        _exit(locked_kib() != 0);
    CHECK_EQ(0, status_of(pid));
}

CASE(limits)
{
    char *at = pages(8);
    may_lock(4 * PAGE);
    CHECK_ERRNO(ENOMEM, mlock_(at, 5 * PAGE));
    CHECK_EQ(0, mlock_(at, 4 * PAGE));
    CHECK_ERRNO(ENOMEM, mlock_(at + 4 * PAGE, PAGE));
    CHECK_EQ(0, munlock(at, PAGE));
    CHECK_EQ(0, mlock_(at + 4 * PAGE, PAGE));
    may_lock(0);
    CHECK_ERRNO(EPERM, mlock_(at, PAGE));
    CHECK_ERRNO(EPERM, mlock_(at, 0));
    CHECK_ERRNO(EPERM, mlock_(unmapped_page(), PAGE));
}

CASE(errors)
{
    char *at = pages(3);
    if (!can_lock(3 * PAGE))
        return;
    CHECK_EQ(0, mlock_(unmapped_page(), 0));
    CHECK_ERRNO(ENOMEM, mlock_(unmapped_page(), PAGE));
    CHECK_EQ(0, munmap(at + PAGE, PAGE));
    CHECK_ERRNO(ENOMEM, mlock_(at, 3 * PAGE));
    CHECK_EQ(4, locked_kib()); /* up to the hole */
    CHECK_EQ(0, mprotect(at, PAGE, PROT_NONE));
    CHECK_ERRNO(ENOMEM, mlock_(at, PAGE)); /* locked, but it could not be brought in */
    CHECK_EQ(4, locked_kib());
    if (!has_capability(CAP_IPC_LOCK_))
        return;
    CHECK_ERRNO(EINVAL, mlock_(BAD, -(size_t)BAD - 1)); /* the end wraps to 0 or below */
    CHECK_ERRNO(ENOMEM, mlock_((void *)(1ul << 62), PAGE));
}
