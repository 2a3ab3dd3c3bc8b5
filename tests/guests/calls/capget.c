#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"

static struct cap_sets sets[3];

CASE(of_oneself_and_others)
{
    struct cap_header header = {CAP_VERSION_3, 0};
    struct cap_sets by_number[2];
    CHECK_EQ(0, syscall(SYS_capget, &header, sets));
    header.pid = getpid();
    CHECK_EQ(0, syscall(SYS_capget, &header, by_number));
    CHECK_EQ(0, memcmp(sets, by_number, sizeof by_number));
    CHECK_EQ(sets[0].effective, sets[0].effective & sets[0].permitted);
    pid_t pid = child_that_waits();
    drop_capabilities();
    header.pid = pid;
    CHECK_EQ(0, syscall(SYS_capget, &header, by_number));
    CHECK_EQ(0, memcmp(sets, by_number, sizeof by_number));
    kill_and_reap(pid);
}

CASE(older_versions)
{
    struct cap_header first = {0x19980330, 0}, second = {0x20071026, 0};
    struct cap_sets now[2];
    own_capabilities(now);
    memset(sets, 0x55, sizeof sets);
    CHECK_EQ(0, syscall(SYS_capget, &first, sets));
    CHECK(sets[0].effective == now[0].effective && sets[1].effective == 0x55555555); /* one word */
    CHECK_EQ(0, syscall(SYS_capget, &second, sets));
    CHECK(memcmp(sets, now, sizeof now) == 0 && sets[2].effective == 0x55555555);
}

CASE(asking_for_the_version)
{
    struct cap_header header = {0, 0};
    CHECK_EQ(0, syscall(SYS_capget, &header, NULL));
    CHECK_EQ(CAP_VERSION_3, header.version);
    header.version = 1;
    CHECK_ERRNO(EINVAL, syscall(SYS_capget, &header, sets));
    CHECK_EQ(CAP_VERSION_3, header.version);
    header.pid = -1;
    CHECK_EQ(0, syscall(SYS_capget, &header, NULL)); /* with nowhere to store, whose does not matter */
}

CASE(errors)
{
    struct cap_header header = {CAP_VERSION_3, -1};
    CHECK_ERRNO(EINVAL, syscall(SYS_capget, &header, sets));
    header.pid = NOBODY_HAS_IT;
    CHECK_ERRNO(ESRCH, syscall(SYS_capget, &header, BAD));
    header.pid = 0;
    CHECK_ERRNO(EFAULT, syscall(SYS_capget, &header, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_capget, BAD, sets));
    CHECK_ERRNO(EFAULT, syscall(SYS_capget, BAD, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_capget, &header, at_edge(20)));
    CHECK_ERRNO(EFAULT, syscall(SYS_capget, readonly_page(), sets)); /* version 0, and the right one cannot be stored */
}
