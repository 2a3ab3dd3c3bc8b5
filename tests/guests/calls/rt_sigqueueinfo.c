#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include "handlers.h"

static long queue_(int pid, int number, const void *info)
{
    return syscall(SYS_rt_sigqueueinfo, pid, number, info);
}

static siginfo_t sent(int code)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = 1; /* which the kernel replaces */
    info.si_errno = 7;
    info.si_code = code;
    info.si_pid = 11;
    info.si_uid = 22;
    info.si_value.sival_ptr = (void *)0x123456789abcul;
    return info;
}

CASE(the_info_arrives_as_it_is)
{
    siginfo_t info = sent(SI_QUEUE);
    catch_signal(SIGUSR1, 0);
    CHECK_EQ(0, queue_(getpid(), SIGUSR1, &info));
    CHECK(caught == SIGUSR1 && last_info.si_signo == SIGUSR1 && last_info.si_code == SI_QUEUE);
    CHECK_EQ(7, last_info.si_errno);
    CHECK(last_info.si_pid == 11 && last_info.si_uid == 22);
    CHECK(last_info.si_value.sival_ptr == (void *)0x123456789abcul);
}

CASE(real_time_ones_queue)
{
    sigset_t set = set_of(SIGRTMIN);
    siginfo_t got;
    block_signal(SIGRTMIN);
    for (int i = 0; i < 5; i++) {
        siginfo_t info = sent(SI_QUEUE);
        info.si_value.sival_int = i;
        CHECK_EQ(0, queue_(getpid(), SIGRTMIN, &info));
    }
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(SIGRTMIN, sigwaitinfo(&set, &got));
        CHECK_EQ(i, got.si_value.sival_int);
    }
    CHECK_EQ(0, is_pending(SIGRTMIN));
}

CASE(codes_of_the_kernel)
{
    siginfo_t user = sent(SI_USER), thread = sent(SI_TKILL), kernel = sent(SI_KERNEL);
    pid_t pid = child_that_waits();
    CHECK_ERRNO(EPERM, queue_(pid, SIGTERM, &user));
    CHECK_ERRNO(EPERM, queue_(pid, SIGTERM, &thread));
    CHECK_ERRNO(EPERM, queue_(pid, 65, &kernel));
    CHECK_ERRNO(EPERM, queue_(NOBODY_HAS_IT, SIGTERM, &user)); /* before the search */
    catch_signal(SIGUSR1, 0);
    CHECK_EQ(0, queue_(getpid(), SIGUSR1, &user)); /* to oneself anything */
    CHECK_EQ(SI_USER, last_info.si_code);
    kill_and_reap(pid);
}

CASE(what_is_not_known_must_be_empty)
{
    siginfo_t info = sent(-100);
    catch_signal(SIGUSR1, 0);
    CHECK_EQ(0, queue_(getpid(), SIGUSR1, &info));
    CHECK_EQ(-100, last_info.si_code);
    ((char *)&info)[127] = 1;
    CHECK_ERRNO(E2BIG, queue_(getpid(), SIGUSR1, &info));
    info.si_code = SI_QUEUE; /* of a known code only what it has is taken */
    CHECK_EQ(0, queue_(getpid(), SIGUSR1, &info));
    CHECK_EQ(0, ((char *)&last_info)[127]);
}

CASE(too_many)
{
    struct rlimit none = {0, 0};
    siginfo_t info = sent(SI_QUEUE);
    block_signal(SIGRTMIN), block_signal(SIGUSR1);
    CHECK_EQ(0, setrlimit(RLIMIT_SIGPENDING, &none));
    CHECK_ERRNO(EAGAIN, queue_(getpid(), SIGRTMIN, &info));
    CHECK_EQ(0, is_pending(SIGRTMIN));
    CHECK_EQ(0, queue_(getpid(), SIGUSR1, &info)); /* an ordinary one comes, without its info */
    CHECK_EQ(1, is_pending(SIGUSR1));
    CHECK_EQ(0, kill(getpid(), SIGRTMIN)); /* and so does every one of kill */
    CHECK_EQ(1, is_pending(SIGRTMIN));
    sigset_t set = set_of(SIGRTMIN);
    siginfo_t got;
    CHECK_EQ(SIGRTMIN, sigwaitinfo(&set, &got));
    CHECK(got.si_code == SI_USER && got.si_pid == 0);
}

CASE(errors)
{
    siginfo_t info = sent(SI_QUEUE);
    CHECK_ERRNO(EFAULT, queue_(NOBODY_HAS_IT, 65, BAD));
    CHECK_ERRNO(EFAULT, queue_(getpid(), SIGUSR1, at_edge(40)));
    CHECK_ERRNO(ESRCH, queue_(NOBODY_HAS_IT, 65, &info));
    CHECK_ERRNO(ESRCH, queue_(-1, SIGUSR1, &info));
    CHECK_ERRNO(ESRCH, queue_(0, SIGUSR1, &info));
    CHECK_ERRNO(EINVAL, queue_(getpid(), 65, &info));
    CHECK_ERRNO(EINVAL, queue_(getpid(), -1, &info));
    CHECK_EQ(0, queue_(getpid(), 0, &info));
    if (!may_change_ids())
        return;
    pid_t pid = child_that_waits();
    become_user();
    CHECK_ERRNO(EPERM, queue_(pid, SIGTERM, &info));
}
