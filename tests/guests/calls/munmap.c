#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "maps.h"

static long munmap_(void *at, size_t size)
{
    return syscall(SYS_munmap, at, size);
}

CASE(all_or_a_part)
{
    char *at = pages(6);
    memset(at, 'x', 6 * PAGE);
    CHECK_EQ(0, munmap_(at + PAGE, PAGE));
    CHECK(readable(at) && !readable(at + PAGE) && readable(at + 2 * PAGE));
    CHECK_EQ(0, munmap_(at + 4 * PAGE, 1)); /* a whole page */
    CHECK(!readable(at + 5 * PAGE - 1) && readable(at + 5 * PAGE));
    CHECK_EQ(0, munmap_(at, 6 * PAGE)); /* over holes */
    for (int i = 0; i < 6; i++)
        CHECK_EQ(0, readable(at + (size_t)i * PAGE));
}

CASE(where_nothing_is_it_is_no_error)
{
    CHECK_EQ(0, munmap_(unmapped_page(), PAGE));
    CHECK_EQ(0, munmap_((void *)(1ul << 30), PAGE));
}

CASE(a_touch_is_a_fault)
{
    char *at = pages(1);
    pid_t pid = forked();
    if (pid == 0) {
        no_core();
        munmap_(at, PAGE);
        _exit(*(volatile char *)at);
    }
    CHECK_EQ(SIGSEGV, WTERMSIG(status_of(pid)));
    CHECK_EQ(0, at[0]); /* the parent has its own */
}

CASE(the_code_that_runs)
{
    pid_t pid = forked();
    if (pid == 0) {
        no_core();
        munmap_((void *)((unsigned long)&munmap_ & ~(PAGE - 1)), PAGE);
        forked();
        munmap_(NULL, 0);
        _exit(0);
    }
    CHECK_EQ(SIGSEGV, WTERMSIG(status_of(pid)));
}

CASE(what_was_written_to_a_file_stays)
{
    char byte;
    int fd = file_of_pages("file", 1, O_RDWR);
    char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    at[7] = 'x';
    CHECK_EQ(0, munmap_(at, PAGE));
    CHECK_EQ(1, pread(fd, &byte, 1, 7));
    CHECK_EQ('x', byte);
}

CASE(errors)
{
    char *at = pages(1);
    CHECK_ERRNO(EINVAL, munmap_(at + 1, PAGE));
    CHECK_ERRNO(EINVAL, munmap_(at, 0));
    CHECK_ERRNO(EINVAL, munmap_(at, ~0ul));
    CHECK_ERRNO(EINVAL, munmap_(at, 1ul << 62));
    CHECK_ERRNO(EINVAL, munmap_(BAD, PAGE));
    CHECK_ERRNO(EINVAL, munmap_((void *)(1ul << 62), PAGE));
    CHECK(readable(at));
}
