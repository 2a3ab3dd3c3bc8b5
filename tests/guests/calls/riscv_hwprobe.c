#include "check.h"
#include "bad_memory.h"
#include <stdint.h>
#include <sys/syscall.h>

/* Documentation/arch/riscv/hwprobe.rst, arch/riscv/kernel/sys_hwprobe.c: no other architecture has the call. */
#ifndef SYS_riscv_hwprobe
#define SYS_riscv_hwprobe 258
#endif
#define WHICH_CPUS 1u

struct pair {
    int64_t key;
    uint64_t value;
};

enum { VENDOR, ARCHITECTURE, IMPLEMENTATION, BASE_BEHAVIOR, EXTENSIONS, MISALIGNED, ZICBOZ_SIZE, HIGHEST_ADDRESS,
       TIME_FREQUENCY };

static long probe(void *pairs, size_t count, size_t size, const void *cpus, unsigned flags)
{
    return syscall(SYS_riscv_hwprobe, pairs, count, size, cpus, flags);
}

CASE(known_keys)
{
    struct pair pairs[] = {{BASE_BEHAVIOR, 0}, {EXTENSIONS, 0}, {HIGHEST_ADDRESS, 0}, {TIME_FREQUENCY, 0}, {VENDOR, 9}};
    CHECK_EQ(0, probe(pairs, 5, 0, NULL, 0));
    CHECK_EQ(BASE_BEHAVIOR, pairs[0].key);
    CHECK_EQ(1, pairs[0].value & 1);                       /* IMA */
    CHECK_EQ(3, pairs[1].value & 3);                       /* F and D, C */
    CHECK(pairs[2].value >= (uintptr_t)pairs && pairs[2].value >= (1ul << 38) - 4096 - 1);
    CHECK(pairs[3].value >= 1000000);
    CHECK_EQ(VENDOR, pairs[4].key);
}

CASE(unknown_keys)
{
    struct pair pairs[] = {{123456, 7}, {-5, 7}, {BASE_BEHAVIOR, 0}};
    CHECK_EQ(0, probe(pairs, 3, 0, NULL, 0));
    CHECK(pairs[0].key == -1 && pairs[0].value == 0);
    CHECK(pairs[1].key == -1 && pairs[1].value == 0);
    CHECK_EQ(BASE_BEHAVIOR, pairs[2].key); /* the rest is answered */
}

CASE(cpus)
{
    struct pair pair = {BASE_BEHAVIOR, 0};
    uint64_t first = 1, none = 0, another = 1ull << 63;
    CHECK_EQ(0, probe(&pair, 1, 8, &first, 0));
    CHECK_EQ(0, probe(NULL, 0, 0, NULL, 0));
    CHECK_ERRNO(EINVAL, probe(&pair, 1, 8, &none, 0));
    CHECK_ERRNO(EINVAL, probe(&pair, 1, 8, &another, 0)); /* not online */
    CHECK_ERRNO(EINVAL, probe(&pair, 1, 0, &first, 0));
    CHECK_ERRNO(EFAULT, probe(&pair, 1, 8, NULL, 0));
    CHECK_ERRNO(EFAULT, probe(&pair, 1, 8, BAD, 0));
}

CASE(which_cpus)
{
    struct pair like = {EXTENSIONS, 1}, unlike = {TIME_FREQUENCY, 1}, unknown = {123456, 0};
    uint64_t all = ~0ull;
    CHECK_EQ(0, probe(&like, 1, 8, &all, WHICH_CPUS));
    CHECK_EQ(1, all);
    all = 0; /* none: all that are online */
    CHECK_EQ(0, probe(&like, 1, 8, &all, WHICH_CPUS));
    CHECK_EQ(1, all);
    CHECK_EQ(0, probe(&unlike, 1, 8, &all, WHICH_CPUS));
    CHECK_EQ(0, all);
    all = 1;
    CHECK_EQ(0, probe(&unknown, 1, 8, &all, WHICH_CPUS));
    CHECK(all == 0 && unknown.key == -1);
    CHECK_ERRNO(EINVAL, probe(&like, 1, 0, NULL, WHICH_CPUS));
    CHECK_ERRNO(EINVAL, probe(&like, 1, 8, NULL, WHICH_CPUS));
    CHECK_ERRNO(EFAULT, probe(&like, 1, 8, BAD, WHICH_CPUS));
}

CASE(errors)
{
    struct pair *edge = (struct pair *)at_edge(sizeof(struct pair) + 8);
    edge->key = BASE_BEHAVIOR;
    CHECK_ERRNO(EINVAL, probe(BAD, 1, 0, NULL, 2));
    CHECK_ERRNO(EFAULT, probe(BAD, 1, 0, NULL, 0));
    CHECK_ERRNO(EFAULT, probe(readonly_page(), 1, 0, NULL, 0));
    CHECK_ERRNO(EFAULT, probe(edge, 2, 0, NULL, 0));
    CHECK_EQ(1, edge->value & 1); /* the first one is answered */
}
