#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "credentials.h"
#include "handlers.h"
#include "threads.h"

static long tgkill_(int pid, int tid, int number)
{
    return syscall(SYS_tgkill, pid, tid, number);
}

static volatile pid_t taken_by;
static volatile int done;

static void note_thread(int number)
{
    (void)number;
    taken_by = (pid_t)syscall(SYS_gettid);
}

CASE(one_thread)
{
    signal(SIGUSR1, note_thread);
    pid_t tid = start_thread(waits_until_set, (void *)&done);
    CHECK_EQ(0, tgkill_(getpid(), tid, 0));
    CHECK_EQ(0, tgkill_(getpid(), tid, SIGUSR1));
    while (!taken_by)
        pause_ms(1);
    CHECK_EQ(tid, taken_by);
    CHECK_EQ(0, tgkill_(getpid(), getpid(), SIGUSR1));
    CHECK_EQ(getpid(), taken_by);
    done = 1;
    thread_gone(tid);
    CHECK_ERRNO(ESRCH, tgkill_(getpid(), tid, SIGUSR1));
}

CASE(it_is_told)
{
    catch_signal(SIGUSR1, 0);
    CHECK_EQ(0, tgkill_(getpid(), (int)syscall(SYS_gettid), SIGUSR1));
    CHECK(caught == SIGUSR1 && last_info.si_code == SI_TKILL);
    CHECK(last_info.si_pid == getpid() && last_info.si_uid == getuid());
}

CASE(it_waits_for_that_thread)
{
    pid_t tid = start_thread(waits_until_set, (void *)&done);
    signal(SIGUSR1, note_thread);
    block_signal(SIGUSR1);
    CHECK_EQ(0, tgkill_(getpid(), getpid(), SIGUSR1));
    pause_ms(2);
    CHECK_EQ(0, taken_by); /* though the other one does not block it */
    CHECK_EQ(1, is_pending(SIGUSR1));
    CHECK_EQ(0, tgkill_(getpid(), tid, 0));
}

CASE(another_process)
{
    pid_t pid = child_that_waits();
    CHECK_EQ(0, tgkill_(pid, pid, SIGTERM));
    CHECK_EQ(SIGTERM, status_of(pid));
}

CASE(the_process_must_be_the_threads)
{
    pid_t pid = child_that_waits();
    CHECK_ERRNO(ESRCH, tgkill_(getpid(), pid, SIGTERM));
    CHECK_ERRNO(ESRCH, tgkill_(pid, getpid(), SIGTERM));
    CHECK_ERRNO(ESRCH, tgkill_(pid, getpid(), 65));
    pid_t tid = start_thread(waits_until_set, (void *)&done);
    CHECK_ERRNO(ESRCH, tgkill_(tid, tid, 0)); /* a thread's number is no process's */
    kill_and_reap(pid);
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, tgkill_(0, getpid(), 0));
    CHECK_ERRNO(EINVAL, tgkill_(-1, getpid(), 0));
    CHECK_ERRNO(EINVAL, tgkill_(getpid(), 0, SIGUSR1));
    CHECK_ERRNO(EINVAL, tgkill_(getpid(), -1, SIGUSR1));
    CHECK_ERRNO(ESRCH, tgkill_(NOBODY_HAS_IT, NOBODY_HAS_IT, 65));
    CHECK_ERRNO(EINVAL, tgkill_(getpid(), getpid(), 65));
    CHECK_ERRNO(EINVAL, tgkill_(getpid(), getpid(), -1));
    if (!may_change_ids())
        return;
    pid_t pid = child_that_waits();
    become_user();
    CHECK_ERRNO(EPERM, tgkill_(pid, pid, SIGTERM));
    CHECK_ERRNO(EPERM, tgkill_(pid, pid, 0));
    CHECK_ERRNO(EINVAL, tgkill_(pid, pid, 65));
}
