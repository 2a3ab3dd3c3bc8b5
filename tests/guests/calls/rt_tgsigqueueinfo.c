#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include "handlers.h"
#include "threads.h"

static long queue_(int pid, int tid, int number, const void *info)
{
    return syscall(SYS_rt_tgsigqueueinfo, pid, tid, number, info);
}

static siginfo_t sent(int code)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = code;
    info.si_pid = 11;
    info.si_uid = 22;
    info.si_value.sival_int = 33;
    return info;
}

static volatile pid_t taken_by;

static void note_thread(int number, siginfo_t *info, void *context)
{
    note_signal(number, info, context);
    taken_by = (pid_t)syscall(SYS_gettid);
}

CASE(one_thread)
{
    static int never;
    siginfo_t info = sent(SI_QUEUE);
    struct sigaction action = {.sa_sigaction = note_thread, .sa_flags = SA_SIGINFO};
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    pid_t tid = start_thread(waits_until_set, &never);
    CHECK_EQ(0, queue_(getpid(), tid, SIGUSR1, &info));
    while (!taken_by)
        pause_ms(1);
    CHECK_EQ(tid, taken_by);
    CHECK(last_info.si_code == SI_QUEUE && last_info.si_pid == 11 && last_info.si_uid == 22);
    CHECK_EQ(33, last_info.si_value.sival_int);
    CHECK_EQ(0, queue_(getpid(), tid, 0, &info));
    info.si_code = SI_TKILL; /* a code of the kernel's is for oneself alone */
    CHECK_ERRNO(EPERM, queue_(getpid(), tid, SIGUSR1, &info));
    CHECK_EQ(0, queue_(getpid(), getpid(), SIGUSR1, &info));
    CHECK_EQ(getpid(), taken_by);
}

CASE(errors)
{
    siginfo_t info = sent(SI_QUEUE), user = sent(SI_USER);
    pid_t pid = child_that_waits();
    CHECK_ERRNO(EFAULT, queue_(0, 0, 65, BAD));
    CHECK_ERRNO(EINVAL, queue_(0, getpid(), SIGUSR1, &user));
    CHECK_ERRNO(EINVAL, queue_(getpid(), 0, SIGUSR1, &info));
    CHECK_ERRNO(EINVAL, queue_(getpid(), -1, SIGUSR1, &info));
    CHECK_ERRNO(EPERM, queue_(pid, pid, 65, &user));
    CHECK_ERRNO(ESRCH, queue_(getpid(), pid, 65, &info));
    CHECK_ERRNO(ESRCH, queue_(getpid(), NOBODY_HAS_IT, SIGUSR1, &info));
    CHECK_ERRNO(EINVAL, queue_(getpid(), getpid(), 65, &info));
    if (!may_change_ids())
        return;
    become_user();
    CHECK_ERRNO(EPERM, queue_(pid, pid, SIGTERM, &info));
}
