/* What the tests of System V IPC share. Where it may, a case has objects of its own that go with it. */
#ifndef SYSV_H
#define SYSV_H

#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define MAYBE static __attribute__((unused))
#ifndef CLONE_NEWIPC
#define CLONE_NEWIPC 0x08000000
#endif

MAYBE void own_namespace(void)
{
    syscall(SYS_unshare, CLONE_NEWIPC); /* a kernel or a user that cannot shares with all */
}

/* A key that only this process uses. */
MAYBE key_t own_key(int number)
{
    return 0x7e000000 | (getpid() & 0xffff) << 4 | number;
}

MAYBE void sleep_ms(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

MAYBE volatile int caught;

MAYBE void note_signal(int signo)
{
    caught = signo;
}

MAYBE void catch_signal(int signo, int flags)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = flags};
    caught = 0;
    sigaction(signo, &action, NULL);
}

/* The status of the child that ends next. */
MAYBE int ended(void)
{
    int status = -1;
    wait(&status);
    return status;
}

#endif
