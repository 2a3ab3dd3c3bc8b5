/* A signal as a call begins: what it does to the call is what Linux does if it comes at that moment. signal(7) */
#define _GNU_SOURCE
#include "plan.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t taken;

static void take(int number)
{
    taken = number;
}

static void catch(int number, int flags)
{
    struct sigaction action = {.sa_handler = take, .sa_flags = flags};
    CHECK_EQ(0, sigaction(number, &action, NULL));
}

static int ends[2];
static char byte;

static void writer_after_a_while(void)
{
    CHECK_EQ(0, pipe(ends));
    if (fork() == 0) {
        usleep(5000);
        _exit(write(ends[1], "x", 1) != 1);
    }
}

FAULTS("getppid:1=signal(SIGUSR1)")
CASE(a_call_that_does_not_wait_is_made)
{
    catch(SIGUSR1, 0);
    CHECK_EQ(0, getppid());
    CHECK_EQ(SIGUSR1, taken);
}

FAULTS("read:1=signal(SIGUSR1)")
CASE(a_wait_ends_with_an_error)
{
    writer_after_a_while();
    catch(SIGUSR1, 0);
    CHECK_ERRNO(EINTR, read(ends[0], &byte, 1));
    CHECK_EQ(SIGUSR1, taken);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK(wait(NULL) > 0);
}

FAULTS("read:1=signal(SIGUSR1)")
CASE(a_wait_goes_on_if_the_handler_says_so)
{
    writer_after_a_while();
    catch(SIGUSR1, SA_RESTART);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK_EQ(SIGUSR1, taken);
    CHECK(wait(NULL) > 0);
}

FAULTS("ppoll:1=signal(SIGUSR1)")
CASE(a_poll_never_goes_on)
{
    writer_after_a_while();
    catch(SIGUSR1, SA_RESTART);
    struct pollfd polled = {ends[0], POLLIN, 0};
    CHECK_ERRNO(EINTR, poll(&polled, 1, -1));
    CHECK_EQ(SIGUSR1, taken);
    CHECK_EQ(1, poll(&polled, 1, -1));
    CHECK(wait(NULL) > 0);
}

FAULTS("nanosleep,clock_nanosleep:1=signal(SIGUSR1)")
CASE(a_sleep_says_what_is_left)
{
    catch(SIGUSR1, 0);
    struct timespec second = {1, 0}, left = {0, 0};
    CHECK_ERRNO(EINTR, nanosleep(&second, &left));
    CHECK(left.tv_sec * 1000000000 + left.tv_nsec > 999000000);
}

FAULTS("write:1=signal(SIGUSR1)")
CASE(what_was_moved_is_what_it_gives)
{
    static char much[100000];
    CHECK_EQ(0, pipe(ends));
    catch(SIGUSR1, 0);
    CHECK_EQ(65536, write(ends[1], much, sizeof much));
    CHECK_EQ(SIGUSR1, taken);
}

FAULTS("wait4:1=signal(SIGUSR1)")
CASE(no_child_is_lost)
{
    catch(SIGUSR1, 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(1000);
        _exit(9);
    }
    int status = 0;
    CHECK_ERRNO(EINTR, wait(&status));
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(9 << 8, status);
}

/* How a child ends that makes one call, perhaps with every signal blocked. */
static int status_of_a_child(bool blocks_all)
{
    pid_t child = fork();
    if (child == 0) {
        sigset_t all;
        sigfillset(&all);
        if (blocks_all)
            sigprocmask(SIG_SETMASK, &all, NULL);
        getppid();
        _exit(0);
    }
    int status = 0;
    CHECK_EQ(child, wait(&status));
    return status;
}

FAULTS("getppid:1=signal(SIGTERM)")
CASE(the_default_ends_the_process)
{
    CHECK_EQ(SIGTERM, status_of_a_child(false));
}

FAULTS("getppid:1=signal(SIGABRT)")
CASE(the_default_dumps_core)
{
    CHECK_EQ(SIGABRT | 0x80, status_of_a_child(false));
}

FAULTS("getppid:1=signal(KILL)")
CASE(nothing_holds_sigkill)
{
    CHECK_EQ(SIGKILL, status_of_a_child(true));
}

FAULTS("getppid:1=signal(SIGSTOP)")
CASE(job_control_stops_it)
{
    pid_t child = fork();
    if (child == 0) {
        getppid();
        _exit(4);
    }
    int status = 0;
    CHECK_EQ(child, waitpid(child, &status, WUNTRACED));
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK_EQ(0, kill(child, SIGCONT));
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(4 << 8, status);
}

FAULTS("read:1=signal(SIGUSR1)")
CASE(one_that_is_blocked_stays_pending)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    writer_after_a_while();
    catch(SIGUSR1, 0);
    CHECK_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK_EQ(0, taken);
    sigset_t pending;
    CHECK_EQ(0, sigpending(&pending));
    CHECK_EQ(1, sigismember(&pending, SIGUSR1));
    siginfo_t info;
    CHECK_EQ(SIGUSR1, sigwaitinfo(&set, &info));
    CHECK_EQ(SI_KERNEL, info.si_code);
    CHECK_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
    CHECK_EQ(0, taken);
    CHECK(wait(NULL) > 0);
}

FAULTS("read:1=signal(SIGUSR1)", "read:1=signal(SIGUSR2)")
CASE(one_that_is_ignored_does_nothing)
{
    writer_after_a_while();
    signal(SIGUSR1, SIG_IGN);
    CHECK_EQ(1, read(ends[0], &byte, 1));
    CHECK(wait(NULL) > 0);
}

FAULTS("read:1=signal(40)", "read:2=signal(64)")
CASE(real_time_signals)
{
    catch(40, 0);
    catch(64, 0);
    writer_after_a_while();
    CHECK_ERRNO(EINTR, read(ends[0], &byte, 1));
    CHECK_EQ(40, taken);
    CHECK_ERRNO(EINTR, read(ends[0], &byte, 1));
    CHECK_EQ(64, taken);
    CHECK(wait(NULL) > 0);
}

FAULTS("getppid=signal(SIGUSR1)")
CASE(each_time)
{
    catch(SIGUSR1, 0);
    for (int i = 0; i < 5; i++) {
        taken = 0;
        getppid();
        CHECK_EQ(SIGUSR1, taken);
    }
}

FAULTS("all:comm=victim=signal(SIGUSR1)")
CASE(a_return_from_a_handler_is_no_call_of_the_program)
{
    catch(SIGUSR1, 0);
    CHECK_EQ(0, prctl(PR_SET_NAME, "victim"));
    getppid();
    CHECK_EQ(SIGUSR1, taken);
    CHECK_EQ(0, prctl(PR_SET_NAME, "other"));
}
