/* The ABI `rcore`: the system calls of the rCore-Tutorial's kernel, chapters 5 to 8.
 *
 * A program that includes this header is built with the start code and syscall layer of lib/rcore. Every call returns
 * -1 (or another negative number) on an error; there is no errno. Times are milliseconds.
 */
#ifndef RCORE_H
#define RCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;

/* ---- processes ---- */

_Noreturn void exit(int code); /* in a thread: ends this thread; in the first thread: the process */
long yield(void);
long getpid(void);
long fork(void);                                          /* 0 in the child */
long exec(const char *path, const char *const argv[]);    /* argv ends with NULL; argv NULL: no arguments */
long waitpid_nb(long pid, int *exit_code);                /* -1: no such child, -2: still running */
long waitpid(long pid, int *exit_code);                   /* yields until the child is gone */
long wait(int *exit_code);                                /* any child */

#define WAIT_NO_CHILD (-1)
#define WAIT_RUNNING (-2)

/* ---- time ---- */

long get_time(void);
long sleep_ms(size_t ms);

/* ---- files ---- */

#define O_RDONLY 0
#define O_WRONLY (1 << 0)
#define O_RDWR (1 << 1)
#define O_CREATE (1 << 9)
#define O_TRUNC (1 << 10)

long open(const char *path, unsigned flags);
long close(long fd);
ssize_t read(int fd, void *to, size_t size);
ssize_t write(int fd, const void *from, size_t size);
long dup(long fd);
long pipe(size_t fds[2]); /* two 64-bit numbers: read end, write end */

/* ---- signals ---- */

#define SIGINT 2
#define SIGILL 4
#define SIGABRT 6
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGTERM 15
#define SIGCONT 18
#define SIGSTOP 19

#define SIGNAL_BIT(number) (1u << (number)) /* a mask has bit n for signal n, unlike Linux (bit n - 1) */

/* 16 bytes: the handler's address, then the signals that stay masked while it runs. The kernel enters the handler with
 * the signal's number in a0 and the interrupted context saved; the handler ends with sigreturn(), never with return. */
struct sigaction {
    void (*handler)(int number);
    uint32_t mask;
} __attribute__((aligned(16)));

long kill(long pid, int number);
long sigaction(int number, const struct sigaction *action, struct sigaction *old); /* neither may be NULL */
long sigprocmask(uint32_t mask);                                                  /* gives the old mask */
long sigreturn(void);

/* ---- threads ---- */

long thread_create(void (*entry)(void *argument), void *argument); /* gives the tid; the thread ends with exit() */
long gettid(void);
long waittid_nb(long tid); /* -1: no such thread, -2: still running, else its exit code */
long waittid(long tid);

/* ---- synchronisation; an object is a small number, counted from 0 per process and kind ---- */

long mutex_create(bool blocking); /* false: the kernel spins (yields) in lock; true: it queues */
long mutex_lock(long mutex);
long mutex_unlock(long mutex);
long semaphore_create(size_t count);
long semaphore_up(long semaphore);
long semaphore_down(long semaphore);
long condvar_create(void);
long condvar_signal(long condvar);
long condvar_wait(long condvar, long mutex);

#endif
