#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include <sys/sysinfo.h>

CASE(memory_and_processes)
{
    struct sysinfo info;
    memset(&info, 0xff, sizeof info);
    CHECK_EQ(0, syscall(SYS_sysinfo, &info));
    CHECK(info.totalram > 0 && info.freeram > 0 && info.freeram <= info.totalram);
    CHECK(info.totalswap >= info.freeswap && info.totalhigh == 0 && info.freehigh == 0);
    CHECK(info.mem_unit > 0 && info.procs > 0);
    CHECK((double)info.totalram * info.mem_unit >= 1 << 20);
}

CASE(the_time_since_the_start)
{
    struct sysinfo info;
    struct timespec boot;
    CHECK_EQ(0, clock_gettime(CLOCK_BOOTTIME, &boot));
    CHECK_EQ(0, syscall(SYS_sysinfo, &info));
    CHECK(info.uptime >= boot.tv_sec && info.uptime <= boot.tv_sec + 2);
}

CASE(memory_that_is_used_is_not_free)
{
    struct sysinfo before, after;
    char *at = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK_EQ(0, syscall(SYS_sysinfo, &before));
#ifdef __riscv /* on the host others use memory, too */
    memset(at, 1, 16 << 20);
    CHECK_EQ(0, syscall(SYS_sysinfo, &after));
    CHECK((before.freeram - after.freeram) * before.mem_unit >= 16 << 20);
#else
    after = before;
    CHECK(at != MAP_FAILED && after.totalram == before.totalram);
#endif
}

CASE(shared_memory_is_shared)
{
#ifdef __riscv /* on the host others use some, too */
    struct sysinfo before, after;
    char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(0, syscall(SYS_sysinfo, &before));
    memset(at, 1, 1 << 20);
    CHECK_EQ(0, syscall(SYS_sysinfo, &after));
    CHECK_EQ(1 << 20, (after.sharedram - before.sharedram) * before.mem_unit);
    CHECK_EQ(0, after.bufferram);
#endif
}

CASE(errors)
{
    CHECK_ERRNO(EFAULT, syscall(SYS_sysinfo, BAD));
    CHECK_ERRNO(EFAULT, syscall(SYS_sysinfo, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_sysinfo, at_edge(64)));
    CHECK_ERRNO(EFAULT, syscall(SYS_sysinfo, readonly_page()));
}
