#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "handlers.h"

static long set_(int which, const struct itimerval *new, struct itimerval *old)
{
    return syscall(SYS_setitimer, which, new, old);
}

CASE(once)
{
    struct itimerval once = {{0, 0}, {0, 5000}}, left;
    catch_signal(SIGALRM, 0);
    CHECK_EQ(0, set_(ITIMER_REAL, &once, NULL));
    while (!caught)
        pause_ms(1);
    CHECK(last_info.si_code == SI_KERNEL && times_caught == 1);
    CHECK_EQ(0, getitimer(ITIMER_REAL, &left));
    CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0);
    pause_ms(10);
    CHECK_EQ(1, times_caught);
}

CASE(again_and_again)
{
    struct itimerval often = {{0, 2000}, {0, 1}}, none = {{0, 0}, {0, 0}}, old;
    catch_signal(SIGALRM, 0);
    CHECK_EQ(0, set_(ITIMER_REAL, &often, NULL));
    while (times_caught < 4)
        pause_ms(1);
    CHECK_EQ(0, set_(ITIMER_REAL, &none, &old));
    CHECK_EQ(2000, old.it_interval.tv_usec);
    int so_far = times_caught;
    pause_ms(6);
    CHECK_EQ(so_far, times_caught);
}

CASE(the_old_one)
{
    struct itimerval long_time = {{3, 4}, {100, 0}}, none = {{0, 0}, {0, 0}}, old = {{7, 7}, {7, 7}};
    CHECK_EQ(0, set_(ITIMER_REAL, &long_time, &old));
    CHECK(old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0 && old.it_interval.tv_sec == 0);
    CHECK_EQ(0, set_(ITIMER_REAL, &none, &old));
    CHECK(old.it_value.tv_sec >= 99 && old.it_interval.tv_sec == 3 && old.it_interval.tv_usec == 4);
    CHECK_EQ(0, set_(ITIMER_REAL, &long_time, NULL));
    CHECK_EQ(0, set_(ITIMER_REAL, NULL, &old)); /* NULL stops it, too */
    CHECK_EQ(0, set_(ITIMER_REAL, &none, &old));
    CHECK(old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0);
}

static volatile unsigned sum;

CASE(cpu_time)
{
    static const int timers[] = {ITIMER_VIRTUAL, ITIMER_PROF}, signals[] = {SIGVTALRM, SIGPROF};
    for (int i = 0; i < 2; i++) {
        struct itimerval soon = {{0, 0}, {0, 5000}}, left;
        caught = 0;
        catch_signal(signals[i], 0);
        CHECK_EQ(0, set_(timers[i], &soon, NULL));
        CHECK_EQ(0, getitimer(timers[i], &left));
        CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_usec > 0);
        pause_ms(15);
        CHECK_EQ(0, caught); /* it stands still in a sleep */
        while (!caught)
            sum++;
        CHECK_EQ(signals[i], caught);
    }
}

CASE(errors)
{
    struct itimerval good = {{0, 0}, {100, 0}}, bad = {{0, 0}, {0, 1000000}}, old;
    CHECK_ERRNO(EFAULT, set_(99, BAD, NULL));
    CHECK_ERRNO(EINVAL, set_(99, &good, NULL));
    CHECK_ERRNO(EINVAL, set_(-1, NULL, NULL));
    CHECK_ERRNO(EINVAL, set_(ITIMER_REAL, &bad, BAD));
    CHECK_ERRNO(EINVAL, set_(ITIMER_REAL, &(struct itimerval){{0, -1}, {0, 0}}, NULL));
    CHECK_ERRNO(EINVAL, set_(ITIMER_REAL, &(struct itimerval){{0, 0}, {-1, 0}}, NULL));
    CHECK_ERRNO(EFAULT, set_(ITIMER_REAL, &good, BAD));
    CHECK_EQ(0, getitimer(ITIMER_REAL, &old));
    CHECK(old.it_value.tv_sec >= 99); /* it was set all the same */
}
