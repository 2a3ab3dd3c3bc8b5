/* POSIX timers by the kernel's own calls; libc's SIGEV_THREAD and its timer ids are not the kernel's. */
#ifndef TIMERS_H
#define TIMERS_H

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

#define BAD ((void *)-4096l)
#define MS 1000000l

struct event {
    union {
        int number;
        void *pointer;
    } value;
    int signo, notify, tid, unused[11];
};

struct setting {
    struct timespec interval, value;
};

static volatile sig_atomic_t caught, times_caught;
static siginfo_t last_info;

static inline void note_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    caught = number;
    times_caught++;
    last_info = *info;
}

static inline void catch_signal(int number)
{
    struct sigaction action = {.sa_sigaction = note_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    CHECK_EQ(0, sigaction(number, &action, NULL));
}

static inline void block_signal(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
}

static inline void unblock_signal(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    CHECK_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
}

/* Wait for a blocked signal, at most so long; its info. */
static inline int take_signal(int number, long ms, siginfo_t *info)
{
    struct timespec limit = {ms / 1000, ms % 1000 * MS};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return sigtimedwait(&set, info, &limit);
}

static inline void sleep_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * MS};
    while (nanosleep(&left, &left) != 0)
        ;
}

static inline long create(int clock, struct event *event, int *timer)
{
    return syscall(SYS_timer_create, clock, event, timer);
}

static inline int timer_with(int clock, int notify, int signo)
{
    struct event event = {.value.number = 4711, .signo = signo, .notify = notify};
    int timer = -1;
    CHECK_EQ(0, create(clock, &event, &timer));
    return timer;
}

static inline long settime(int timer, int flags, const struct setting *new, struct setting *old)
{
    return syscall(SYS_timer_settime, timer, flags, new, old);
}

static inline void arm_ms(int timer, long value, long interval)
{
    struct setting setting = {{interval / 1000, interval % 1000 * MS}, {value / 1000, value % 1000 * MS}};
    CHECK_EQ(0, settime(timer, 0, &setting, NULL));
}

static inline long gettime(int timer, struct setting *setting)
{
    return syscall(SYS_timer_gettime, timer, setting);
}

static inline long long nanoseconds(struct timespec time)
{
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static inline long long now_ns(int clock)
{
    struct timespec now;
    CHECK_EQ(0, syscall(SYS_clock_gettime, clock, &now));
    return nanoseconds(now);
}

/* Use that much CPU time. */
static inline void burn_ms(long ms)
{
    long long end = now_ns(CLOCK_THREAD_CPUTIME_ID) + ms * MS;
    while (now_ns(CLOCK_THREAD_CPUTIME_ID) < end)
        for (volatile int turn = 0; turn < 1000; turn++)
            ;
}

#endif
