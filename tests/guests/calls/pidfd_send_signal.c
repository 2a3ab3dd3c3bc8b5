#define _GNU_SOURCE
#include "check.h"
#include "pidfds.h"

static long send_to(int fd, int number, void *info, unsigned flags)
{
    return syscall(SYS_pidfd_send_signal, fd, number, info, flags);
}

static volatile sig_atomic_t code, value;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    code = info->si_code;
    value = info->si_value.sival_int;
}

CASE(reaches_the_process)
{
    int status = 0;
    pid_t child = child_that_waits();
    int fd = pidfd_of(child);
    CHECK_EQ(0, send_to(fd, 0, NULL, 0));
    CHECK_EQ(0, send_to(fd, SIGTERM, NULL, 0));
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGTERM, WTERMSIG(status));
    CHECK_ERRNO(ESRCH, send_to(fd, SIGTERM, NULL, 0)); /* never to one with the same number */
    CHECK_ERRNO(ESRCH, send_to(fd, 65, NULL, 0));
}

CASE(a_directory_of_proc_is_as_good)
{
    int status = 0;
    char name[64];
    pid_t child = child_that_waits();
    snprintf(name, sizeof name, "/proc/%d", (int)child);
    int fd = open(name, O_RDONLY | O_DIRECTORY), path = open(name, O_PATH);
    snprintf(name, sizeof name, "/proc/%d/task/%d", (int)child, (int)child);
    int thread = open(name, O_RDONLY | O_DIRECTORY), root = open("/proc", O_RDONLY | O_DIRECTORY);
    CHECK(fd >= 0 && path >= 0 && thread >= 0 && root >= 0);
    CHECK_ERRNO(EBADF, send_to(path, SIGTERM, NULL, 0));
    CHECK_ERRNO(EBADF, send_to(thread, SIGTERM, NULL, 0));
    CHECK_ERRNO(EBADF, send_to(root, SIGTERM, NULL, 0));
    CHECK_EQ(0, send_to(fd, 0, NULL, 0));
    CHECK_EQ(0, send_to(fd, SIGTERM, NULL, 0));
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(SIGTERM, WTERMSIG(status));
    CHECK_ERRNO(ESRCH, send_to(fd, SIGTERM, NULL, 0));
}

CASE(with_an_info)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};
    info.si_value.sival_int = 77;
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    int fd = pidfd_of(getpid());
    CHECK_EQ(0, send_to(fd, SIGUSR1, &info, 0));
    CHECK_EQ(SI_QUEUE, code);
    CHECK_EQ(77, value);
    CHECK_EQ(0, send_to(fd, SIGUSR1, NULL, 0));
    CHECK_EQ(SI_USER, code);
}

CASE(a_zombie_takes_it)
{
    pid_t child = child_that_exits(0);
    int fd = pidfd_of(child);
    await_zombie(child);
    CHECK_EQ(0, send_to(fd, SIGTERM, NULL, 0));
    CHECK_EQ(child, waitpid(child, NULL, 0));
}

CASE(errors)
{
    siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_USER};
    pid_t child = child_that_waits();
    int fd = pidfd_of(child), own = pidfd_of(getpid());
    CHECK_ERRNO(EINVAL, send_to(-1, SIGUSR1, BAD, 1u << 20));
    CHECK_ERRNO(EBADF, send_to(-1, SIGUSR1, BAD, 0));
    CHECK_ERRNO(EBADF, send_to(0, SIGUSR1, BAD, 0)); /* not a pidfd */
    CHECK_ERRNO(EINVAL, send_to(own, 65, NULL, 0));
    CHECK_ERRNO(EINVAL, send_to(own, -1, NULL, 0));
    CHECK_ERRNO(EFAULT, send_to(own, SIGUSR1, BAD, 0));
    CHECK_ERRNO(EINVAL, send_to(own, SIGUSR1, &info, 0)); /* it names another */
    CHECK_ERRNO(EPERM, send_to(fd, SIGUSR2, &info, 0));   /* as if it came by kill */
    end(child);
}

#ifdef __riscv
/* PIDFD_SIGNAL_* came with Linux 6.9. kernel/signal.c:sys_pidfd_send_signal */
CASE(to_a_group)
{
    int status = 0;
    pid_t first = child_that_waits();
    CHECK_EQ(0, setpgid(first, first));
    pid_t second = child_that_waits();
    CHECK_EQ(0, setpgid(second, first));
    int fd = pidfd_of(first);
    CHECK_ERRNO(EINVAL, send_to(fd, SIGTERM, NULL, 3));
    CHECK_EQ(0, send_to(fd, SIGTERM, NULL, 4));
    CHECK_EQ(first, waitpid(first, &status, 0));
    CHECK_EQ(SIGTERM, WTERMSIG(status));
    CHECK_EQ(second, waitpid(second, &status, 0));
    CHECK_EQ(SIGTERM, WTERMSIG(status));
}

CASE(to_a_thread)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    CHECK_EQ(0, sigaction(SIGUSR1, &action, NULL));
    CHECK_EQ(0, send_to(pidfd_of(getpid()), SIGUSR1, NULL, 1));
    CHECK_EQ(SI_TKILL, code);
    CHECK_EQ(0, send_to(pidfd_of(getpid()), SIGUSR1, NULL, 2));
    CHECK_EQ(SI_USER, code);
}
#endif
