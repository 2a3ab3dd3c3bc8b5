#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"

static long sleep_(const struct timespec *length, struct timespec *left)
{
    return syscall(SYS_nanosleep, length, left);
}

static long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000l + now.tv_nsec;
}

CASE(no_less_than_asked)
{
    struct timespec left = {7, 7};
    for (long ns = 1; ns <= 10000000; ns *= 100) {
        struct timespec length = {0, ns};
        long begun = now_ns();
        CHECK_EQ(0, sleep_(&length, &left));
        CHECK(now_ns() - begun >= ns);
    }
    CHECK(left.tv_sec == 7 && left.tv_nsec == 7); /* stored only if it was interrupted */
    CHECK_EQ(0, sleep_(&(struct timespec){0, 0}, NULL));
}

CASE(a_handler_ends_it)
{
    struct timespec length = {100, 0}, left = {0, 0};
    catch_signal(SIGALRM, SA_RESTART);
    alarm_in_ms(10);
    CHECK_ERRNO(EINTR, sleep_(&length, &left));
    CHECK_EQ(SIGALRM, caught);
    CHECK(left.tv_sec == 99 && left.tv_nsec > 0 && left.tv_nsec <= 995000000);
    alarm_in_ms(5);
    CHECK_ERRNO(EINTR, sleep_(&length, NULL));
    alarm_in_ms(5);
    CHECK_ERRNO(EFAULT, sleep_(&length, BAD));
    alarm_in_ms(5);
    CHECK_ERRNO(EINTR, sleep_(&length, &length)); /* one place for both */
    CHECK_EQ(99, length.tv_sec);
}

CASE(an_ignored_signal_does_not)
{
    struct timespec length = {0, 20000000};
    signal(SIGALRM, SIG_IGN);
    alarm_in_ms(5);
    long begun = now_ns();
    CHECK_EQ(0, sleep_(&length, NULL));
    CHECK(now_ns() - begun >= 20000000);
}

CASE(errors)
{
    CHECK_ERRNO(EFAULT, sleep_(NULL, NULL));
    CHECK_ERRNO(EFAULT, sleep_(BAD, BAD));
    CHECK_ERRNO(EFAULT, sleep_((void *)at_edge(8), NULL));
    CHECK_ERRNO(EINVAL, sleep_(&(struct timespec){0, 1000000000}, NULL));
    CHECK_ERRNO(EINVAL, sleep_(&(struct timespec){0, -1}, NULL));
    CHECK_ERRNO(EINVAL, sleep_(&(struct timespec){-1, 0}, NULL));
    CHECK_EQ(0, sleep_(&(struct timespec){0, 1000}, BAD)); /* a bad place for the rest matters only then */
}
