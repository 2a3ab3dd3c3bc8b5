#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "maps.h"

static long mprotect_(void *at, size_t size, int protection)
{
    return syscall(SYS_mprotect, at, size, protection);
}

CASE(taken_and_given_back)
{
    char *at = pages(3);
    memset(at, 'x', 3 * PAGE);
    CHECK_EQ(0, mprotect_(at + PAGE, PAGE, PROT_READ));
    CHECK(writable(at) && readable(at + PAGE) && !writable(at + PAGE) && writable(at + 2 * PAGE));
    CHECK_EQ(0, mprotect_(at + PAGE, 1, PROT_NONE)); /* a whole page */
    CHECK(!readable(at + PAGE) && !readable(at + 2 * PAGE - 1));
    CHECK_EQ(0, mprotect_(at, 3 * PAGE, PROT_READ | PROT_WRITE));
    CHECK(writable(at + PAGE) && at[PAGE + 5] == 'x');
}

CASE(over_pages_that_fork_shares)
{
    volatile char *at = pages(3);
    at[0] = at[PAGE] = at[2 * PAGE] = 1;
    pid_t pid = forked();
    if (pid == 0) { /* taking away and giving back must not lose the copy to come */
        mprotect_((void *)at, 3 * PAGE, PROT_READ);
        mprotect_((void *)at, 3 * PAGE, PROT_READ | PROT_WRITE);
        at[0] = 2;
        mprotect_((void *)(at + PAGE), PAGE, PROT_NONE);
        mprotect_((void *)(at + PAGE), PAGE, PROT_READ | PROT_WRITE);
        at[PAGE] = 3;
        _exit(at[0] == 2 && at[PAGE] == 3 && at[2 * PAGE] == 1 ? 0 : 1);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK(at[0] == 1 && at[PAGE] == 1 && at[2 * PAGE] == 1);
}

static volatile int code;
static void *volatile address;

static void gives_back(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    code = info->si_code;
    address = info->si_addr;
    mprotect_((void *)((unsigned long)info->si_addr & ~(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE);
}

CASE(a_fault_can_be_handled_and_the_store_done_again)
{
    struct sigaction action = {.sa_sigaction = gives_back, .sa_flags = SA_SIGINFO};
    volatile char *at = pages(1);
    CHECK_EQ(0, sigaction(SIGSEGV, &action, NULL));
    CHECK_EQ(0, mprotect_((void *)at, PAGE, PROT_READ));
    at[100] = 5;
    CHECK(code == SEGV_ACCERR && address == at + 100 && at[100] == 5);
}

CASE(what_may_not_be_executed)
{
    char *at = pages(1);
    pid_t pid = forked();
    if (pid == 0) {
        no_core();
        memset(at, 0, PAGE);
        ((void (*)(void))at)();
        _exit(0);
    }
    CHECK_EQ(SIGSEGV, WTERMSIG(status_of(pid)));
}

CASE(the_file_must_allow_it)
{
    int fd = file_of_pages("file", 1, O_RDONLY);
    char *both = pages(2), *own = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK_EQ(both + PAGE, mmap(both + PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0));
    CHECK_EQ(0, mprotect_(both, PAGE, PROT_READ));
    CHECK_ERRNO(EACCES, mprotect_(both + PAGE, PAGE, PROT_READ | PROT_WRITE));
    CHECK_ERRNO(EACCES, mprotect_(both, 2 * PAGE, PROT_READ | PROT_WRITE));
    CHECK(writable(both) && !writable(both + PAGE)); /* what came before it is changed */
    CHECK_EQ(0, mprotect_(own, PAGE, PROT_READ | PROT_WRITE));
}

CASE(over_a_hole)
{
    char *at = pages(3);
    CHECK_EQ(0, munmap(at + PAGE, PAGE));
    CHECK_ERRNO(ENOMEM, mprotect_(at, 3 * PAGE, PROT_READ));
    CHECK(!writable(at) && writable(at + 2 * PAGE)); /* up to the hole */
    CHECK_ERRNO(ENOMEM, mprotect_(at + PAGE, PAGE, PROT_READ));
}

CASE(errors)
{
    char *at = pages(1);
    CHECK_ERRNO(EINVAL, mprotect_(at + 1, 0, PROT_READ));
    CHECK_ERRNO(EINVAL, mprotect_(at, 0, PROT_GROWSDOWN | PROT_GROWSUP));
    CHECK_EQ(0, mprotect_(at, 0, 0x1000)); /* nothing to do */
    CHECK_EQ(0, mprotect_(unmapped_page(), 0, PROT_READ));
    CHECK_ERRNO(EINVAL, mprotect_(at, PAGE, 0x1000));
    CHECK_ERRNO(ENOMEM, mprotect_(at, ~0ul, 0x1000));
    CHECK_ERRNO(EINVAL, mprotect_(unmapped_page(), PAGE, 0x1000));
    CHECK_ERRNO(EINVAL, mprotect_((void *)(1ul << 62), PAGE, 0x1000));
    CHECK_ERRNO(ENOMEM, mprotect_((void *)(1ul << 62), PAGE, PROT_READ));
    CHECK_ERRNO(ENOMEM, mprotect_(unmapped_page(), PAGE, PROT_READ));
    CHECK_ERRNO(EINVAL, mprotect_(at, PAGE, PROT_READ | PROT_GROWSDOWN)); /* it does not grow */
}
