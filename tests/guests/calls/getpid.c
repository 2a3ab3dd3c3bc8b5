#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "threads.h"

CASE(every_process_has_its_own)
{
    pid_t *seen = shared_memory(4096), pid = forked();
    CHECK(getpid() > 0);
    if (pid == 0) {
        *seen = (pid_t)syscall(SYS_getpid);
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(pid, *seen);
    CHECK(pid != getpid());
}

static volatile pid_t process, thread;

static void looks(void *unused)
{
    (void)unused;
    process = (pid_t)syscall(SYS_getpid);
    thread = (pid_t)syscall(SYS_gettid);
}

CASE(threads_share_it)
{
    pid_t tid = start_thread(looks, NULL);
    while (!thread)
        pause_ms(1);
    CHECK_EQ(getpid(), process);
    CHECK_EQ(tid, thread);
    CHECK(tid != getpid());
}
