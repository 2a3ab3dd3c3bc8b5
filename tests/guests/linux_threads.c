/* Threads in the ABI linux, through the C library's own. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile int counter, turn;
static int ends[2];

static pid_t forked(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    return pid;
}

static int status_of(pid_t pid)
{
    int status = -1;
    CHECK_EQ(pid, waitpid(pid, &status, 0));
    return status;
}

static void *adds(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return (void *)7;
}

CASE(join_and_mutex)
{
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, adds, NULL));
    for (int i = 0; i < 8; i++) {
        void *value;
        CHECK_EQ(0, pthread_join(threads[i], &value));
        CHECK_EQ(7, value);
    }
    CHECK_EQ(16000, counter);
}

static void *takes_turns(void *number)
{
    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != (int)(long)number)
            pthread_cond_wait(&condition, &mutex);
        turn = (turn + 1) % 4;
        counter++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

CASE(conditions)
{
    pthread_t threads[4];
    for (long i = 0; i < 4; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, takes_turns, (void *)i));
    for (int i = 0; i < 4; i++)
        CHECK_EQ(0, pthread_join(threads[i], NULL));
    CHECK_EQ(200, counter);
}

CASE(timed_wait)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 20000000;
    if (until.tv_nsec >= 1000000000)
        until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_mutex_lock(&mutex);
    CHECK_EQ(ETIMEDOUT, pthread_cond_timedwait(&condition, &mutex, &until));
    /* A time that has passed already; what comes next must not believe that it has waited. */
    until.tv_sec = 1;
    CHECK_EQ(ETIMEDOUT, pthread_cond_timedwait(&condition, &mutex, &until));
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(1, write(ends[1], "x", 1));
    char byte;
    CHECK_EQ(1, read(ends[0], &byte, 1));
}

static void *waits_for_ever(void *kind)
{
    char byte;
    switch ((long)kind) {
    case 0: pthread_mutex_lock(&mutex); break;
    case 1: counter += (int)read(ends[0], &byte, 1); break;
    case 2: pause(); break;
    case 3: sleep(100000); break;
    case 4: for (;;) counter++;
    }
    return NULL;
}

static void start_one_of_each(void)
{
    pthread_t thread;
    CHECK_EQ(0, pipe(ends));
    pthread_mutex_lock(&mutex);
    for (long kind = 0; kind < 5; kind++)
        CHECK_EQ(0, pthread_create(&thread, NULL, waits_for_ever, (void *)kind));
    usleep(20000);
}

CASE(exit_group_with_threads_in_every_state)
{
    pid_t pid = forked();
    if (pid == 0) {
        start_one_of_each();
        _exit(3);
    }
    CHECK_EQ(3 << 8, status_of(pid));
}

CASE(a_kill_with_threads_in_every_state)
{
    pid_t pid = forked();
    if (pid == 0) {
        start_one_of_each();
        for (;;)
            pause();
    }
    usleep(60000);
    CHECK_EQ(0, kill(pid, SIGTERM));
    CHECK_EQ(SIGTERM, status_of(pid));
}

static void *leaves_last(void *unused)
{
    (void)unused;
    usleep(30000);
    syscall(SYS_exit, 9); /* only this thread; it is the last one, so the process ends */
    return NULL;
}

CASE(the_leader_leaves_first)
{
    pid_t pid = forked();
    if (pid == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, leaves_last, NULL);
        syscall(SYS_exit, 1);
    }
    CHECK_EQ(9 << 8, status_of(pid));
}

CASE(helper_exits_33) { _exit(getpid() == syscall(SYS_gettid) ? 33 : 34); }

static void *executes(void *unused)
{
    (void)unused;
    char *args[] = {"threads", "helper_exits_33", NULL};
    execve("/proc/thread-self/exe", args, (char *[]){NULL});
    _exit(99);
}

CASE(exec_from_another_thread)
{
    for (int leader_gone = 0; leader_gone < 2; leader_gone++) {
        pid_t pid = forked();
        if (pid == 0) {
            pthread_t thread;
            if (!leader_gone)
                start_one_of_each();
            pthread_create(&thread, NULL, executes, NULL);
            if (leader_gone)
                syscall(SYS_exit, 1);
            for (;;)
                pause();
        }
        CHECK_EQ(33 << 8, status_of(pid));
    }
}

static volatile pid_t tid, taken_by;

static void note(int number)
{
    (void)number;
    taken_by = (pid_t)syscall(SYS_gettid);
}

static void *says_its_tid(void *unused)
{
    (void)unused;
    tid = (pid_t)syscall(SYS_gettid);
    while (!taken_by)
        usleep(1000);
    return NULL;
}

CASE(a_signal_for_one_thread)
{
    pthread_t thread;
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGUSR1, &action, NULL);
    CHECK_EQ(0, pthread_create(&thread, NULL, says_its_tid, NULL));
    while (!tid)
        usleep(1000);
    CHECK(tid != getpid());
    CHECK_EQ(0, syscall(SYS_tgkill, getpid(), tid, SIGUSR1));
    CHECK_EQ(0, pthread_join(thread, NULL));
    CHECK_EQ(tid, taken_by);
    CHECK_ERRNO(EINVAL, syscall(SYS_tgkill, getpid(), getpid(), 65));
    CHECK_ERRNO(EINVAL, syscall(SYS_tgkill, 0, getpid(), 0));
}

static void *sleeps_a_little(void *unused)
{
    (void)unused;
    usleep(20000);
    return NULL;
}

CASE(many_threads)
{
    enum { MANY = 300 };
    static pthread_t threads[MANY];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(0, pthread_create(&threads[i], &attributes, sleeps_a_little, NULL));
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(0, pthread_join(threads[i], NULL));
}

static void *forks(void *unused)
{
    (void)unused;
    pid_t pid = forked();
    if (pid == 0)
        _exit(getpid() == syscall(SYS_gettid) ? 5 : 6);
    return (void *)(long)status_of(pid);
}

CASE(fork_from_another_thread)
{
    pthread_t thread;
    void *status;
    CHECK_EQ(0, pthread_create(&thread, NULL, forks, NULL));
    CHECK_EQ(0, pthread_join(thread, &status));
    CHECK_EQ(5 << 8, status);
}
