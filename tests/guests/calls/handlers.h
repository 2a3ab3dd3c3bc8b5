/* Signal handlers for the cases of a call. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t caught, times_caught;
static siginfo_t last_info;

static inline void note_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    caught = number;
    times_caught++;
    last_info = *info;
}

/* Handle `number` by noting it. */
static inline void catch_signal(int number, int flags)
{
    struct sigaction action = {.sa_sigaction = note_signal, .sa_flags = SA_SIGINFO | flags};
    CHECK_EQ(0, sigaction(number, &action, NULL));
}

/* SIGALRM in so many milliseconds. */
static inline void alarm_in_ms(long ms)
{
    struct itimerval soon = {{0, 0}, {0, ms * 1000}};
    CHECK_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
}

static inline sigset_t set_of(int number)
{
    sigset_t set;
    sigemptyset(&set);
    if (number)
        sigaddset(&set, number);
    return set;
}

static inline void block_signal(int number)
{
    sigset_t set = set_of(number);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
}

static inline int is_pending(int number)
{
    sigset_t set;
    CHECK_EQ(0, sigpending(&set));
    return sigismember(&set, number);
}

#endif
