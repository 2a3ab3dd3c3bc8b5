#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "credentials.h"
#include "handlers.h"
#include "threads.h"

static long kill_(int pid, int number)
{
    return syscall(SYS_kill, pid, number);
}

CASE(a_process)
{
    pid_t pid = child_that_waits();
    CHECK_EQ(0, kill_(pid, 0));
    CHECK_EQ(0, kill_(pid, SIGTERM));
    CHECK_EQ(SIGTERM, status_of(pid));
    CHECK_ERRNO(ESRCH, kill_(pid, 0));
}

CASE(oneself)
{
    catch_signal(SIGUSR1, 0);
    CHECK_EQ(0, kill_(getpid(), SIGUSR1));
    CHECK_EQ(SIGUSR1, caught); /* before kill returns */
    CHECK(last_info.si_code == SI_USER && last_info.si_pid == getpid() && last_info.si_uid == getuid());
}

CASE(a_zombie)
{
    siginfo_t info;
    pid_t pid = child_that_exits(3);
    CHECK_EQ(0, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK_EQ(0, kill_(pid, SIGKILL));
    CHECK_EQ(3 << 8, status_of(pid));
}

CASE(a_group)
{
    pid_t first = child_that_waits(), second = child_that_waits();
    CHECK_EQ(0, setpgid(first, first));
    CHECK_EQ(0, setpgid(second, first));
    CHECK_EQ(0, kill_(-first, SIGTERM));
    CHECK_EQ(SIGTERM, status_of(first));
    CHECK_EQ(SIGTERM, status_of(second));
    CHECK_ERRNO(ESRCH, kill_(-first, 0));
}

CASE(ones_own_group)
{
    pid_t pid = forked();
    if (pid == 0) {
        setpgid(0, 0);
        pid_t child = child_that_waits();
        signal(SIGTERM, SIG_IGN);
        if (kill_(0, SIGTERM) != 0)
            _exit(1);
        _exit(status_of(child) == SIGTERM ? 0 : 2);
    }
    CHECK_EQ(0, status_of(pid));
}

CASE(a_thread_names_its_process)
{
    static int never;
    pid_t tid = start_thread(waits_until_set, &never);
    block_signal(SIGUSR1);
    catch_signal(SIGUSR1, 0);
    CHECK_EQ(0, kill_(tid, SIGUSR1)); /* the thread takes it, which does not block it */
    while (!caught)
        pause_ms(1);
}

CASE(stopping_and_continuing)
{
    int status;
    pid_t pid = child_that_waits();
    CHECK_EQ(0, kill_(pid, SIGSTOP));
    CHECK_EQ(pid, waitpid(pid, &status, WUNTRACED));
    CHECK_EQ(0, kill_(pid, SIGTERM)); /* waits until it goes on */
    CHECK_EQ(0, waitpid(pid, &status, WNOHANG));
    CHECK_EQ(0, kill_(pid, SIGCONT));
    CHECK_EQ(SIGTERM, status_of(pid));
    pid = child_that_waits();
    CHECK_EQ(0, kill_(pid, SIGSTOP));
    CHECK_EQ(pid, waitpid(pid, &status, WUNTRACED));
    kill_and_reap(pid); /* SIGKILL does not */
}

CASE(errors)
{
    CHECK_ERRNO(EINVAL, kill_(getpid(), -1));
    CHECK_ERRNO(EINVAL, kill_(getpid(), 65));
    CHECK_ERRNO(ESRCH, kill_(NOBODY_HAS_IT, 0));
    CHECK_ERRNO(ESRCH, kill_(NOBODY_HAS_IT, 65)); /* whom comes before what */
    CHECK_ERRNO(ESRCH, kill_(-NOBODY_HAS_IT, 65));
    CHECK_ERRNO(ESRCH, kill_((int)0x80000000, 0));
}

CASE(somebody_else)
{
    if (!may_change_ids())
        return;
    pid_t pid = child_that_waits(), own = forked();
    if (own == 0) {
        become_user();
        if (kill_(pid, 0) != -1 || errno != EPERM || kill_(pid, SIGTERM) != -1 || errno != EPERM)
            _exit(1);
        if (kill_(pid, 65) != -1 || errno != EINVAL) /* what comes before who may */
            _exit(2);
        if (kill_(pid, SIGCONT) != 0) /* within a session everybody may continue everybody */
            _exit(3);
        setpgid(0, 0);
        pid_t child = child_that_waits();
        if (kill_(0, 0) != 0) /* one of them may be signalled */
            _exit(4);
        kill_and_reap(child);
        _exit(0);
    }
    CHECK_EQ(0, status_of(own));
    kill_and_reap(pid);
    pid = forked();
    if (pid == 0) { /* the sender's real user is the receiver's saved one */
        setresuid(USER, 33, OTHER_USER);
        pid_t child = forked();
        if (child == 0) {
            pause_ms(1000);
            _exit(0);
        }
        if (setresuid(OTHER_USER, OTHER_USER, OTHER_USER) != 0)
            _exit(1);
        _exit(kill_(child, SIGTERM) != 0 || status_of(child) != SIGTERM);
    }
    CHECK_EQ(0, status_of(pid));
}
