#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

static long fchmod_of(int fd, unsigned mode)
{
    return syscall(SYS_fchmod, fd, mode);
}

CASE(sets_twelve_bits)
{
    int fd = file_of("f", "");
    umask(077); /* which does not count */
    CHECK_EQ(0, fchmod_of(fd, 0755));
    CHECK_EQ(S_IFREG | 0755, facts_of("f").st_mode);
    CHECK_EQ(0, fchmod_of(open("f", O_RDONLY), 0xfffff000u | 04644)); /* the type stays what it is */
    CHECK_EQ(S_IFREG | 04644, facts_of("f").st_mode);
    CHECK_EQ(0, fchmod_of(fd, 0));
    CHECK_EQ(1, write(fd, "x", 1)); /* open is open */
    int folder = open(".", O_RDONLY);
    CHECK_EQ(0, fchmod_of(folder, 01711));
    CHECK_EQ(01711, mode_of("."));
}

CASE(changes_the_change_time)
{
    int fd = file_of("f", "");
    struct timespec old[2] = {{1000, 0}, {2000, 0}};
    CHECK_EQ(0, futimens(fd, old) | fchmod_of(fd, 0600));
    struct stat facts = facts_of("f");
    CHECK_EQ(2000, facts.st_mtim.tv_sec);
    CHECK(facts.st_ctim.tv_sec > 2000);
}

CASE(a_strange_group_loses_set_group_id)
{
    if (geteuid() != 0)
        return;
    int fd = file_of("f", "");
    CHECK_EQ(0, fchmod_of(fd, 02755));
    CHECK_EQ(02755, mode_of("f")); /* the superuser may */
    CHECK_EQ(0, chown("f", NOBODY, 5));
    as_ordinary_user();
    CHECK_EQ(0, fchmod_of(fd, 06755));
    CHECK_EQ(04755, mode_of("f"));
}

CASE(errors)
{
    int fd = file_of("f", "");
    CHECK_ERRNO(EBADF, fchmod_of(99, 0600));
    CHECK_ERRNO(EBADF, fchmod_of(open("f", O_PATH), 0600));
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, chmod("f", 0666));
    as_ordinary_user();
    CHECK_ERRNO(EPERM, fchmod_of(fd, 0600)); /* to be able to write is not enough */
    CHECK_EQ(0666, mode_of("f"));
}
