/* The syscall layer of the ABI `rcore`. Numbers are the tutorial's; see include/rcore.h for what each call does. */
#include <rcore.h>

#include "../abi.h"
#include "../syscall.h"

enum {
    SYS_DUP = 24,
    SYS_OPEN = 56,
    SYS_CLOSE = 57,
    SYS_PIPE = 59,
    SYS_READ = 63,
    SYS_WRITE = 64,
    SYS_EXIT = 93,
    SYS_SLEEP = 101,
    SYS_YIELD = 124,
    SYS_KILL = 129,
    SYS_SIGACTION = 134,
    SYS_SIGPROCMASK = 135,
    SYS_SIGRETURN = 139,
    SYS_GET_TIME = 169,
    SYS_GETPID = 172,
    SYS_FORK = 220,
    SYS_EXEC = 221,
    SYS_WAITPID = 260,
    SYS_THREAD_CREATE = 1000,
    SYS_GETTID = 1001,
    SYS_WAITTID = 1002,
    SYS_MUTEX_CREATE = 1010,
    SYS_MUTEX_LOCK = 1011,
    SYS_MUTEX_UNLOCK = 1012,
    SYS_SEMAPHORE_CREATE = 1020,
    SYS_SEMAPHORE_UP = 1021,
    SYS_SEMAPHORE_DOWN = 1022,
    SYS_CONDVAR_CREATE = 1030,
    SYS_CONDVAR_SIGNAL = 1031,
    SYS_CONDVAR_WAIT = 1032,
};

_Noreturn void exit(int code)
{
    for (;;)
        syscall3(SYS_EXIT, code, 0, 0);
}

long yield(void) { return syscall3(SYS_YIELD, 0, 0, 0); }
long getpid(void) { return syscall3(SYS_GETPID, 0, 0, 0); }
long fork(void) { return syscall3(SYS_FORK, 0, 0, 0); }

long exec(const char *path, const char *const argv[])
{
    static const char *const none[] = {NULL};
    return syscall3(SYS_EXEC, (long)path, (long)(argv ? argv : none), 0);
}

long waitpid_nb(long pid, int *exit_code) { return syscall3(SYS_WAITPID, pid, (long)exit_code, 0); }

long waitpid(long pid, int *exit_code)
{
    long found;
    while ((found = waitpid_nb(pid, exit_code)) == WAIT_RUNNING)
        yield();
    return found;
}

long wait(int *exit_code) { return waitpid(-1, exit_code); }

long get_time(void) { return syscall3(SYS_GET_TIME, 0, 0, 0); }
long sleep_ms(size_t ms) { return syscall3(SYS_SLEEP, (long)ms, 0, 0); }

long open(const char *path, unsigned flags) { return syscall3(SYS_OPEN, (long)path, flags, 0); }
long close(long fd) { return syscall3(SYS_CLOSE, fd, 0, 0); }
ssize_t read(int fd, void *to, size_t size) { return syscall3(SYS_READ, fd, (long)to, (long)size); }
ssize_t write(int fd, const void *from, size_t size) { return syscall3(SYS_WRITE, fd, (long)from, (long)size); }
long dup(long fd) { return syscall3(SYS_DUP, fd, 0, 0); }
long pipe(size_t fds[2]) { return syscall3(SYS_PIPE, (long)fds, 0, 0); }

long kill(long pid, int number) { return syscall3(SYS_KILL, pid, number, 0); }

long sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    return syscall3(SYS_SIGACTION, number, (long)action, (long)old);
}

long sigprocmask(uint32_t mask) { return syscall3(SYS_SIGPROCMASK, mask, 0, 0); }
long sigreturn(void) { return syscall3(SYS_SIGRETURN, 0, 0, 0); }

long thread_create(void (*entry)(void *), void *argument)
{
    return syscall3(SYS_THREAD_CREATE, (long)entry, (long)argument, 0);
}

long gettid(void) { return syscall3(SYS_GETTID, 0, 0, 0); }
long waittid_nb(long tid) { return syscall3(SYS_WAITTID, tid, 0, 0); }

long waittid(long tid)
{
    long code;
    while ((code = waittid_nb(tid)) == WAIT_RUNNING)
        yield();
    return code;
}

long mutex_create(bool blocking) { return syscall3(SYS_MUTEX_CREATE, blocking, 0, 0); }
long mutex_lock(long mutex) { return syscall3(SYS_MUTEX_LOCK, mutex, 0, 0); }
long mutex_unlock(long mutex) { return syscall3(SYS_MUTEX_UNLOCK, mutex, 0, 0); }
long semaphore_create(size_t count) { return syscall3(SYS_SEMAPHORE_CREATE, (long)count, 0, 0); }
long semaphore_up(long semaphore) { return syscall3(SYS_SEMAPHORE_UP, semaphore, 0, 0); }
long semaphore_down(long semaphore) { return syscall3(SYS_SEMAPHORE_DOWN, semaphore, 0, 0); }
long condvar_create(void) { return syscall3(SYS_CONDVAR_CREATE, 0, 0, 0); }
long condvar_signal(long condvar) { return syscall3(SYS_CONDVAR_SIGNAL, condvar, 0, 0); }
long condvar_wait(long condvar, long mutex) { return syscall3(SYS_CONDVAR_WAIT, condvar, mutex, 0); }

/* ---- for lib/common ---- */

void abi_yield(void) { yield(); }

void abi_write_all(int fd, const char *from, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, from, size);
        if (written <= 0)
            return;
        from += written;
        size -= (size_t)written;
    }
}

/* The tutorial's kernel has no brk, so the whole heap is an array; its pages cost nothing until they are touched. */
static char heap[1 << 20] __attribute__((aligned(16)));
static size_t heap_used;

size_t abi_more_heap(size_t size, void **start)
{
    size_t step = (size + 4095) & ~(size_t)4095;
    if (step < size || step > sizeof heap - heap_used)
        return 0;
    *start = heap + heap_used;
    heap_used += step;
    return step;
}
