#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/vfs.h>

static long statfs_of(const char *path, void *facts)
{
    return syscall(SYS_statfs, path, facts);
}

CASE(facts)
{
    struct statfs facts;
    CHECK_EQ(0, statfs_of(".", &facts));
    CHECK(facts.f_bsize >= 512 && facts.f_frsize >= 512);
    CHECK(facts.f_bfree <= facts.f_blocks && facts.f_bavail <= facts.f_bfree);
    CHECK(facts.f_namelen >= 255);
    CHECK_EQ(0, symlink("/proc", "link"));
    CHECK_EQ(0, statfs_of("link/self/status", &facts)); /* of where the path leads to */
    CHECK_EQ(0x9fa0, facts.f_type); /* PROC_SUPER_MAGIC */
    CHECK_EQ(0, facts.f_blocks);
    CHECK_EQ(120, sizeof facts);
}

CASE(errors)
{
    static struct statfs facts;
    make_file("f", "");
    CHECK_ERRNO(ENOENT, statfs_of("missing", &facts));
    CHECK_ERRNO(ENOENT, statfs_of("missing", BAD)); /* the path first */
    CHECK_ERRNO(ENOENT, statfs_of("", &facts));
    CHECK_ERRNO(ENOTDIR, statfs_of("f/x", &facts));
    CHECK_ERRNO(EFAULT, statfs_of(BAD, &facts));
    CHECK_ERRNO(EFAULT, statfs_of(".", BAD));
    CHECK_ERRNO(EFAULT, statfs_of(".", readonly_page()));
    CHECK_ERRNO(EFAULT, statfs_of(".", at_edge(119)));
    CHECK_EQ(0, statfs_of(".", at_edge(120)));
    CHECK_EQ(0, mkdir("closed", 0700) | mkdir("closed/d", 0777) | chmod("closed", 0600));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("closed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, statfs_of("closed/d", &facts));
    CHECK_EQ(0, statfs_of("closed", &facts));
}
