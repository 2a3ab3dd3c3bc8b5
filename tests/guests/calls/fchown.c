#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

static long fchown_of(int fd, unsigned user, unsigned group)
{
    return syscall(SYS_fchown, fd, user, group);
}

CASE(owner_and_group)
{
    if (geteuid() != 0)
        return;
    int fd = file_of("f", "");
    CHECK_EQ(0, fchown_of(fd, 11, 22));
    CHECK_EQ(11, facts_of("f").st_uid);
    CHECK_EQ(22, facts_of("f").st_gid);
    CHECK_EQ(0, fchown_of(fd, -1u, 33)); /* -1 leaves one as it is */
    CHECK_EQ(0, fchown_of(open("f", O_RDONLY), 44, -1u));
    CHECK_EQ(44, facts_of("f").st_uid);
    CHECK_EQ(33, facts_of("f").st_gid);
}

CASE(takes_the_set_id_bits)
{
    int fd = file_of("f", "");
    uid_t user = geteuid();
    gid_t group = getegid();
    CHECK_EQ(0, chmod("f", 06755) | fchown_of(fd, user, group));
    CHECK_EQ(0755, mode_of("f")); /* the superuser's files, too */
    CHECK_EQ(0, mkdir("d", 0700) | chmod("d", 06755) | fchown_of(open("d", O_RDONLY), user, group));
    CHECK_EQ(06755, mode_of("d"));
    CHECK_EQ(0, chmod("f", 06745) | fchown_of(fd, user, -1u));
    CHECK_EQ(02745, mode_of("f")); /* without execution for the group it is no such bit */
}

CASE(an_ordinary_user)
{
    int fd = file_of("f", "");
    if (geteuid() == 0)
        CHECK_EQ(0, chown("f", NOBODY, NOBODY));
    make_file("others", "");
    int others = open("others", O_RDWR), superuser = geteuid() == 0;
    as_ordinary_user();
    uid_t user = geteuid();
    gid_t group = getegid();
    CHECK_EQ(0, fchown_of(fd, user, group));
    CHECK_EQ(0, fchown_of(fd, -1u, -1u));
    CHECK_EQ(0, fchown_of(fd, -1u, group));
    CHECK_ERRNO(EPERM, fchown_of(fd, user + 1, -1u)); /* gives nothing away */
    CHECK_ERRNO(EPERM, fchown_of(fd, -1u, group + 12345));
    if (superuser) {
        CHECK_ERRNO(EPERM, fchown_of(others, user, group));
        CHECK_ERRNO(EPERM, fchown_of(others, 0, 0)); /* not even to whom they belong */
        CHECK_EQ(0, fchown_of(others, -1u, -1u));
    }
}

CASE(errors)
{
    make_file("f", "");
    CHECK_ERRNO(EBADF, fchown_of(99, -1u, -1u));
    CHECK_ERRNO(EBADF, fchown_of(open("f", O_PATH), -1u, -1u));
}
