#define _GNU_SOURCE
#include "check.h"
#include "child.h"

CASE(with_nothing_to_go_on_with)
{
    CHECK_ERRNO(EINTR, syscall(SYS_restart_syscall));
    CHECK_ERRNO(EINTR, syscall(SYS_restart_syscall, 1, 2, 3));
}

CASE(a_sleep_goes_on_after_a_stop)
{
    int status;
    pid_t pid = forked();
    if (pid == 0) {
        struct timespec begun, ended, length = {0, 30000000};
        clock_gettime(CLOCK_MONOTONIC, &begun);
        if (syscall(SYS_nanosleep, &length, NULL) != 0)
            _exit(1);
        clock_gettime(CLOCK_MONOTONIC, &ended);
        long ns = (ended.tv_sec - begun.tv_sec) * 1000000000 + ended.tv_nsec - begun.tv_nsec;
        _exit(ns >= 30000000 ? 0 : 2);
    }
    pause_ms(5);
    CHECK_EQ(0, kill(pid, SIGSTOP));
    CHECK_EQ(pid, waitpid(pid, &status, WUNTRACED));
    CHECK_EQ(0, kill(pid, SIGCONT));
    CHECK_EQ(0, status_of(pid));
}
