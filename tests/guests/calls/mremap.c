#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "maps.h"

static long mremap_(void *at, size_t size, size_t new_size, int flags, void *new_at)
{
    return syscall(SYS_mremap, at, size, new_size, flags, new_at);
}

static char *numbered_pages(int count)
{
    char *at = pages(count);
    for (int i = 0; i < count; i++)
        at[(size_t)i * PAGE] = (char)('a' + i);
    return at;
}

CASE(smaller)
{
    char *at = numbered_pages(4);
    CHECK_EQ(at, mremap_(at, 4 * PAGE, 2 * PAGE - 5, 0, NULL));
    CHECK(at[PAGE] == 'b' && !readable(at + 2 * PAGE) && !readable(at + 3 * PAGE));
    CHECK_EQ(at, mremap_(at, 2 * PAGE, 2 * PAGE, 0, NULL)); /* the same */
}

CASE(larger_in_place)
{
    char *at = numbered_pages(4);
    CHECK_EQ(0, munmap(at + 2 * PAGE, 2 * PAGE));
    CHECK_EQ(at, mremap_(at, 2 * PAGE, 4 * PAGE, 0, NULL));
    CHECK(at[PAGE] == 'b' && at[2 * PAGE] == 0 && writable(at + 3 * PAGE));
}

CASE(larger_elsewhere)
{
    char *at = numbered_pages(3);
    CHECK_EQ(0, mprotect(at + 2 * PAGE, PAGE, PROT_NONE)); /* another mapping in the way */
    CHECK_ERRNO(ENOMEM, mremap_(at, 2 * PAGE, 3 * PAGE, 0, NULL));
    char *there = (char *)mremap_(at, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE, NULL);
    CHECK(there != at && there[0] == 'a' && there[PAGE] == 'b' && there[63 * PAGE] == 0);
    CHECK(!readable(at) && !readable(at + PAGE));
}

CASE(a_part_moves)
{
    char *at = numbered_pages(4), *there = pages(2);
    CHECK_EQ(there, mremap_(at + PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there));
    CHECK(there[0] == 'b' && there[PAGE] == 'c'); /* what was there is gone */
    CHECK(at[0] == 'a' && !readable(at + PAGE) && !readable(at + 2 * PAGE) && at[3 * PAGE] == 'd');
}

CASE(fixed_and_another_size)
{
    char *at = numbered_pages(3), *there = pages(4);
    CHECK_EQ(there, mremap_(at, 3 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there));
    CHECK(there[0] == 'a' && !readable(at) && !readable(at + 2 * PAGE) && readable(there + PAGE));
    at = numbered_pages(1);
    CHECK_EQ(there, mremap_(at, PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there));
    CHECK(there[0] == 'a' && there[2 * PAGE] == 0);
}

CASE(files)
{
    int fd = file_of_pages("file", 3, O_RDWR);
    char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
    char *there = (char *)mremap_(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL);
    CHECK(there != MAP_FAILED && there[0] == 'b' && there[PAGE] == 'c');
    char *second = (char *)mremap_(there, 0, PAGE, MREMAP_MAYMOVE, NULL); /* a length of 0: a second mapping */
    CHECK(second != MAP_FAILED && second != there && second[0] == 'b');
    second[5] = 'x';
    CHECK_EQ('x', there[5]);
    CHECK_ERRNO(EINVAL, mremap_(pages(1), 0, PAGE, MREMAP_MAYMOVE, NULL)); /* only of what is shared */
}

CASE(the_old_place_stays_with_dontunmap)
{
    char *at = numbered_pages(2);
    char *there = (char *)mremap_(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    CHECK(there != MAP_FAILED && there != at && there[0] == 'a' && there[PAGE] == 'b');
    CHECK(at[0] == 0 && writable(at + PAGE)); /* empty */
    CHECK_ERRNO(EINVAL, mremap_(at, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
    CHECK_ERRNO(EINVAL, mremap_(at, 2 * PAGE, 2 * PAGE, MREMAP_DONTUNMAP, NULL));
}

CASE(pages_that_fork_shares)
{
    char *at = numbered_pages(2);
    pid_t pid = forked();
    if (pid == 0) {
        char *there = (char *)mremap_(at, 2 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, NULL);
        there[0] = 'x';
        _exit(there[PAGE] != 'b');
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ('a', at[0]);
}

CASE(errors)
{
    char *at = pages(4), *other = pages(4);
    CHECK_ERRNO(EINVAL, mremap_(at, PAGE, PAGE, 8, NULL));
    CHECK_ERRNO(EINVAL, mremap_(at, PAGE, PAGE, MREMAP_FIXED, other));
    CHECK_ERRNO(EINVAL, mremap_(at + 1, PAGE, PAGE, 0, NULL));
    CHECK_ERRNO(EINVAL, mremap_(at, PAGE, 0, 0, NULL));
    CHECK_ERRNO(EINVAL, mremap_(unmapped_page(), PAGE, 0, 0, NULL));
    CHECK_ERRNO(EFAULT, mremap_(unmapped_page(), PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL));
    CHECK_ERRNO(EFAULT, mremap_(at, 64 * PAGE, 65 * PAGE, MREMAP_MAYMOVE, NULL)); /* more than there is */
    CHECK_ERRNO(EINVAL, mremap_(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other + 1));
    CHECK_ERRNO(EINVAL, mremap_(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + PAGE)); /* they overlap */
    CHECK_ERRNO(EINVAL, mremap_(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at - PAGE));
    CHECK_ERRNO(EINVAL, mremap_(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, BAD));
    struct rlimit limit = {1 << 30, 1 << 30};
    CHECK_EQ(0, setrlimit(RLIMIT_AS, &limit));
    CHECK_ERRNO(ENOMEM, mremap_(at, PAGE, 1ul << 31, MREMAP_MAYMOVE, NULL));
}
