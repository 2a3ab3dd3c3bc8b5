#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"

static struct cap_header header = {CAP_VERSION_3, 0};
static struct cap_sets sets[2];

#define KILL (1u << CAP_KILL_)

CASE(dropping)
{
    own_capabilities(sets);
    sets[0].effective &= ~KILL;
    CHECK_EQ(0, syscall(SYS_capset, &header, sets));
    CHECK_EQ(0, has_capability(CAP_KILL_));
    own_capabilities(sets);
    if (sets[0].permitted & KILL) { /* and taken up again while it is permitted */
        sets[0].effective |= KILL;
        CHECK_EQ(0, syscall(SYS_capset, &header, sets));
        CHECK_EQ(1, has_capability(CAP_KILL_));
    }
    drop_capabilities();
    own_capabilities(sets);
    CHECK(sets[0].effective == 0 && sets[0].permitted == 0 && sets[1].permitted == 0);
}

CASE(never_more)
{
    own_capabilities(sets);
    sets[0].effective &= ~KILL;
    sets[0].permitted &= ~KILL;
    CHECK_EQ(0, syscall(SYS_capset, &header, sets));
    sets[0].permitted |= KILL;
    CHECK_ERRNO(EPERM, syscall(SYS_capset, &header, sets));
    sets[0].permitted &= ~KILL;
    sets[0].effective |= KILL; /* not permitted */
    CHECK_ERRNO(EPERM, syscall(SYS_capset, &header, sets));
    drop_capabilities();
    memset(sets, 0, sizeof sets);
    sets[0].inheritable = KILL;
    CHECK_ERRNO(EPERM, syscall(SYS_capset, &header, sets));
}

CASE(inheritable_ones)
{
    own_capabilities(sets);
    if (!has_capability(CAP_SETPCAP_) || !(sets[0].permitted & KILL))
        return;
    sets[0].permitted &= ~KILL;
    sets[0].effective &= ~KILL;
    sets[0].inheritable = KILL;
    CHECK_EQ(0, syscall(SYS_capset, &header, sets)); /* with CAP_SETPCAP from the bounding set */
    own_capabilities(sets);
    CHECK_EQ(KILL, sets[0].inheritable);
}

CASE(the_first_version_has_one_word)
{
    struct cap_header first = {0x19980330, 0};
    own_capabilities(sets);
    CHECK_EQ(0, syscall(SYS_capset, &first, sets));
    own_capabilities(sets);
    CHECK(sets[1].effective == 0 && sets[1].permitted == 0);
}

CASE(errors)
{
    struct cap_header bad = {1, 0};
    own_capabilities(sets);
    CHECK_ERRNO(EINVAL, syscall(SYS_capset, &bad, sets));
    CHECK_EQ(CAP_VERSION_3, bad.version);
    CHECK_ERRNO(EINVAL, syscall(SYS_capset, &(struct cap_header){1, 0}, NULL));
    bad.pid = getppid() ? getppid() : NOBODY_HAS_IT;
    CHECK_ERRNO(EPERM, syscall(SYS_capset, &bad, sets));
    bad.pid = -1;
    CHECK_ERRNO(EPERM, syscall(SYS_capset, &bad, BAD));
    bad.pid = getpid();
    CHECK_EQ(0, syscall(SYS_capset, &bad, sets));
    CHECK_ERRNO(EFAULT, syscall(SYS_capset, &header, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_capset, &header, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_capset, BAD, sets));
    CHECK_ERRNO(EFAULT, syscall(SYS_capset, &header, at_edge(20)));
}
