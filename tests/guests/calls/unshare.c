#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

CASE(errors)
{
    CHECK_ERRNO(EINVAL, unshare(1)); /* not a flag of unshare's */
    CHECK_EQ(0, unshare(0));
}

CASE(a_directory_of_ones_own)
{
    CHECK_EQ(0, unshare(CLONE_FS | CLONE_FILES));
    CHECK_EQ(0, chdir("/"));
}

#ifdef __riscv
/* man 7 pid_namespaces; a container may not make namespaces, so the host is not asked. */
CASE(children_live_in_a_new_pid_namespace)
{
    int ends[2], status;
    pid_t seen[3];
    char name[64] = {0}, mine[64] = {0};
    CHECK_EQ(0, pipe(ends));
    readlink("/proc/self/ns/pid", mine, sizeof mine);
    CHECK_EQ(0, unshare(CLONE_NEWPID));
    readlink("/proc/self/ns/pid", name, sizeof name);
    CHECK_EQ(0, strcmp(mine, name)); /* the caller itself stays */
    CHECK_ERRNO(ENOENT, readlink("/proc/self/ns/pid_for_children", name, sizeof name)); /* it has no init yet */
    CHECK_ERRNO(EINVAL, unshare(CLONE_NEWPID));
    pid_t child = fork();
    if (child == 0) {
        pid_t own[3] = {getpid(), getppid(), fork()};
        if (own[2] == 0)
            _exit(getpid() == 2 && getppid() == 1 ? 5 : 6);
        waitpid(own[2], &status, 0);
        write(ends[1], own, sizeof own);
        _exit(WEXITSTATUS(status));
    }
    CHECK(child > 1);
    CHECK(readlink("/proc/self/ns/pid_for_children", name, sizeof name) > 0);
    CHECK(strcmp(mine, name) != 0);
    CHECK_EQ(sizeof seen, read(ends[0], seen, sizeof seen));
    CHECK_EQ(1, seen[0]);
    CHECK_EQ(0, seen[1]);
    CHECK_EQ(2, seen[2]);
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(5, WEXITSTATUS(status));
    CHECK_ERRNO(ENOMEM, fork()); /* its init is gone */
}

CASE(the_end_of_init_ends_all)
{
    int ends[2], status;
    char byte;
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(0, unshare(CLONE_NEWPID));
    pid_t child = fork();
    if (child == 0) {
        for (int n = 0; n < 3; n++)
            if (fork() == 0)
                for (;;)
                    pause();
        signal(SIGTERM, SIG_DFL);
        kill(1, SIGTERM); /* no default action for init, from inside */
        kill(1, SIGKILL);
        _exit(9);
    }
    close(ends[1]);
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(9, WEXITSTATUS(status));
    CHECK_EQ(0, read(ends[0], &byte, 1)); /* nobody holds the other end any more */
}

CASE(from_outside_init_can_be_killed)
{
    int status;
    CHECK_EQ(0, unshare(CLONE_NEWPID));
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    kill(child, SIGTERM); /* ignored: init has no handler for it */
    kill(child, SIGSTOP);
    CHECK_EQ(child, waitpid(child, &status, WUNTRACED));
    CHECK(WIFSTOPPED(status));
    kill(child, SIGKILL);
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGKILL, WTERMSIG(status));
}

CASE(not_without_privilege)
{
    CHECK_EQ(0, setuid(1000));
    CHECK_ERRNO(EPERM, unshare(CLONE_NEWPID));
}
#endif
