#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "maps.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

static long madvise_(void *at, size_t size, int advice)
{
    return syscall(SYS_madvise, at, size, advice);
}

CASE(dontneed_empties)
{
    char *at = pages(3);
    memset(at, 'x', 3 * PAGE);
    CHECK_EQ(0, madvise_(at + PAGE, 1, MADV_DONTNEED)); /* a whole page */
    CHECK(at[0] == 'x' && at[PAGE] == 0 && at[2 * PAGE - 1] == 0 && at[2 * PAGE] == 'x');
}

CASE(dontneed_of_a_file_reads_it_again)
{
    int fd = file_of_pages("file", 1, O_RDWR);
    char *own = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    own[0] = 'x';
    shared[1] = 'y';
    CHECK_EQ(0, madvise_(own, PAGE, MADV_DONTNEED));
    CHECK_EQ(0, madvise_(shared, PAGE, MADV_DONTNEED));
    CHECK(own[0] == 'a' && own[1] == 'y' && shared[1] == 'y');
}

CASE(free_is_for_private_memory)
{
    int fd = file_of_pages("file", 1, O_RDWR);
    char *at = pages(1);
    at[0] = 'x';
    CHECK_EQ(0, madvise_(at, PAGE, MADV_FREE));
    CHECK(at[0] == 'x' || at[0] == 0);
    CHECK_ERRNO(EINVAL, madvise_(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), PAGE, MADV_FREE));
    CHECK_ERRNO(EINVAL, madvise_(shared_memory(PAGE), PAGE, MADV_FREE));
}

CASE(what_fork_does_with_it)
{
    char *gone = pages(1), *wiped = pages(1), *back = pages(1);
    gone[0] = wiped[0] = back[0] = 'x';
    CHECK_EQ(0, madvise_(gone, PAGE, MADV_DONTFORK));
    CHECK_EQ(0, madvise_(wiped, PAGE, MADV_WIPEONFORK));
    CHECK_EQ(0, madvise_(back, PAGE, MADV_DONTFORK));
    CHECK_EQ(0, madvise_(back, PAGE, MADV_DOFORK));
    pid_t pid = forked();
    if (pid == 0)
        _exit(readable(gone) || wiped[0] != 0 || back[0] != 'x');
    CHECK_EQ(0, status_of(pid));
    CHECK(gone[0] == 'x' && wiped[0] == 'x');
    CHECK_EQ(0, madvise_(wiped, PAGE, MADV_KEEPONFORK));
    pid = forked();
    if (pid == 0)
        _exit(wiped[0] != 'x');
    CHECK_EQ(0, status_of(pid));
    CHECK_ERRNO(EINVAL, madvise_(shared_memory(PAGE), PAGE, MADV_WIPEONFORK));
}

CASE(populate)
{
    unsigned char resident[2] = {0, 0};
    char *at = pages(2), *read_only = readonly_page();
    CHECK_EQ(0, madvise_(at, PAGE, MADV_POPULATE_WRITE));
    CHECK_EQ(0, syscall(SYS_mincore, at, 2 * PAGE, resident));
    CHECK(resident[0] & 1 && !(resident[1] & 1));
    CHECK_EQ(0, madvise_(read_only, PAGE, MADV_POPULATE_READ));
    CHECK_ERRNO(EINVAL, madvise_(read_only, PAGE, MADV_POPULATE_WRITE));
    CHECK_ERRNO(ENOMEM, madvise_(read_only, 2 * PAGE, MADV_POPULATE_READ));
    CHECK_EQ(0, mprotect(at, PAGE, PROT_NONE));
    CHECK_ERRNO(EINVAL, madvise_(at, PAGE, MADV_POPULATE_READ));
}

CASE(over_a_hole)
{
    char *at = pages(3);
    memset(at, 'x', 3 * PAGE);
    CHECK_EQ(0, munmap(at + PAGE, PAGE));
    CHECK_ERRNO(ENOMEM, madvise_(at, 3 * PAGE, MADV_DONTNEED));
    CHECK(at[0] == 0 && at[2 * PAGE] == 0); /* done on both sides all the same */
    CHECK_ERRNO(ENOMEM, madvise_(at, 3 * PAGE, MADV_NORMAL));
    CHECK_ERRNO(ENOMEM, madvise_(at + PAGE, PAGE, MADV_DONTNEED));
}

CASE(locked_pages_stay)
{
    char *at = pages(1);
    at[0] = 'x';
    if (mlock(at, PAGE) != 0)
        return;
    CHECK_ERRNO(EINVAL, madvise_(at, PAGE, MADV_DONTNEED));
    CHECK_EQ('x', at[0]);
    CHECK_EQ(0, munlock(at, PAGE));
    CHECK_EQ(0, madvise_(at, PAGE, MADV_DONTNEED));
    CHECK_EQ(0, at[0]);
}

CASE(advice_without_effect)
{
    static const int advice[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTDUMP, MADV_DODUMP,
                                 MADV_COLD};
    char *at = pages(1);
    at[0] = 'x';
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
        CHECK_EQ(0, madvise_(at, PAGE, advice[i]));
    CHECK_EQ('x', at[0]);
}

CASE(errors)
{
    char *at = pages(1);
    CHECK_ERRNO(EINVAL, madvise_(at + 1, PAGE, MADV_NORMAL));
    CHECK_ERRNO(EINVAL, madvise_(at, PAGE, 9999));
    CHECK_ERRNO(EINVAL, madvise_(at, PAGE, -1));
    CHECK_ERRNO(EINVAL, madvise_(at, 0, 9999));
    CHECK_ERRNO(EINVAL, madvise_(at, ~0ul, MADV_NORMAL));
    CHECK_EQ(0, madvise_(at, 0, MADV_DONTNEED));
    CHECK_EQ(0, madvise_(unmapped_page(), 0, MADV_DONTNEED));
    CHECK_ERRNO(ENOMEM, madvise_((void *)(1ul << 62), PAGE, MADV_NORMAL));
}
