/* POSIX threads' locks, as both C libraries make them of futexes, robust lists and shared memory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

enum { THREADS = 64, ROUNDS = 20 };

static pthread_t threads[THREADS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile int counter, inside, most, ready;

static void start(int count, void *(*run)(void *))
{
    for (long i = 0; i < count; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, run, (void *)i));
}

static void join(int count)
{
    for (int i = 0; i < count; i++)
        CHECK_EQ(0, pthread_join(threads[i], NULL));
}

static struct timespec soon(clockid_t clock, long ns)
{
    struct timespec at;
    clock_gettime(clock, &at);
    at.tv_nsec += ns;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

static void set_up_mutex(pthread_mutex_t *made, int type, int robust, int shared)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    CHECK_EQ(0, pthread_mutexattr_settype(&attributes, type));
    CHECK_EQ(0, pthread_mutexattr_setrobust(&attributes, robust));
    CHECK_EQ(0, pthread_mutexattr_setpshared(&attributes, shared));
    CHECK_EQ(0, pthread_mutex_init(made, &attributes));
}

static void *shared_memory(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

/* Runs one call in another thread and gives its result. */
static void *tries_to_lock(void *lock) { return (void *)(long)pthread_mutex_trylock(lock); }
static void *tries_to_unlock(void *lock) { return (void *)(long)pthread_mutex_unlock(lock); }
static void *locks_and_leaves(void *lock) { return (void *)(long)pthread_mutex_lock(lock); }
static void *tries_to_read(void *lock) { return (void *)(long)pthread_rwlock_tryrdlock(lock); }
static void *tries_to_write(void *lock) { return (void *)(long)pthread_rwlock_trywrlock(lock); }

static long elsewhere(void *(*run)(void *), void *lock)
{
    pthread_t thread;
    void *result;
    CHECK_EQ(0, pthread_create(&thread, NULL, run, lock));
    CHECK_EQ(0, pthread_join(thread, &result));
    return (long)result;
}

CASE(a_normal_mutex)
{
    struct timespec until = soon(CLOCK_REALTIME, 20000000);
    CHECK_EQ(0, pthread_mutex_lock(&mutex));
    CHECK_EQ(EBUSY, pthread_mutex_trylock(&mutex));
    CHECK_EQ(EBUSY, elsewhere(tries_to_lock, &mutex));
    CHECK_EQ(ETIMEDOUT, pthread_mutex_timedlock(&mutex, &until));
    CHECK_EQ(0, pthread_mutex_unlock(&mutex));
}

CASE(a_recursive_mutex)
{
    pthread_mutex_t recursive;
    set_up_mutex(&recursive, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(0, pthread_mutex_lock(&recursive));
    CHECK_EQ(0, pthread_mutex_trylock(&recursive));
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(EBUSY, elsewhere(tries_to_lock, &recursive));
        CHECK_EQ(EPERM, elsewhere(tries_to_unlock, &recursive));
        CHECK_EQ(0, pthread_mutex_unlock(&recursive));
    }
    CHECK_EQ(EPERM, pthread_mutex_unlock(&recursive));
}

CASE(a_checking_mutex)
{
    pthread_mutex_t checking;
    set_up_mutex(&checking, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    CHECK_EQ(EPERM, pthread_mutex_unlock(&checking));
    CHECK_EQ(0, pthread_mutex_lock(&checking));
    CHECK_EQ(EDEADLK, pthread_mutex_lock(&checking));
    CHECK_EQ(EPERM, elsewhere(tries_to_unlock, &checking));
    CHECK_EQ(0, pthread_mutex_unlock(&checking));
}

CASE(a_robust_mutex_tells_that_its_owner_died)
{
    pthread_mutex_t robust;
    set_up_mutex(&robust, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
    CHECK_EQ(0, elsewhere(locks_and_leaves, &robust));
    CHECK_EQ(EOWNERDEAD, pthread_mutex_lock(&robust));
    CHECK_EQ(0, pthread_mutex_consistent(&robust));
    CHECK_EQ(0, pthread_mutex_unlock(&robust));
    CHECK_EQ(0, elsewhere(locks_and_leaves, &robust));
    CHECK_EQ(EOWNERDEAD, pthread_mutex_trylock(&robust));
    CHECK_EQ(0, pthread_mutex_unlock(&robust));
    CHECK_EQ(ENOTRECOVERABLE, pthread_mutex_lock(&robust));
}

CASE(a_mutex_of_two_processes)
{
    struct { pthread_mutex_t mutex; pthread_cond_t condition; int turn, sum; } *both = shared_memory();
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    CHECK_EQ(0, pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    CHECK_EQ(0, pthread_cond_init(&both->condition, &attributes));
    set_up_mutex(&both->mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
    pid_t child = fork();
    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&both->mutex);
        while (both->turn != (child == 0))
            pthread_cond_wait(&both->condition, &both->mutex);
        both->turn = !both->turn;
        both->sum++;
        pthread_cond_broadcast(&both->condition);
        pthread_mutex_unlock(&both->mutex);
    }
    if (child == 0) {
        pthread_mutex_lock(&both->mutex);
        kill(getpid(), SIGKILL);
    }
    int status;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGKILL, status);
    CHECK_EQ(EOWNERDEAD, pthread_mutex_lock(&both->mutex));
    CHECK_EQ(0, pthread_mutex_consistent(&both->mutex));
    CHECK_EQ(100, both->sum);
    CHECK_EQ(0, pthread_mutex_unlock(&both->mutex));
}

static void *adds(void *unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&mutex);
        int before = counter;
        if (i % 50 == 0)
            sched_yield();
        counter = before + 1;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

CASE(many_threads_and_one_mutex)
{
    start(THREADS, adds);
    join(THREADS);
    CHECK_EQ(THREADS * 200, counter);
}

static void *waits_for_ready(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    inside++;
    pthread_cond_broadcast(&condition);
    while (!ready)
        pthread_cond_wait(&condition, &mutex);
    ready--;
    counter++;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

CASE(a_broadcast_wakes_all)
{
    start(THREADS, waits_for_ready);
    pthread_mutex_lock(&mutex);
    while (inside < THREADS)
        pthread_cond_wait(&condition, &mutex);
    ready = THREADS;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    join(THREADS);
    CHECK_EQ(THREADS, counter);
}

CASE(a_wait_ends_on_either_clock)
{
    clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    for (int i = 0; i < 2; i++) {
        pthread_cond_t timed;
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        CHECK_EQ(0, pthread_condattr_setclock(&attributes, clocks[i]));
        CHECK_EQ(0, pthread_cond_init(&timed, &attributes));
        struct timespec until = soon(clocks[i], 20000000), now;
        pthread_mutex_lock(&mutex);
        CHECK_EQ(ETIMEDOUT, pthread_cond_timedwait(&timed, &mutex, &until));
        clock_gettime(clocks[i], &now);
        CHECK(now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec));
        CHECK_EQ(EBUSY, elsewhere(tries_to_lock, &mutex)); /* it is held again */
        pthread_mutex_unlock(&mutex);
        CHECK_EQ(0, pthread_cond_destroy(&timed));
    }
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

CASE(a_lock_for_readers_and_writers)
{
    struct timespec until = soon(CLOCK_REALTIME, 20000000);
    CHECK_EQ(0, pthread_rwlock_rdlock(&rwlock));
    CHECK_EQ(0, pthread_rwlock_rdlock(&rwlock));
    CHECK_EQ(EBUSY, elsewhere(tries_to_write, &rwlock));
    CHECK_EQ(0, pthread_rwlock_unlock(&rwlock));
    CHECK_EQ(0, pthread_rwlock_unlock(&rwlock));
    CHECK_EQ(0, pthread_rwlock_wrlock(&rwlock));
    CHECK_EQ(EBUSY, elsewhere(tries_to_read, &rwlock));
    CHECK_EQ(EBUSY, elsewhere(tries_to_write, &rwlock));
    CHECK_EQ(0, pthread_rwlock_unlock(&rwlock));
    CHECK_EQ(0, elsewhere(tries_to_read, &rwlock));
    CHECK_EQ(ETIMEDOUT, pthread_rwlock_timedwrlock(&rwlock, &until));
}

static void *reads_or_writes(void *number)
{
    for (int i = 0; i < ROUNDS; i++) {
        if ((i + (int)(long)number) % 5 == 0) {
            pthread_rwlock_wrlock(&rwlock);
            CHECK_EQ(0, inside);
            int before = counter;
            sched_yield();
            counter = before + 1;
        } else {
            pthread_rwlock_rdlock(&rwlock);
            int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
            if (now > most)
                most = now;
            sched_yield();
            __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
        }
        pthread_rwlock_unlock(&rwlock);
    }
    return NULL;
}

CASE(readers_and_writers)
{
    start(20, reads_or_writes);
    join(20);
    CHECK_EQ(20 * ROUNDS / 5, counter);
    CHECK(most > 1);
}

static pthread_barrier_t barrier;
static volatile int serial;

static void *meets(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        __atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
        int result = pthread_barrier_wait(&barrier);
        CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        CHECK(counter >= (i + 1) * THREADS);
        if (result == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

CASE(a_barrier)
{
    CHECK_EQ(0, pthread_barrier_init(&barrier, NULL, THREADS));
    start(THREADS, meets);
    join(THREADS);
    CHECK_EQ(ROUNDS, serial);
    CHECK_EQ(0, pthread_barrier_destroy(&barrier));
}

static void makes(void)
{
    sched_yield();
    counter++;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *asks_once(void *unused)
{
    (void)unused;
    pthread_once(&once, makes);
    CHECK_EQ(1, counter);
    return NULL;
}

CASE(only_once)
{
    start(THREADS, asks_once);
    join(THREADS);
}

static pthread_spinlock_t spin;

static void *spins(void *unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++) {
        pthread_spin_lock(&spin);
        counter = counter + 1;
        pthread_spin_unlock(&spin);
    }
    return NULL;
}

CASE(a_spin_lock)
{
    CHECK_EQ(0, pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE));
    start(8, spins);
    join(8);
    CHECK_EQ(8 * 500, counter);
}
