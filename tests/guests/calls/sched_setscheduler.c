#define _GNU_SOURCE
#include "check.h"
#include "policies.h"

CASE(policies_of_an_ordinary_user)
{
    become_user();
    drop_capabilities();
    CHECK_EQ(OTHER, policy_of(0));
    CHECK_EQ(0, set_policy(0, BATCH, 0));
    CHECK_EQ(BATCH, policy_of(0));
    CHECK_EQ(0, set_policy(0, OTHER, 0));
    CHECK_EQ(0, set_policy(0, IDLE, 0));
    CHECK_EQ(IDLE, policy_of(0));
}

CASE(real_time)
{
    if (!may_run_in_real_time())
        return;
    CHECK_EQ(0, set_policy(0, FIFO, 99));
    CHECK(policy_of(0) == FIFO && priority_of(0) == 99);
    CHECK_EQ(0, set_policy(getpid(), RR, 1));
    CHECK(policy_of(0) == RR && priority_of(0) == 1);
    pid_t pid = forked();
    if (pid == 0)
        _exit(policy_of(0) != RR || priority_of(0) != 1);
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(0, set_policy(0, OTHER, 0));
    CHECK_EQ(0, priority_of(0));
}

CASE(reset_on_fork)
{
    CHECK_EQ(0, set_policy(0, BATCH | RESET_ON_FORK, 0));
    CHECK_EQ(BATCH | RESET_ON_FORK, policy_of(0));
    pid_t pid = forked();
    if (pid == 0)
        _exit(policy_of(0) != BATCH); /* the flag goes, an ordinary policy stays */
    CHECK_EQ(0, status_of(pid));
    if (may_run_in_real_time()) {
        CHECK_EQ(0, set_policy(0, RR | RESET_ON_FORK, 5));
        pid = forked();
        if (pid == 0)
            _exit(policy_of(0) != OTHER || priority_of(0) != 0);
        CHECK_EQ(0, status_of(pid));
        CHECK_EQ(0, set_policy(0, OTHER | RESET_ON_FORK, 0));
    }
    become_user();
    drop_capabilities();
    CHECK_ERRNO(EPERM, set_policy(0, OTHER, 0)); /* it is not taken off */
}

CASE(of_a_thread)
{
    static int never;
    pid_t tid = start_thread(waits_until_set, &never);
    CHECK_EQ(0, set_policy(tid, BATCH, 0));
    CHECK(policy_of(tid) == BATCH && policy_of(0) == OTHER);
}

CASE(who_may)
{
    become_user();
    drop_capabilities();
    CHECK_ERRNO(EPERM, set_policy(0, FIFO, 1));
    CHECK_ERRNO(EPERM, set_policy(0, RR, 99));
    CHECK_ERRNO(EINVAL, set_policy(0, RR, 100)); /* what comes before who */
    if (geteuid() == USER && getppid() > 0)
        CHECK_ERRNO(EPERM, set_policy(getppid(), BATCH, 0));
}

CASE(errors)
{
    int zero = 0;
    CHECK_ERRNO(EINVAL, set_policy(0, -1, 0));
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, 0, -1, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, 0, OTHER, NULL));
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, -1, OTHER, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_sched_setscheduler, NOBODY_HAS_IT, 99, BAD));
    CHECK_ERRNO(ESRCH, syscall(SYS_sched_setscheduler, NOBODY_HAS_IT, 99, &zero));
    CHECK_ERRNO(EINVAL, set_policy(0, 99, 0));
    CHECK_ERRNO(EINVAL, set_policy(0, 4, 0));
    CHECK_ERRNO(EINVAL, set_policy(0, DEADLINE, 0)); /* which takes more than a priority */
    CHECK_ERRNO(EINVAL, set_policy(0, OTHER, 1));
    CHECK_ERRNO(EINVAL, set_policy(0, BATCH, 1));
    CHECK_ERRNO(EINVAL, set_policy(0, FIFO, 0));
    CHECK_ERRNO(EINVAL, set_policy(0, RR, 100));
    CHECK_ERRNO(EINVAL, set_policy(0, FIFO, -1));
    CHECK_ERRNO(ESRCH, set_policy(NOBODY_HAS_IT, OTHER, 0));
}
