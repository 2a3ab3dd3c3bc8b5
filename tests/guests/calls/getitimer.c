#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include <sys/time.h>

static long get_(int which, void *at)
{
    return syscall(SYS_getitimer, which, at);
}

CASE(the_time_left)
{
    struct itimerval set = {{5, 6}, {100, 0}}, left = {{7, 7}, {7, 7}};
    CHECK_EQ(0, get_(ITIMER_REAL, &left));
    CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0 && left.it_interval.tv_sec == 0);
    CHECK_EQ(0, setitimer(ITIMER_REAL, &set, NULL));
    pause_ms(2);
    CHECK_EQ(0, get_(ITIMER_REAL, &left));
    CHECK(left.it_value.tv_sec == 99 && left.it_value.tv_usec <= 998000);
    CHECK(left.it_interval.tv_sec == 5 && left.it_interval.tv_usec == 6);
}

CASE(a_child_has_none)
{
    struct itimerval set = {{0, 0}, {100, 0}}, left;
    CHECK_EQ(0, setitimer(ITIMER_REAL, &set, NULL));
    pid_t pid = forked();
    if (pid == 0)
        _exit(get_(ITIMER_REAL, &left) != 0 || left.it_value.tv_sec != 0);
    CHECK_EQ(0, status_of(pid));
}

CASE(the_others_are_off)
{
    struct itimerval left = {{7, 7}, {7, 7}};
    CHECK_EQ(0, get_(ITIMER_VIRTUAL, &left));
    CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0);
    CHECK_EQ(0, get_(ITIMER_PROF, &left));
    CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0);
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, get_(3, BAD));
    CHECK_ERRNO(EINVAL, get_(-1, BAD));
    CHECK_ERRNO(EFAULT, get_(ITIMER_REAL, BAD));
    CHECK_ERRNO(EFAULT, get_(ITIMER_PROF, at_edge(16)));
    CHECK_ERRNO(EFAULT, get_(ITIMER_VIRTUAL, readonly_page()));
}
