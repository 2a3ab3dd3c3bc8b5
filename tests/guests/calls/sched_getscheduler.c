#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

CASE(of_oneself_and_others)
{
    pid_t pid = child_that_waits();
    CHECK_EQ(OTHER, policy_of(0));
    CHECK_EQ(OTHER, policy_of(getpid()));
    CHECK_EQ(0, set_policy(pid, IDLE, 0));
    CHECK_EQ(IDLE, policy_of(pid));
    CHECK_EQ(OTHER, policy_of(0));
    become_user();
    CHECK_EQ(IDLE, policy_of(pid)); /* everybody may ask */
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, policy_of(-1));
    CHECK_ERRNO(ESRCH, policy_of(NOBODY_HAS_IT));
}
