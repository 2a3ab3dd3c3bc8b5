#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/vfs.h>

static long fstatfs_of(int fd, void *facts)
{
    return syscall(SYS_fstatfs, fd, facts);
}

CASE(facts)
{
    struct statfs facts, same;
    int fd = file_of("f", ""), ends[2];
    CHECK_EQ(0, fstatfs_of(fd, &facts) | statfs("f", &same));
    CHECK_EQ(same.f_type, facts.f_type);
    CHECK_EQ(same.f_bsize, facts.f_bsize);
    CHECK_EQ(same.f_blocks, facts.f_blocks);
    CHECK_EQ(0, fstatfs_of(open("/proc", O_PATH), &facts));
    CHECK_EQ(0x9fa0, facts.f_type); /* PROC_SUPER_MAGIC */
    CHECK_EQ(0, pipe(ends) | fstatfs_of(ends[0], &facts));
    CHECK_EQ(0x50495045, facts.f_type); /* PIPEFS_MAGIC */
}

CASE(errors)
{
    static struct statfs facts;
    int fd = file_of("f", "");
    CHECK_ERRNO(EBADF, fstatfs_of(99, &facts));
    CHECK_ERRNO(EBADF, fstatfs_of(99, BAD));
    CHECK_ERRNO(EFAULT, fstatfs_of(fd, BAD));
    CHECK_ERRNO(EFAULT, fstatfs_of(fd, NULL));
    CHECK_ERRNO(EFAULT, fstatfs_of(fd, readonly_page()));
    CHECK_ERRNO(EFAULT, fstatfs_of(fd, at_edge(119)));
}
