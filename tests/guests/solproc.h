/* A debugger's helpers: open, tell and read the files of a process below /system/proc. */
#ifndef TEST_SOLPROC_H
#define TEST_SOLPROC_H

#define _GNU_SOURCE
#include "check.h"
#include "../../user_apps/include/procfs.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define UNUSED __attribute__((unused))

UNUSED static int open_of(pid_t pid, const char *name, int flags)
{
    char path[128];
    snprintf(path, sizeof path, "/system/proc/%d/%s", (int)pid, name);
    return open(path, flags);
}

/* One message; what write gave. */
UNUSED static long say(int ctl, long code, const void *operand, size_t size)
{
    char message[2048];
    memcpy(message, &code, sizeof code);
    memcpy(message + sizeof code, operand, size);
    return write(ctl, message, sizeof code + size);
}

#define tell(ctl, code, operand, size) CHECK_EQ(8 + (long)(size), say(ctl, code, operand, size))
#define order(ctl, code) tell(ctl, code, "", 0)
#define order_long(ctl, code, value) tell(ctl, code, &(long){value}, 8)
#define refuses(number, ctl, code, operand, size) CHECK_ERRNO(number, say(ctl, code, operand, size))

UNUSED static size_t read_of(pid_t pid, const char *name, void *buffer, size_t size)
{
    int fd = open_of(pid, name, O_RDONLY);
    CHECK(fd >= 0);
    long got = read(fd, buffer, size);
    CHECK(got >= 0);
    close(fd);
    return (size_t)got;
}

UNUSED static pstatus_t status_of(pid_t pid)
{
    pstatus_t status;
    CHECK_EQ(sizeof status, read_of(pid, "status", &status, sizeof status));
    return status;
}

UNUSED static psinfo_t psinfo_of(pid_t pid)
{
    psinfo_t info;
    CHECK_EQ(sizeof info, read_of(pid, "psinfo", &info, sizeof info));
    return info;
}

UNUSED static void pass_ms(long milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

UNUSED static pid_t sleeper(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    pass_ms(1);
    return child;
}

UNUSED static volatile long counter;

UNUSED static pid_t counting(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            counter++;
    pass_ms(1);
    return child;
}

UNUSED static void end(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

UNUSED static int exit_status_of(pid_t child)
{
    int status = -1;
    CHECK_EQ(child, waitpid(child, &status, 0));
    return status;
}

UNUSED static void add(uint32_t *words, int number) { words[(number - 1) / 32] |= 1u << (number - 1) % 32; }
UNUSED static int has(const uint32_t *words, int number) { return words[(number - 1) / 32] >> (number - 1) % 32 & 1; }

/* A set with up to four members; 0 is none. */
#define SYSSET(...)                                                                                                   \
    ({                                                                                                                \
        sysset_t set_ = {{0}};                                                                                        \
        int numbers_[] = {__VA_ARGS__};                                                                               \
        for (unsigned at_ = 0; at_ < sizeof numbers_ / sizeof *numbers_; at_++)                                       \
            add(set_.word, numbers_[at_]);                                                                            \
        set_;                                                                                                         \
    })
#define SIGNALS(...)                                                                                                  \
    ({                                                                                                                \
        pr_sigset_t set_ = {{0}};                                                                                     \
        int numbers_[] = {__VA_ARGS__};                                                                               \
        for (unsigned at_ = 0; at_ < sizeof numbers_ / sizeof *numbers_; at_++)                                       \
            add(set_.word, numbers_[at_]);                                                                            \
        set_;                                                                                                         \
    })
#define FAULT(number) ((fltset_t){{1u << ((number)-1)}})

/* In a child that is to be traced from a known place on: it stops itself, the tracer lets it go on. */
UNUSED static void ready(void) { raise(SIGSTOP); }

UNUSED static int traced(pid_t child)
{
    int status;
    CHECK_EQ(child, waitpid(child, &status, WUNTRACED));
    CHECK(WIFSTOPPED(status));
    int ctl = open_of(child, "ctl", O_WRONLY);
    CHECK(ctl >= 0);
    return ctl;
}

UNUSED static pstatus_t wait_stop(pid_t child, int ctl, int why, int what)
{
    order(ctl, PCWSTOP);
    pstatus_t status = status_of(child);
    CHECK_EQ(why, status.pr_lwp.pr_why);
    CHECK_EQ(what, status.pr_lwp.pr_what);
    CHECK(status.pr_flags & PR_STOPPED);
    CHECK(status.pr_flags & PR_ISTOP);
    return status;
}

#endif
