/* Threads for the cases of a call. */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

struct thread_start {
    void (*body)(void *);
    void *argument;
    volatile pid_t tid;
};

static inline void *thread_begins(void *at)
{
    struct thread_start *start = at;
    void (*body)(void *) = start->body;
    void *argument = start->argument;
    start->tid = (pid_t)syscall(SYS_gettid); /* its parent goes on, and `start` is gone */
    body(argument);
    return NULL;
}

/* A detached thread; returns its tid. */
static inline pid_t start_thread(void (*body)(void *), void *argument)
{
    struct thread_start start = {body, argument, 0};
    struct timespec moment = {0, 100000};
    pthread_t thread;
    CHECK_EQ(0, pthread_create(&thread, NULL, thread_begins, &start));
    CHECK_EQ(0, pthread_detach(thread));
    while (!start.tid)
        nanosleep(&moment, NULL);
    return start.tid;
}

/* Wait until a thread of this process is gone. */
static inline void thread_gone(pid_t tid)
{
    struct timespec moment = {0, 100000};
    while (syscall(SYS_tgkill, getpid(), tid, 0) == 0)
        nanosleep(&moment, NULL);
    CHECK_EQ(ESRCH, errno);
}

static inline void waits_until_set(void *flag)
{
    struct timespec moment = {0, 100000};
    while (!*(volatile int *)flag)
        nanosleep(&moment, NULL);
}

#endif
