#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include "handlers.h"
#include "threads.h"
#include <sys/prctl.h>

static long prctl_(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    return syscall(SYS_prctl, option, a, b, c, d);
}

#define P(pointer) ((unsigned long)(pointer))

static void renames(void *unused)
{
    (void)unused;
    prctl_(PR_SET_NAME, P("thread"), 0, 0, 0);
    pause_ms(30);
}

CASE(names)
{
    char name[16], *edge = at_edge(4);
    CHECK_EQ(0, prctl_(PR_SET_NAME, P("short"), 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_GET_NAME, P(name), 0, 0, 0));
    CHECK_EQ(0, memcmp(name, "short\0\0\0\0\0\0\0\0\0\0", 16));
    CHECK_EQ(0, prctl_(PR_SET_NAME, P("a name that is too long"), 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_GET_NAME, P(name), 0, 0, 0));
    CHECK_EQ(0, memcmp(name, "a name that is ", 16));
    start_thread(renames, NULL);
    CHECK_EQ(0, prctl_(PR_GET_NAME, P(name), 0, 0, 0));
    CHECK_EQ(0, memcmp(name, "a name that is ", 16)); /* each thread has its own */
    memcpy(edge, "abc", 4);
    CHECK_EQ(0, prctl_(PR_SET_NAME, P(edge), 0, 0, 0));
    edge[3] = 'd';
    CHECK_ERRNO(EFAULT, prctl_(PR_SET_NAME, P(edge), 0, 0, 0));
    CHECK_ERRNO(EFAULT, prctl_(PR_GET_NAME, P(edge), 0, 0, 0));
    CHECK_ERRNO(EFAULT, prctl_(PR_SET_NAME, P(BAD), 0, 0, 0));
}

CASE(a_signal_when_the_parent_dies)
{
    int got = 77, *seen = shared_memory(4096);
    CHECK_EQ(0, prctl_(PR_GET_PDEATHSIG, P(&got), 0, 0, 0));
    CHECK_EQ(0, got);
    CHECK_ERRNO(EINVAL, prctl_(PR_SET_PDEATHSIG, 65, 0, 0, 0));
    CHECK_ERRNO(EFAULT, prctl_(PR_GET_PDEATHSIG, P(BAD), 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_GET_PDEATHSIG, P(&got), 0, 0, 0));
    CHECK_EQ(SIGUSR1, got);
    catch_signal(SIGUSR1, 0);
    pid_t pid = forked();
    if (pid == 0) {
        if (forked() == 0) {
            prctl_(PR_GET_PDEATHSIG, P(&got), 0, 0, 0);
            seen[0] = got + 1; /* a child begins without */
            prctl_(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
            seen[1] = 1;
            while (!caught)
                pause_ms(1);
            seen[2] = caught;
            _exit(0);
        }
        while (!seen[1])
            pause_ms(1);
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    while (!seen[2])
        pause_ms(1);
    CHECK_EQ(1, seen[0]);
    CHECK_EQ(SIGUSR1, seen[2]);
}

CASE(dumpable)
{
    CHECK_EQ(1, prctl_(PR_GET_DUMPABLE, 0, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_SET_DUMPABLE, 0, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_GET_DUMPABLE, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_SET_DUMPABLE, 2, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_SET_DUMPABLE, 1, 0, 0, 0));
    if (!may_change_ids())
        return;
    become_user();
    CHECK(prctl_(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1); /* whoever becomes somebody else is not */
}

CASE(no_new_privileges)
{
    CHECK_EQ(0, prctl_(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1));
    CHECK_ERRNO(EINVAL, prctl_(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK_EQ(1, prctl_(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    pid_t pid = forked();
    if (pid == 0)
        _exit(prctl_(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1);
    CHECK_EQ(0, status_of(pid));
}

CASE(subreapers)
{
    int got = 77;
    pid_t *seen = shared_memory(4096);
    CHECK_EQ(0, prctl_(PR_GET_CHILD_SUBREAPER, P(&got), 0, 0, 0));
    CHECK_EQ(0, got);
    CHECK_EQ(0, prctl_(PR_SET_CHILD_SUBREAPER, 5, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_GET_CHILD_SUBREAPER, P(&got), 0, 0, 0));
    CHECK_EQ(1, got);
    CHECK_ERRNO(EFAULT, prctl_(PR_GET_CHILD_SUBREAPER, P(BAD), 0, 0, 0));
    pid_t pid = forked();
    if (pid == 0) {
        pid_t me = getpid();
        prctl_(PR_GET_CHILD_SUBREAPER, P(&got), 0, 0, 0);
        if (forked() == 0) {
            while (getppid() == me)
                pause_ms(1);
            *seen = getppid();
            _exit(3);
        }
        _exit(got); /* a child is none */
    }
    CHECK_EQ(0, status_of(pid));
    int status;
    CHECK(waitpid(-1, &status, 0) > 0); /* the orphan is a child now */
    CHECK_EQ(3 << 8, status);
    CHECK_EQ(getpid(), *seen);
}

CASE(timer_slack)
{
    long before = prctl_(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    CHECK(before > 0);
    CHECK_EQ(0, prctl_(PR_SET_TIMERSLACK, 12345, 0, 0, 0));
    CHECK_EQ(12345, prctl_(PR_GET_TIMERSLACK, 0, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_SET_TIMERSLACK, 0, 0, 0, 0)); /* back to what it was at the start */
    CHECK_EQ(before, prctl_(PR_GET_TIMERSLACK, 0, 0, 0, 0));
}

CASE(the_bounding_set)
{
    CHECK_ERRNO(EINVAL, prctl_(PR_CAPBSET_READ, 500, 0, 0, 0));
    if (has_capability(CAP_SETPCAP_)) {
        CHECK_ERRNO(EINVAL, prctl_(PR_CAPBSET_DROP, 500, 0, 0, 0));
        CHECK_EQ(1, prctl_(PR_CAPBSET_READ, CAP_KILL_, 0, 0, 0));
        CHECK_EQ(0, prctl_(PR_CAPBSET_DROP, CAP_KILL_, 0, 0, 0));
        CHECK_EQ(0, prctl_(PR_CAPBSET_READ, CAP_KILL_, 0, 0, 0));
        CHECK_EQ(1, has_capability(CAP_KILL_)); /* what one has one keeps */
        become_user();
    }
    CHECK_ERRNO(EPERM, prctl_(PR_CAPBSET_DROP, CAP_KILL_, 0, 0, 0));
    CHECK_ERRNO(EPERM, prctl_(PR_CAPBSET_DROP, 500, 0, 0, 0));
}

CASE(keeping_capabilities)
{
    struct cap_sets sets[2];
    CHECK_EQ(0, prctl_(PR_GET_KEEPCAPS, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_SET_KEEPCAPS, 2, 0, 0, 0));
    CHECK_EQ(0, prctl_(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    CHECK_EQ(1, prctl_(PR_GET_KEEPCAPS, 0, 0, 0, 0));
    if (!may_change_ids())
        return;
    become_user();
    own_capabilities(sets);
    CHECK(sets[0].effective == 0 && sets[0].permitted & 1u << CAP_SETUID_);
}

CASE(ambient_capabilities)
{
    CHECK_EQ(0, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL_, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 500, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_CAP_AMBIENT, 9, CAP_KILL_, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_KILL_, 1, 0));
    CHECK_ERRNO(EINVAL, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
    CHECK_EQ(0, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    CHECK_ERRNO(EPERM, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL_, 0, 0)); /* it is not inheritable */
    CHECK_EQ(0, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_KILL_, 0, 0));
    struct cap_header header = {CAP_VERSION_3, 0};
    struct cap_sets sets[2];
    own_capabilities(sets);
    if (!(sets[0].permitted & 1u << CAP_KILL_))
        return;
    sets[0].inheritable |= 1u << CAP_KILL_;
    CHECK_EQ(0, syscall(SYS_capset, &header, sets));
    CHECK_EQ(0, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL_, 0, 0));
    CHECK_EQ(1, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL_, 0, 0));
    sets[0].inheritable &= ~(1u << CAP_KILL_);
    CHECK_EQ(0, syscall(SYS_capset, &header, sets)); /* which lowers it, too */
    CHECK_EQ(0, prctl_(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL_, 0, 0));
}

CASE(unknown)
{
    CHECK_ERRNO(EINVAL, prctl_(0, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(99999, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl_(-1, 0, 0, 0, 0));
}
