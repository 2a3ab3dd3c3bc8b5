#define _GNU_SOURCE
#include "check.h"
#include "scheduling.h"

CASE(tells_what_was_set)
{
    struct attributes attributes = {.size = 48, .policy = SCHED_BATCH, .flags = RESET_ON_FORK, .nice = 3};
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    memset(&attributes, 0xff, sizeof attributes);
    CHECK_EQ(0, get_attributes(0, &attributes, sizeof attributes, 0));
    CHECK_EQ(56, attributes.size);
    CHECK_EQ(SCHED_BATCH, attributes.policy);
    CHECK_EQ(RESET_ON_FORK, attributes.flags & 0x1f);
    CHECK_EQ(3, attributes.nice);
    CHECK_EQ(0, attributes.priority);
    CHECK_EQ(0, attributes.deadline);
}

CASE(as_much_as_there_is_room_for)
{
    struct attributes attributes;
    memset(&attributes, 0xff, sizeof attributes);
    CHECK_EQ(0, get_attributes(getpid(), &attributes, 48, 0));
    CHECK_EQ(48, attributes.size);
    CHECK_EQ(0xffffffffu, attributes.util_min);
}

CASE(errors)
{
    struct attributes attributes;
    CHECK_ERRNO(EINVAL, get_attributes(0, NULL, 48, 0));
    CHECK_ERRNO(EINVAL, get_attributes(-1, &attributes, 48, 0));
    CHECK_ERRNO(EINVAL, get_attributes(0, &attributes, 47, 0));
    CHECK_ERRNO(EINVAL, get_attributes(0, &attributes, 4097, 0));
    CHECK_ERRNO(EINVAL, get_attributes(0, &attributes, 48, 1));
    CHECK_ERRNO(ESRCH, get_attributes(0x3fffffff, BAD, 48, 0));
    CHECK_ERRNO(EFAULT, get_attributes(0, BAD, 48, 0));
}
