#define _GNU_SOURCE
/* Which of several errors a call tells. */
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define BAD ((void *)-4096l)
#define NOBODY 0x3fffffff

CASE(getcwd_looks_at_the_size_first)
{
    CHECK_EQ(0, mkdir("a_longer_name", 0700));
    CHECK_EQ(0, chdir("a_longer_name"));
    CHECK_ERRNO(ERANGE, syscall(SYS_getcwd, BAD, 5));
    CHECK_ERRNO(EFAULT, syscall(SYS_getcwd, BAD, 4096));
    CHECK_ERRNO(ERANGE, syscall(SYS_getcwd, NULL, 0));
}

CASE(renameat2_looks_at_the_flags_first)
{
    CHECK_ERRNO(EINVAL, syscall(SYS_renameat2, 99, BAD, 99, BAD, 8));
    CHECK_ERRNO(EINVAL, syscall(SYS_renameat2, 99, "", 99, "", 3));
    CHECK_ERRNO(EFAULT, syscall(SYS_renameat2, 99, BAD, 99, "x", 1));
    CHECK_ERRNO(ENOENT, syscall(SYS_renameat2, 99, "", 99, BAD, 0));
    CHECK_ERRNO(EBADF, syscall(SYS_renameat2, 99, "x", 99, "y", 0));
}

CASE(prlimit_reads_the_new_limit_first)
{
    struct rlimit limit = {2, 1}, old;
    CHECK_ERRNO(EFAULT, syscall(SYS_prlimit64, NOBODY, 99, BAD, NULL));
    CHECK_ERRNO(ESRCH, syscall(SYS_prlimit64, NOBODY, 99, NULL, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_prlimit64, 0, 99, &limit, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_getrlimit, 99, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_getrlimit, RLIMIT_CORE, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_setrlimit, 99, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_setrlimit, 99, &limit));
    CHECK_EQ(0, getrlimit(RLIMIT_CORE, &old));
}

CASE(sched_setscheduler)
{
    struct sched_param parameter = {.sched_priority = 0};
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, NOBODY, -1, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, 0, -1, &parameter));
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, -1, 0, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, NOBODY, 0, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_sched_setscheduler, NOBODY, 0, BAD));
    CHECK_ERRNO(ESRCH, syscall(SYS_sched_setscheduler, NOBODY, 99, &parameter));
    CHECK_ERRNO(EINVAL, syscall(SYS_sched_setscheduler, 0, 99, &parameter));
    CHECK_ERRNO(EFAULT, syscall(SYS_sched_setparam, NOBODY, BAD));
    CHECK_ERRNO(ESRCH, syscall(SYS_sched_setparam, NOBODY, &parameter));
    CHECK_EQ(0, syscall(SYS_sched_get_priority_max, SCHED_DEADLINE));
}

CASE(queueing_a_signal_reads_its_info_first)
{
    siginfo_t info = {.si_code = SI_USER};
    CHECK_ERRNO(EFAULT, syscall(SYS_rt_tgsigqueueinfo, -1, -1, 99, BAD));
    CHECK_ERRNO(EINVAL, syscall(SYS_rt_tgsigqueueinfo, -1, NOBODY, 99, &info));
    CHECK_ERRNO(EPERM, syscall(SYS_rt_tgsigqueueinfo, NOBODY, NOBODY, 99, &info));
    CHECK_ERRNO(EFAULT, syscall(SYS_rt_sigqueueinfo, NOBODY, 99, BAD));
    CHECK_ERRNO(EPERM, syscall(SYS_rt_sigqueueinfo, NOBODY, 99, &info));
    info.si_code = SI_QUEUE;
    CHECK_ERRNO(ESRCH, syscall(SYS_rt_sigqueueinfo, NOBODY, 99, &info));
    CHECK_ERRNO(EINVAL, syscall(SYS_rt_sigqueueinfo, getpid(), 99, &info));
    CHECK_ERRNO(ESRCH, syscall(SYS_rt_tgsigqueueinfo, getpid(), NOBODY, 99, &info));
    CHECK_ERRNO(EINVAL, syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), 99, &info));
}

CASE(a_queued_info_is_kept)
{
    siginfo_t info = {.si_errno = 12, .si_code = -7}, got;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    info.si_value.sival_int = 5;
    CHECK_EQ(0, syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info));
    CHECK_EQ(SIGUSR1, sigwaitinfo(&set, &got));
    CHECK_EQ(SIGUSR1, got.si_signo); /* of the call, not of the info */
    CHECK_EQ(12, got.si_errno);
    CHECK_EQ(-7, got.si_code);
    CHECK_EQ(5, got.si_value.sival_int);
}

static pid_t thread_id;
static volatile int done;

static void *turns(void *unused)
{
    thread_id = (pid_t)syscall(SYS_gettid);
    while (!done)
        sched_yield();
    return unused;
}

CASE(kill_takes_the_number_of_any_thread)
{
    pthread_t thread;
    CHECK_EQ(0, pthread_create(&thread, NULL, turns, NULL));
    while (!*(volatile pid_t *)&thread_id)
        sched_yield();
    CHECK_EQ(0, kill(thread_id, 0));
    done = 1;
    CHECK_EQ(0, pthread_join(thread, NULL));
}

CASE(setpriority)
{
    if (geteuid() == 0) {
        CHECK_EQ(0, setgid(12345));
        CHECK_EQ(0, setuid(12345));
    }
    struct rlimit none = {0, 0};
    CHECK_EQ(0, setrlimit(RLIMIT_NICE, &none));
    CHECK_EQ(0, setpriority(PRIO_PROCESS, 0, 5));
    CHECK_ERRNO(EACCES, setpriority(PRIO_PROCESS, 0, 4));
    CHECK_ERRNO(EPERM, setpriority(PRIO_PROCESS, 1, 4));
    CHECK_ERRNO(EINVAL, setpriority(3, 0, 4));
    CHECK_ERRNO(ESRCH, setpriority(PRIO_PROCESS, NOBODY, 4));
}
