#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

CASE(errors)
{
    int file = open("f", O_CREAT | O_RDWR, 0600);
    CHECK_ERRNO(EBADF, setns(99, 0));
    CHECK_ERRNO(EINVAL, setns(file, 0));
}

CASE(another_kind_than_was_said)
{
    int fd = open("/proc/self/ns/pid", O_RDONLY);
    CHECK(fd >= 0);
    CHECK_ERRNO(EINVAL, setns(fd, CLONE_NEWNET));
}

#ifdef __riscv
/* man 7 pid_namespaces; a container may not make namespaces, so the host is not asked. */
CASE(children_join_another_namespace)
{
    int status;
    pid_t first, second;
    char path[64];
    first = fork();
    if (first == 0) {
        unshare(CLONE_NEWPID);
        if (fork() == 0)
            for (;;)
                pause();
        for (;;)
            pause();
    }
    usleep(2000);
    snprintf(path, sizeof path, "/proc/%d/ns/pid_for_children", (int)first);
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    CHECK_EQ(0, setns(fd, CLONE_NEWPID));
    second = fork();
    if (second == 0)
        _exit(getpid() == 2 ? 3 : 4);
    CHECK_EQ(second, waitpid(second, &status, 0));
    CHECK_EQ(3, WEXITSTATUS(status));
    int own = open("/proc/self/ns/pid", O_RDONLY);
    CHECK_EQ(0, setns(own, CLONE_NEWPID)); /* back to one's own */
    second = fork();
    if (second == 0)
        _exit(getpid() > 2 ? 3 : 4);
    CHECK_EQ(second, waitpid(second, &status, 0));
    CHECK_EQ(3, WEXITSTATUS(status));
    snprintf(path, sizeof path, "/proc/%d/ns/pid_for_children", (int)first);
    kill(first, SIGKILL);
    waitpid(first, NULL, 0);
    kill(-1, SIGKILL);
}
#endif
