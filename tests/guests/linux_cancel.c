/* Threads that are cancelled, signalled, detached, and what is theirs alone. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore, started;
static int ends[2];
static char fifo[40];
static volatile int order[8], cleaned, counter;

static void cleans(void *number) { order[__atomic_fetch_add(&cleaned, 1, __ATOMIC_SEQ_CST)] = (int)(long)number; }
static void unlocks(void *lock)
{
    pthread_mutex_unlock(lock);
    cleans((void *)1);
}

static void wait_in(long kind)
{
    char byte;
    struct pollfd nothing = {.fd = ends[0], .events = POLLIN};
    struct timespec long_time = {100000, 0};
    sigset_t none;
    sigemptyset(&none);
    switch (kind) {
    case 0: (void)!read(ends[0], &byte, 1); break;
    case 1: pause(); break;
    case 2: nanosleep(&long_time, NULL); break;
    case 3: sem_wait(&semaphore); break;
    case 4: poll(&nothing, 1, -1); break;
    case 5: sigsuspend(&none); break;
    case 6: waitpid(-1, NULL, 0); break;
    case 7: (void)!open(fifo, O_RDONLY); break;
    }
}

static void *waits_in(void *kind)
{
    pthread_cleanup_push(cleans, (void *)1);
    pthread_cleanup_push(cleans, (void *)2);
    sem_post(&started);
    for (;;)
        wait_in((long)kind);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void cancel(pthread_t thread)
{
    void *result;
    CHECK_EQ(0, pthread_cancel(thread));
    CHECK_EQ(0, pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED);
}

CASE(a_thread_is_cancelled_where_it_waits)
{
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, sem_init(&semaphore, 0, 0));
    CHECK_EQ(0, sem_init(&started, 0, 0));
    snprintf(fifo, sizeof fifo, "/tmp/rvsim-fifo-%d", getpid());
    CHECK_EQ(0, mkfifo(fifo, 0600));
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    for (long kind = 0; kind < 8; kind++) {
        pthread_t thread;
        cleaned = 0;
        CHECK_EQ(0, pthread_create(&thread, NULL, waits_in, (void *)kind));
        CHECK_EQ(0, sem_wait(&started));
        if (kind % 2)
            usleep(10000); /* before it waits, and while it waits */
        cancel(thread);
        CHECK_EQ(2, cleaned);
        CHECK_EQ(2, order[0]);
        CHECK_EQ(1, order[1]);
    }
    kill(child, SIGKILL);
    CHECK_EQ(child, waitpid(child, NULL, 0));
    unlink(fifo);
}

static void *waits_for_condition(void *unused)
{
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlocks, &mutex);
    sem_post(&started);
    for (;;)
        pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(0);
    return unused;
}

CASE(a_cancelled_wait_holds_the_mutex_again)
{
    pthread_t threads[8];
    CHECK_EQ(0, sem_init(&started, 0, 0));
    for (int i = 0; i < 8; i++) {
        CHECK_EQ(0, pthread_create(&threads[i], NULL, waits_for_condition, NULL));
        CHECK_EQ(0, sem_wait(&started));
    }
    for (int i = 0; i < 8; i++)
        cancel(threads[i]);
    CHECK_EQ(8, cleaned);
    CHECK_EQ(0, pthread_mutex_trylock(&mutex));
}

static void *works_undisturbed(void *unused)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    CHECK_EQ(PTHREAD_CANCEL_ENABLE, before);
    sem_post(&started);
    usleep(30000);
    pthread_testcancel();
    counter = 1;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_testcancel();
    counter = 2;
    return unused;
}

static void *computes(void *unused)
{
    pthread_cleanup_push(cleans, (void *)7);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&started);
    for (;;)
        counter++;
    pthread_cleanup_pop(0);
    return unused;
}

CASE(cancellation_may_be_put_off)
{
    pthread_t thread;
    CHECK_EQ(0, sem_init(&started, 0, 0));
    CHECK_EQ(0, pthread_create(&thread, NULL, works_undisturbed, NULL));
    CHECK_EQ(0, sem_wait(&started));
    cancel(thread);
    CHECK_EQ(1, counter);
}

CASE(cancellation_may_come_at_any_time)
{
    pthread_t thread;
    CHECK_EQ(0, sem_init(&started, 0, 0));
    CHECK_EQ(0, pthread_create(&thread, NULL, computes, NULL));
    CHECK_EQ(0, sem_wait(&started));
    usleep(5000);
    cancel(thread);
    CHECK_EQ(1, cleaned);
    CHECK_EQ(7, order[0]);
}

static __thread int own = 11;
static __thread char zeros[3000] __attribute__((aligned(64)));
static pthread_key_t key, again;

static void destroys(void *value) { __atomic_add_fetch(&counter, (int)(long)value, __ATOMIC_SEQ_CST); }
static void comes_again(void *value)
{
    __atomic_add_fetch(&cleaned, 1, __ATOMIC_SEQ_CST);
    if ((long)value > 1)
        pthread_setspecific(again, (void *)((long)value - 1));
}

static void *has_its_own(void *number)
{
    CHECK_EQ(11, own);
    CHECK_EQ(0, (unsigned long)zeros % 64);
    for (unsigned i = 0; i < sizeof zeros; i++)
        CHECK_EQ(0, zeros[i]);
    CHECK(pthread_getspecific(key) == NULL);
    for (int i = 0; i < 20; i++) {
        own = (int)(long)number + i;
        memset(zeros, own, sizeof zeros);
        pthread_setspecific(key, number);
        errno = own;
        sched_yield();
        CHECK_EQ((int)(long)number + i, own);
        CHECK_EQ(own, errno);
        CHECK_EQ((char)own, zeros[sizeof zeros - 1]);
        CHECK(pthread_getspecific(key) == number);
    }
    pthread_setspecific(again, (void *)3);
    return NULL;
}

CASE(what_is_a_threads_own)
{
    pthread_t threads[64];
    int expected = 0;
    CHECK_EQ(0, pthread_key_create(&key, destroys));
    CHECK_EQ(0, pthread_key_create(&again, comes_again));
    for (long i = 0; i < 64; i++) {
        CHECK_EQ(0, pthread_create(&threads[i], NULL, has_its_own, (void *)(i + 1)));
        expected += (int)i + 1;
    }
    for (int i = 0; i < 64; i++)
        CHECK_EQ(0, pthread_join(threads[i], NULL));
    CHECK_EQ(expected, counter);
    CHECK_EQ(3 * 64, cleaned);
    CHECK_EQ(11, own);
}

static volatile pthread_t handled_by;

static void handles(int number)
{
    (void)number;
    handled_by = pthread_self();
    sem_post(&semaphore);
}

static void *sleeps_on(void *unused)
{
    sem_post(&started);
    for (;;)
        pause();
    return unused;
}

CASE(a_signal_for_one_of_many)
{
    pthread_t threads[8];
    struct sigaction action = {.sa_handler = handles};
    sigaction(SIGUSR1, &action, NULL);
    CHECK_EQ(0, sem_init(&semaphore, 0, 0));
    CHECK_EQ(0, sem_init(&started, 0, 0));
    for (int i = 0; i < 8; i++) {
        CHECK_EQ(0, pthread_create(&threads[i], NULL, sleeps_on, NULL));
        CHECK_EQ(0, sem_wait(&started));
    }
    for (int i = 7; i >= 0; i--) {
        CHECK_EQ(0, pthread_kill(threads[i], SIGUSR1));
        while (sem_wait(&semaphore) != 0)
            CHECK_EQ(EINTR, errno);
        CHECK(pthread_equal(threads[i], handled_by));
    }
    CHECK_EQ(0, pthread_kill(threads[0], 0));
    CHECK_EQ(EINVAL, pthread_kill(threads[0], 65));
    for (int i = 0; i < 8; i++)
        cancel(threads[i]);
}

static void *takes_signals(void *wanted)
{
    int signo = 0;
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(0, sigwait(wanted, &signo));
        counter = counter * 100 + signo;
        sem_post(&semaphore);
    }
    return NULL;
}

CASE(a_thread_for_the_signals)
{
    pthread_t thread;
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    sigaddset(&wanted, SIGUSR2);
    CHECK_EQ(0, pthread_sigmask(SIG_BLOCK, &wanted, NULL));
    CHECK_EQ(0, sem_init(&semaphore, 0, 0));
    CHECK_EQ(0, pthread_create(&thread, NULL, takes_signals, &wanted));
    int sent[] = {SIGUSR1, SIGUSR2, SIGUSR1};
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(0, kill(getpid(), sent[i]));
        CHECK_EQ(0, sem_wait(&semaphore));
    }
    CHECK_EQ(0, pthread_join(thread, NULL));
    CHECK_EQ((SIGUSR1 * 100 + SIGUSR2) * 100 + SIGUSR1, counter);
}

static void *says_done(void *unused)
{
    sem_post(&semaphore);
    return unused;
}

CASE(detached_threads)
{
    pthread_attr_t attributes;
    CHECK_EQ(0, sem_init(&semaphore, 0, 0));
    pthread_attr_init(&attributes);
    CHECK_EQ(0, pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    CHECK_EQ(0, pthread_attr_setstacksize(&attributes, 65536));
    for (int i = 0; i < 500; i++) {
        pthread_t thread;
        CHECK_EQ(0, pthread_create(&thread, i % 2 ? &attributes : NULL, says_done, NULL));
        if (i % 2 == 0)
            CHECK_EQ(0, pthread_detach(thread));
        CHECK_EQ(0, sem_wait(&semaphore));
    }
}

static void *overflows(void *depth)
{
    volatile char block[4096];
    block[0] = (char)(long)depth;
    return (char *)overflows((char *)depth + 1) + block[0];
}

CASE(a_stack_has_a_guard)
{
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        signal(SIGSEGV, SIG_DFL);
        pthread_create(&thread, NULL, overflows, NULL);
        pthread_join(thread, NULL);
        _exit(0);
    }
    int status;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGSEGV, WTERMSIG(status));
}

static void at_1(void) { counter = counter * 10 + 1; }
static void at_2(void) { counter = counter * 10 + 2; }
static void at_3(void) { counter = counter * 10 + 3; }

static void *forks(void *unused)
{
    pid_t child = fork();
    if (child == 0)
        _exit(counter == 13 && getpid() == syscall(SYS_gettid) && pthread_mutex_trylock(&mutex) == EBUSY ? 5 : 6);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQ(5 << 8, status);
    return unused;
}

CASE(a_fork_among_threads)
{
    pthread_t thread;
    CHECK_EQ(0, pthread_atfork(at_1, at_2, at_3));
    pthread_mutex_lock(&mutex);
    CHECK_EQ(0, pthread_create(&thread, NULL, forks, NULL));
    CHECK_EQ(0, pthread_join(thread, NULL));
    CHECK_EQ(12, counter);
}

static void *outlives(void *first)
{
    pthread_join(*(pthread_t *)first, NULL);
    printf("passed\n");
    exit(0);
}

CASE(the_first_thread_may_leave)
{
    static pthread_t first;
    pthread_t thread;
    first = pthread_self();
    CHECK_EQ(0, pthread_create(&thread, NULL, outlives, &first));
    pthread_exit(NULL);
}
