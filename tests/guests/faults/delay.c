/* Calls that are made later: guest time passes, others run meanwhile, and only what ends the process disturbs it. */
#define _GNU_SOURCE
#include "plan.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static long now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static volatile sig_atomic_t taken;
static volatile long taken_us;

static void take(int number)
{
    taken = number;
    taken_us = now_us();
}

static void catch(int number, int flags)
{
    struct sigaction action = {.sa_handler = take, .sa_flags = flags};
    CHECK_EQ(0, sigaction(number, &action, NULL));
}

static void alarm_after(long us, int number)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number};
    struct itimerspec spec = {.it_value = {0, us * 1000}};
    CHECK_EQ(0, timer_create(CLOCK_MONOTONIC, &event, &timer));
    CHECK_EQ(0, timer_settime(timer, 0, &spec, NULL));
}

#define TAKES(least_us, most_us, what)                                                                                \
    do {                                                                                                              \
        long begin = now_us();                                                                                        \
        what;                                                                                                         \
        long took = now_us() - begin;                                                                                 \
        if (took < (least_us) || took >= (most_us))                                                                   \
            CHECK_FAIL("took %ld us", took);                                                                          \
    } while (0)

FAULTS("getppid:2=delay(5ms)")
CASE(time_passes)
{
    TAKES(0, 500, CHECK_EQ(0, getppid()));
    TAKES(5000, 5500, CHECK_EQ(0, getppid()));
    TAKES(0, 500, CHECK_EQ(0, getppid()));
}

FAULTS("getppid:1=delay(300us)", "getppid:2=delay(1s)", "getppid:3=delay(700000ns)", "getppid:delay_enter=900:when=4")
CASE(units)
{
    TAKES(300, 400, getppid());
    TAKES(1000000, 1000500, getppid());
    TAKES(700, 800, getppid());
    TAKES(900, 1000, getppid());
}

FAULTS("nanosleep,clock_nanosleep:1=delay(5ms)")
CASE(a_wait_begins_when_the_delay_is_over)
{
    TAKES(15000, 15500, usleep(10000));
}

FAULTS("getppid:1=delay(5ms)")
CASE(others_run_meanwhile)
{
    volatile long *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            ++*shared;
    long before = *shared;
    getppid();
    CHECK(*shared - before > 1000);
    CHECK_EQ(0, kill(child, SIGKILL));
    CHECK_EQ(child, wait(NULL));
}

static long partner_ran;

static void *partner(void *nothing)
{
    (void)nothing;
    for (int i = 0; i < 1000; i++)
        partner_ran++;
    return NULL;
}

FAULTS("getppid:1=delay(5ms)")
CASE(threads_of_the_same_process_run_meanwhile)
{
    pthread_t thread;
    CHECK_EQ(0, pthread_create(&thread, NULL, partner, NULL));
    getppid();
    CHECK_EQ(1000, *(volatile long *)&partner_ran);
    CHECK_EQ(0, pthread_join(thread, NULL));
}

FAULTS("getppid:1=delay(5ms)")
CASE(a_signal_waits_until_it_is_over)
{
    catch(SIGALRM, 0);
    long begin = now_us();
    alarm_after(1000, SIGALRM);
    CHECK_EQ(0, getppid());
    CHECK_EQ(SIGALRM, taken);
    CHECK(taken_us - begin >= 5000 && taken_us - begin < 6000);
}

FAULTS("read:1=delay(5ms)")
CASE(then_it_cuts_a_wait_short)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    catch(SIGALRM, 0);
    long begin = now_us();
    alarm_after(1000, SIGALRM);
    CHECK_ERRNO(EINTR, read(ends[0], &byte, 1));
    CHECK(taken_us - begin >= 5000 && taken_us - begin < 6000);
}

FAULTS("read:1=delay(5ms)")
CASE(what_is_there_is_given_though_a_signal_came)
{
    int ends[2];
    char byte;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(1, write(ends[1], "x", 1));
    catch(SIGALRM, 0);
    alarm_after(1000, SIGALRM);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK_EQ(SIGALRM, taken);
}

FAULTS("getppid:1=delay(50ms)")
CASE(a_fatal_signal_ends_it)
{
    pid_t child = fork();
    if (child == 0) {
        getppid();
        _exit(0);
    }
    usleep(1000);
    CHECK_EQ(0, kill(child, SIGTERM));
    int status = 0;
    TAKES(0, 1000, CHECK_EQ(child, wait(&status)));
    CHECK_EQ(SIGTERM, status);
}

FAULTS("getppid:1=delay(5ms)")
CASE(it_goes_on_while_the_process_is_stopped)
{
    pid_t child = fork();
    if (child == 0) {
        getppid();
        _exit(3);
    }
    int status = 0;
    usleep(1000);
    CHECK_EQ(0, kill(child, SIGSTOP));
    usleep(10000);
    CHECK_EQ(0, kill(child, SIGCONT));
    TAKES(0, 1000, CHECK_EQ(child, wait(&status)));
    CHECK_EQ(3 << 8, status);
}

FAULTS("openat:1:path=/tmp/*=delay(5ms)")
CASE(the_call_is_made_afterwards_not_before)
{
    CHECK_EQ(0, unlink("/tmp/late") == 0 ? 0 : 0);
    pid_t child = fork();
    if (child == 0)
        _exit(open("/tmp/late", O_RDWR | O_CREAT, 0644) < 0);
    usleep(1000);
    CHECK_ERRNO(ENOENT, access("/tmp/late", F_OK));
    CHECK_EQ(child, wait(NULL));
    CHECK_EQ(0, access("/tmp/late", F_OK));
}

FAULTS("read:1=delay(5ms)", "read:1=EIO")
CASE(a_delay_and_then_an_error)
{
    char byte;
    TAKES(5000, 5500, CHECK_ERRNO(EIO, read(0, &byte, 1)));
}

FAULTS("all=delay(1ms)")
CASE(every_call_is_late)
{
    TAKES(2000, 3300, (getppid(), getppid()));
    catch(SIGUSR1, 0);
    raise(SIGUSR1);
    CHECK_EQ(SIGUSR1, taken);
    pid_t child = fork();
    if (child == 0)
        _exit(1);
    CHECK_EQ(child, wait(NULL));
}
