/* The vDSO: its functions are found as a C library finds them, and agree with the system calls. */
#define _GNU_SOURCE
#include "check.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static const char *base;
static const Elf64_Sym *symbols;
static const char *names;
static const Elf64_Half *versions;
static const Elf64_Verdef *definitions;
static const unsigned *table;

static void find_tables(void)
{
    base = (const char *)getauxval(AT_SYSINFO_EHDR);
    CHECK(base && memcmp(base, ELFMAG, SELFMAG) == 0);
    const Elf64_Phdr *at = (const Elf64_Phdr *)(base + ((const Elf64_Ehdr *)base)->e_phoff);
    const Elf64_Dyn *dynamic = NULL;
    for (int i = 0; i < ((const Elf64_Ehdr *)base)->e_phnum; i++)
        if (at[i].p_type == PT_DYNAMIC)
            dynamic = (const Elf64_Dyn *)(base + at[i].p_vaddr);
    for (; dynamic->d_tag != DT_NULL; dynamic++) {
        const void *there = base + dynamic->d_un.d_ptr;
        switch (dynamic->d_tag) {
        case DT_SYMTAB: symbols = there; break;
        case DT_STRTAB: names = there; break;
        case DT_VERSYM: versions = there; break;
        case DT_VERDEF: definitions = there; break;
        case DT_HASH: table = there; break;
        }
    }
}

static const char *version_of(unsigned symbol)
{
    for (const Elf64_Verdef *at = definitions;; at = (const Elf64_Verdef *)((const char *)at + at->vd_next)) {
        if (at->vd_ndx == versions[symbol])
            return names + ((const Elf64_Verdaux *)((const char *)at + at->vd_aux))->vda_name;
        if (!at->vd_next)
            return "none";
    }
}

static void *lookup(const char *name)
{
    if (!base)
        find_tables();
    unsigned hash = 0;
    for (const char *at = name; *at; at++) {
        hash = (hash << 4) + (unsigned char)*at;
        unsigned high = hash & 0xf0000000;
        hash = (hash ^ high >> 24) & ~high;
    }
    unsigned buckets = table[0];
    for (unsigned at = table[2 + hash % buckets]; at; at = table[2 + buckets + at])
        if (strcmp(names + symbols[at].st_name, name) == 0) {
            CHECK(strcmp(version_of(at), "LINUX_4.15") == 0);
            CHECK_EQ(ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), symbols[at].st_info);
            return (void *)(base + symbols[at].st_value);
        }
    CHECK_FAIL("no symbol %s", name);
}

static long long ns(struct timespec at)
{
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

CASE(clocks_agree_with_the_call)
{
    int (*gettime)(clockid_t, struct timespec *) = lookup("__vdso_clock_gettime");
    static const int clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11};
    struct timespec before, here, after;
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++)
        for (int round = 0; round < 50; round++) {
            CHECK_EQ(0, syscall(SYS_clock_gettime, clocks[i], &before));
            CHECK_EQ(0, gettime(clocks[i], &here));
            CHECK_EQ(0, syscall(SYS_clock_gettime, clocks[i], &after));
            CHECK(here.tv_nsec >= 0 && here.tv_nsec < 1000000000);
            CHECK(ns(before) < ns(here) && ns(here) < ns(after));
        }
}

CASE(real_time_has_its_own_base)
{
    int (*gettime)(clockid_t, struct timespec *) = lookup("__vdso_clock_gettime");
    struct timespec real, monotonic;
    gettime(CLOCK_REALTIME, &real);
    gettime(CLOCK_MONOTONIC, &monotonic);
    CHECK(real.tv_sec > 1700000000 && monotonic.tv_sec < 1000);
}

CASE(unknown_clocks)
{
    int (*gettime)(clockid_t, struct timespec *) = lookup("__vdso_clock_gettime");
    int (*getres)(clockid_t, struct timespec *) = lookup("__vdso_clock_getres");
    static const int wrong[] = {10, 12, 63, 64, 1 << 20, -1};
    struct timespec at;
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQ(-EINVAL, gettime(wrong[i], &at));
        CHECK_EQ(-EINVAL, getres(wrong[i], &at));
    }
    CHECK_EQ(0, gettime(-2, &at)); /* this process's CPU time */
}

CASE(resolutions)
{
    int (*getres)(clockid_t, struct timespec *) = lookup("__vdso_clock_getres");
    for (int clock = 0; clock < 12; clock++) {
        struct timespec here = {7, 7}, there = {7, 7};
        long result = syscall(SYS_clock_getres, clock, &there);
        CHECK_EQ(result < 0 ? -errno : 0, getres(clock, &here));
        CHECK_EQ(there.tv_sec, here.tv_sec);
        CHECK_EQ(there.tv_nsec, here.tv_nsec);
    }
    CHECK_EQ(0, getres(CLOCK_MONOTONIC, NULL));
}

CASE(time_of_day)
{
    int (*gettimeofday_)(struct timeval *, struct timezone *) = lookup("__vdso_gettimeofday");
    struct timeval before, here, after;
    struct timezone zone = {5, 5};
    CHECK_EQ(0, syscall(SYS_gettimeofday, &before, NULL));
    CHECK_EQ(0, gettimeofday_(&here, &zone));
    CHECK_EQ(0, syscall(SYS_gettimeofday, &after, NULL));
    CHECK(here.tv_usec >= 0 && here.tv_usec < 1000000);
    CHECK(!timercmp(&here, &before, <) && !timercmp(&after, &here, <));
    CHECK_EQ(0, zone.tz_minuteswest);
    CHECK_EQ(0, zone.tz_dsttime);
    CHECK_EQ(0, gettimeofday_(NULL, &zone));
    CHECK_EQ(0, gettimeofday_(NULL, NULL));
}

CASE(cpu_number)
{
    int (*getcpu_)(unsigned *, unsigned *, void *) = lookup("__vdso_getcpu");
    unsigned cpu = 9, node = 9;
    CHECK_EQ(0, getcpu_(&cpu, &node, NULL));
    CHECK_EQ(0, cpu);
    CHECK_EQ(0, node);
    CHECK_EQ(0, getcpu_(NULL, NULL, NULL));
}

CASE(hardware)
{
    struct pair {
        long key;
        unsigned long value;
    } here[16], there[16];
    int (*probe)(struct pair *, size_t, size_t, unsigned long *, unsigned) = lookup("__vdso_riscv_hwprobe");
    for (int i = 0; i < 16; i++)
        here[i] = there[i] = (struct pair){i == 13 ? -1 : i == 14 ? 1L << 40 : i, 77};
    CHECK_EQ(0, probe(here, 16, 0, NULL, 0));
    CHECK_EQ(0, syscall(258, there, 16, 0, NULL, 0));
    CHECK_EQ(0, memcmp(here, there, sizeof here));
    CHECK_EQ(1, here[3].value); /* RISCV_HWPROBE_BASE_BEHAVIOR_IMA */
    CHECK_EQ(-1, here[13].key);
    CHECK_EQ(0, here[13].value);
    CHECK_EQ(-EINVAL, probe(here, 1, 0, NULL, 64));
    CHECK_EQ(0, probe(here, 0, 0, NULL, 0));
    unsigned long cpus = 1;
    here[0].key = 3;
    CHECK_EQ(0, probe(here, 1, sizeof cpus, &cpus, 0));
    CHECK_EQ(1, here[0].value);
}

CASE(hardware_counts_as_the_clock_does)
{
    struct {
        long key;
        unsigned long value;
    } frequency = {8, 0}; /* RISCV_HWPROBE_KEY_TIME_CSR_FREQ */
    struct timespec before, after;
    unsigned long count;
    CHECK_EQ(0, syscall(258, &frequency, 1, 0, NULL, 0));
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &before);
    __asm__ volatile("rdtime %0" : "=r"(count));
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &after);
    unsigned long time_ns = count * (1000000000 / frequency.value);
    CHECK(time_ns > (unsigned long)ns(before) && time_ns < (unsigned long)ns(after));
}

CASE(instructions_just_written)
{
    int (*flush)(void *, void *, unsigned long) = lookup("__vdso_flush_icache");
    unsigned *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(code != MAP_FAILED);
    for (unsigned value = 1; value < 4; value++) {
        code[0] = value << 20 | 10 << 7 | 0x13; /* li a0, value */
        code[1] = 0x8067;                       /* ret */
        CHECK_EQ(0, flush(code, code + 2, 0));
        CHECK_EQ(value, ((int (*)(void))code)());
    }
}

CASE(the_pages_are_read_only)
{
    char line[256], name[64];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char letters[8];
        *name = 0;
        sscanf(line, "%lx-%lx %7s %*s %*s %*s %63s", &start, &end, letters, name);
        if (strcmp(name, "[vdso]") == 0) {
            CHECK_EQ(getauxval(AT_SYSINFO_EHDR), start);
            CHECK(strcmp(letters, "r-xp") == 0);
            found |= 1;
        } else if (strcmp(name, "[vvar]") == 0) {
            CHECK_EQ(getauxval(AT_SYSINFO_EHDR), end);
            CHECK(strcmp(letters, "r--p") == 0);
            found |= 2;
        }
    }
    CHECK_EQ(3, found);
}

CASE(a_store_stays_in_this_process)
{
    int (*gettime)(clockid_t, struct timespec *) = lookup("__vdso_clock_gettime");
    struct timespec at;
    char *page = (char *)getauxval(AT_SYSINFO_EHDR);
    pid_t child = fork();
    if (child == 0) {
        if (mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
            memset(page + 64, 0, 4096 - 64);
        _exit(3);
    }
    int status;
    CHECK_EQ(child, waitpid(child, &status, 0));
    CHECK_EQ(0x300, status);
    CHECK_EQ(0, gettime(CLOCK_MONOTONIC, &at));
}
