/* No memory: for a call, ENOMEM; for a page, the end of a process, as when the machine's own is used up. */
#define _GNU_SOURCE
#include "plan.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char *pages(int count)
{
    char *start = mmap(NULL, (size_t)count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

FAULTS("mmap:1=fail", "brk:2=fail", "mremap:1=fail")
CASE(calls)
{
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    CHECK_EQ(ENOMEM, errno);
    char *page = pages(1);
    CHECK(page != NULL);
    *page = 5;
    CHECK(mremap(page, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED);
    CHECK_EQ(ENOMEM, errno);
    CHECK_EQ(5, *page);
    long now = syscall(SYS_brk, 0);
    CHECK_EQ(now, syscall(SYS_brk, now + 4096));
    CHECK_EQ(now + 4096, syscall(SYS_brk, now + 4096));
}

FAULTS("clone:1=fail", "execve:1=fail", "openat:1:path=/tmp/x=fail")
CASE(other_calls)
{
    char *words[] = {"true", NULL};
    CHECK_ERRNO(ENOMEM, fork());
    CHECK_ERRNO(ECHILD, wait(NULL));
    CHECK_ERRNO(ENOMEM, execve("/bin/true", words, environ));
    CHECK_ERRNO(ENOMEM, open("/tmp/x", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(ENOENT, access("/tmp/x", F_OK));
}

static void *at_once(void *nothing)
{
    return nothing;
}

FAULTS("mmap:1=fail")
CASE(no_thread_comes)
{
    pthread_t thread;
    CHECK_EQ(EAGAIN, pthread_create(&thread, NULL, at_once, NULL));
    CHECK_EQ(0, pthread_create(&thread, NULL, at_once, NULL));
    CHECK_EQ(0, pthread_join(thread, NULL));
}

FAULTS("alloc:3:comm=victim=fail")
CASE(pages_and_calls_are_counted_together)
{
    char *some = pages(4);
    CHECK(some != NULL);
    prctl(PR_SET_NAME, "victim");
    some[0] = 1;                                                          /* 1 */
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED); /* 2 */
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED); /* 3 */
    some[4096] = 1;
    prctl(PR_SET_NAME, "other");
}

FAULTS("alloc:2:comm=victim=fail")
CASE(a_page_that_does_not_come_ends_the_process)
{
    pid_t child = fork();
    if (child == 0) {
        char *some = pages(4);
        prctl(PR_SET_NAME, "victim");
        some[0] = 1;
        some[4096] = 1;
        _exit(0);
    }
    int status = 0;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(SIGKILL, status);
}

FAULTS("alloc:1:comm=victim=fail")
CASE(nor_a_copy_of_one)
{
    static char shared[4096] = "before";
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_NAME, "victim");
        shared[0] = 'x';
        _exit(0);
    }
    int status = 0;
    CHECK_EQ(child, wait(&status));
    CHECK_EQ(SIGKILL, status);
    CHECK_EQ(0, strcmp(shared, "before"));
}

FAULTS("alloc:1:comm=victim=fail")
CASE(a_call_that_stores_there_gives_an_error)
{
    char *some = pages(4);
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_EQ(3, write(ends[1], "abc", 3));
    prctl(PR_SET_NAME, "victim");
    CHECK_ERRNO(ENOMEM, read(ends[0], some, 3));
    prctl(PR_SET_NAME, "other");
    CHECK_EQ(3, read(ends[0], some, 3));
    CHECK_EQ(0, memcmp(some, "abc", 3));
}

FAULTS("alloc:comm=victim=fail")
CASE(reading_takes_no_page_that_is_there)
{
    char *some = pages(2);
    some[0] = 1;
    prctl(PR_SET_NAME, "victim");
    CHECK_EQ(1, some[0]);
    some[0] = 2;
    CHECK_EQ(2, some[0]);
    prctl(PR_SET_NAME, "other");
    some[4096] = 1;
}

FAULTS("alloc:30+=fail")
CASE(never_again)
{
    for (;;) {
        char *page = pages(1);
        if (page == NULL)
            break;
        *page = 1;
    }
}
