#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include <stdint.h>

static uintptr_t brk_(uintptr_t address)
{
    return (uintptr_t)syscall(SYS_brk, address);
}

CASE(it_moves_both_ways)
{
    uintptr_t at = brk_(0);
    CHECK_EQ(at + 100000, brk_(at + 100000));
    CHECK_EQ(at + 100000, brk_(0));
    volatile char *heap = (char *)at;
    heap[5000] = 1, heap[99999] = 2;
    CHECK_EQ(at, brk_(at));
    CHECK_EQ(at + 100000, brk_(at + 100000));
    CHECK_EQ(0, heap[5000] | heap[99999]); /* what was given back comes back empty */
    CHECK_EQ(at, brk_(at));
}

CASE(where_it_cannot_go_it_stays)
{
    uintptr_t at = brk_(0);
    CHECK_EQ(at, brk_(1));
    CHECK_EQ(at, brk_(at - (1ul << 34)));
    CHECK_EQ(at, brk_(~0ul));
    CHECK_EQ(at, brk_(1ul << 62));
    CHECK_EQ(at, brk_(0));
}

CASE(not_over_a_mapping)
{
    uintptr_t at = brk_(0), wall = (at + 0x100000) & ~0xffful;
    CHECK_EQ(wall, mmap((void *)wall, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CHECK_EQ(at, brk_(wall + 1));
    CHECK_EQ(at + 4096, brk_(at + 4096));
}

CASE(the_limit_on_data)
{
    struct rlimit limit = {16 << 20, 16 << 20};
    uintptr_t at = brk_(0);
    CHECK_EQ(0, setrlimit(RLIMIT_DATA, &limit));
    CHECK_EQ(at, brk_(at + (64 << 20)));
    CHECK_EQ(at + 4096, brk_(at + 4096));
}

CASE(a_child_has_its_own)
{
    uintptr_t at = brk_(0);
    CHECK_EQ(at + 8192, brk_(at + 8192));
    *(volatile char *)(at + 4095) = 5;
    pid_t pid = forked();
    if (pid == 0) {
        if (brk_(0) != at + 8192 || *(volatile char *)(at + 4095) != 5)
            _exit(1);
        _exit(brk_(at) != at);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(at + 8192, brk_(0));
    CHECK_EQ(5, *(volatile char *)(at + 4095));
}
