#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

static long setpgid_(int pid, int group)
{
    return syscall(SYS_setpgid, pid, group);
}

CASE(a_group_of_its_own)
{
    pid_t before = getpgrp();
    CHECK(before != getpid());
    CHECK_EQ(0, setpgid_(0, 0));
    CHECK_EQ(getpid(), getpgrp());
    CHECK_EQ(0, setpgid_(getpid(), getpid())); /* where it is already */
    CHECK_EQ(0, setpgid_(0, before));
    CHECK_EQ(before, getpgrp());
}

CASE(a_child_into_another_group)
{
    pid_t first = child_that_waits(), second = child_that_waits();
    CHECK_EQ(0, setpgid_(first, 0));
    CHECK_EQ(first, getpgid(first));
    CHECK_EQ(0, setpgid_(second, first));
    CHECK_EQ(first, getpgid(second));
    kill_and_reap(first);
    CHECK_EQ(0, kill(-first, 0)); /* the group outlives its leader */
    CHECK_EQ(0, setpgid_(0, first));
    CHECK_EQ(0, setpgid_(0, 0));
    kill_and_reap(second);
    CHECK_ERRNO(EPERM, setpgid_(0, first)); /* and is gone with its last member */
}

CASE(the_child_of_a_child_is_no_child)
{
    pid_t *grandchild = shared_memory(4096), pid = forked();
    if (pid == 0) {
        *grandchild = child_that_waits();
        pause_ms(1000);
        _exit(0);
    }
    while (!*grandchild)
        pause_ms(1);
    CHECK_ERRNO(ESRCH, setpgid_(*grandchild, 0));
    kill_and_reap(pid);
}

CASE(helper_waits)
{
    char byte;
    if (strcmp(check_argv[0], "helper") == 0) {
        if (write(4, "x", 1) != 1 || read(3, &byte, 1) != 0)
            _exit(1);
        _exit(0);
    }
}

CASE(a_child_that_has_executed)
{
    int in[2], out[2];
    char byte, *arguments[] = {"helper", "helper_waits", NULL};
    CHECK_EQ(0, pipe(in));
    CHECK_EQ(0, pipe(out));
    pid_t pid = forked();
    if (pid == 0) {
        dup2(in[0], 63), dup2(out[1], 62);
        dup2(63, 3), dup2(62, 4);
        close(5), close(6), close(62), close(63);
        execv("/proc/self/exe", arguments);
        _exit(2);
    }
    close(out[1]);
    CHECK_EQ(1, read(out[0], &byte, 1));
    CHECK_ERRNO(EACCES, setpgid_(pid, 0));
    CHECK_ERRNO(EINVAL, setpgid_(pid, -1));
    close(in[1]);
    CHECK_EQ(0, status_of(pid));
}

CASE(sessions)
{
    pid_t pid = forked();
    if (pid == 0) {
        pid_t old = getpgrp(), child = child_that_waits();
        setsid();
        if (setpgid_(0, 0) != -1 || errno != EPERM) /* a session leader stays */
            _exit(1);
        if (setpgid_(0, old) != -1 || errno != EPERM)
            _exit(2);
        if (setpgid_(child, 0) != -1 || errno != EPERM) /* in another session than the caller now */
            _exit(3);
        pid_t other = forked();
        if (other == 0)
            _exit(setpgid_(0, old) == -1 && errno == EPERM && setpgid_(0, 0) == 0 ? 7 : 8);
        _exit(status_of(other) == 7 << 8 ? 0 : 4);
    }
    CHECK_EQ(0, status_of(pid));
}

static int never;

CASE(errors)
{
    CHECK_ERRNO(EINVAL, setpgid_(0, -1));
    CHECK_ERRNO(EINVAL, setpgid_(NOBODY_HAS_IT, -1)); /* before the search */
    CHECK_ERRNO(EINVAL, setpgid_(-1, 0));
    CHECK_ERRNO(ESRCH, setpgid_(-1, 1));
    CHECK_ERRNO(ESRCH, setpgid_(NOBODY_HAS_IT, 0));
    CHECK_ERRNO(ESRCH, setpgid_(getppid() > 1 ? getppid() : NOBODY_HAS_IT, 0)); /* neither the caller nor a child */
    CHECK_ERRNO(EPERM, setpgid_(0, NOBODY_HAS_IT));
    pid_t tid = start_thread(waits_until_set, &never);
    CHECK_ERRNO(EINVAL, setpgid_(tid, 0)); /* a thread is no process */
}
