#define _GNU_SOURCE
#include "check.h"
#include "scheduling.h"

CASE(nice_value)
{
    struct attributes attributes = {.size = 48, .policy = SCHED_BATCH, .nice = 7};
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    CHECK_EQ(7, getpriority(PRIO_PROCESS, 0));
    CHECK_EQ(SCHED_BATCH, syscall(SYS_sched_getscheduler, 0));
    attributes.nice = 100; /* cut */
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    CHECK_EQ(19, getpriority(PRIO_PROCESS, 0));
    attributes.size = 0; /* the first version's */
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
}

CASE(real_time)
{
    struct sched_param parameter;
    struct attributes attributes = {.size = 48, .policy = SCHED_RR, .priority = 9};
    if (!may_raise())
        return;
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    CHECK_EQ(SCHED_RR, syscall(SYS_sched_getscheduler, 0));
    CHECK_EQ(0, syscall(SYS_sched_getparam, 0, &parameter));
    CHECK_EQ(9, parameter.sched_priority);
    attributes = (struct attributes){.size = 48, .policy = SCHED_OTHER, .flags = KEEP_POLICY, .priority = 10};
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    CHECK_EQ(SCHED_RR, syscall(SYS_sched_getscheduler, 0));
    attributes = (struct attributes){.size = 48, .policy = SCHED_FIFO, .flags = KEEP_PARAMS};
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    CHECK_EQ(SCHED_RR, syscall(SYS_sched_getscheduler, 0)); /* the policy stays with the parameters */
    CHECK_EQ(0, syscall(SYS_sched_getparam, 0, &parameter));
    CHECK_EQ(10, parameter.sched_priority);
}

CASE(reset_on_fork)
{
    struct attributes attributes = {.size = 48, .policy = SCHED_OTHER, .flags = RESET_ON_FORK, .nice = -5};
    if (!may_raise())
        return;
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    CHECK_EQ(SCHED_OTHER | SCHED_RESET_ON_FORK, syscall(SYS_sched_getscheduler, 0));
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(0, getpriority(PRIO_PROCESS, 0));
        CHECK_EQ(SCHED_OTHER, syscall(SYS_sched_getscheduler, 0));
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0, status);
}

CASE(an_ordinary_user)
{
    if (geteuid() == 0) {
        CHECK_EQ(0, setgid(12345));
        CHECK_EQ(0, setuid(12345));
    }
    struct rlimit none = {0, 0};
    CHECK_EQ(0, setrlimit(RLIMIT_NICE, &none));
    CHECK_EQ(0, setrlimit(RLIMIT_RTPRIO, &none));
    struct attributes attributes = {.size = 48, .policy = SCHED_OTHER, .nice = 5};
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    attributes.nice = 4;
    CHECK_ERRNO(EPERM, set_attributes(0, &attributes, 0));
    attributes = (struct attributes){.size = 48, .policy = SCHED_FIFO, .priority = 1};
    CHECK_ERRNO(EPERM, set_attributes(0, &attributes, 0));
    attributes = (struct attributes){.size = 48, .policy = SCHED_IDLE};
    CHECK_EQ(0, set_attributes(0, &attributes, 0));
    attributes = (struct attributes){.size = 48, .policy = SCHED_OTHER, .nice = 5};
    CHECK_ERRNO(EPERM, set_attributes(0, &attributes, 0)); /* out of SCHED_IDLE is up */
}

CASE(errors)
{
    struct attributes good = {.size = 48, .policy = SCHED_OTHER}, bad = good;
    unsigned char longer[200] = {200};
    CHECK_ERRNO(EINVAL, set_attributes(0, NULL, 0));
    CHECK_ERRNO(EINVAL, set_attributes(-1, &good, 0));
    CHECK_ERRNO(EINVAL, set_attributes(0, &good, 1));
    CHECK_ERRNO(EFAULT, set_attributes(0x3fffffff, BAD, 0));
    CHECK_ERRNO(ESRCH, set_attributes(0x3fffffff, &good, 0));
    bad.size = 47;
    CHECK_ERRNO(E2BIG, set_attributes(0, &bad, 0));
    CHECK(bad.size >= 56); /* what this kernel knows */
    bad.size = 5000;
    CHECK_ERRNO(E2BIG, set_attributes(0, &bad, 0));
    CHECK_EQ(0, set_attributes(0, longer, 0)); /* zeros that are not known do no harm */
    longer[199] = 1;
    CHECK_ERRNO(E2BIG, set_attributes(0, longer, 0));
    bad = good;
    bad.policy = 4;
    CHECK_ERRNO(EINVAL, set_attributes(0, &bad, 0));
    bad.policy = -1;
    CHECK_ERRNO(EINVAL, set_attributes(0, &bad, 0));
    bad = good;
    bad.priority = 1;
    CHECK_ERRNO(EINVAL, set_attributes(0, &bad, 0));
    bad.policy = SCHED_FIFO;
    bad.priority = 100;
    CHECK_ERRNO(EINVAL, set_attributes(0, &bad, 0));
    bad = good;
    bad.flags = 1u << 20;
    CHECK_ERRNO(EINVAL, set_attributes(0, &bad, 0));
    bad = good;
    bad.policy = SCHED_DEADLINE; /* without its times */
    CHECK_ERRNO(EINVAL, set_attributes(0, &bad, 0));
}
