#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

CASE(by_name)
{
    uid_t user = geteuid() ? geteuid() : 11;
    gid_t group = geteuid() ? getegid() : 22;
    make_file("f", "");
    CHECK_EQ(0, symlink("f", "link"));
    CHECK_EQ(0, fchownat(AT_FDCWD, "link", user, -1, AT_SYMLINK_NOFOLLOW));
    CHECK_EQ(user, facts_of("link").st_uid);
    CHECK_EQ(geteuid(), facts_of("f").st_uid);
    CHECK_EQ(0, fchownat(open(".", O_PATH), "link", -1, group, 0));
    CHECK_EQ(group, facts_of("f").st_gid);
    CHECK_EQ(0, fchownat(open("f", O_PATH), "", user, group, AT_EMPTY_PATH));
    CHECK_EQ(user, facts_of("f").st_uid);
    CHECK_EQ(0, fchownat(AT_FDCWD, "", -1, -1, AT_EMPTY_PATH));
}

CASE(errors)
{
    make_file("f", "");
    CHECK_EQ(0, symlink("nowhere", "dangling") | mkdir("d", 0700));
    make_file("d/f", "");
    CHECK_ERRNO(EINVAL, fchownat(AT_FDCWD, "f", -1, -1, 1));
    CHECK_ERRNO(EINVAL, fchownat(AT_FDCWD, BAD, -1, -1, AT_SYMLINK_FOLLOW)); /* the flags first */
    CHECK_ERRNO(ENOENT, fchownat(AT_FDCWD, "missing", -1, -1, 0));
    CHECK_ERRNO(ENOENT, fchownat(AT_FDCWD, "dangling", -1, -1, 0));
    CHECK_ERRNO(ENOENT, fchownat(AT_FDCWD, "", -1, -1, 0));
    CHECK_ERRNO(ENOTDIR, fchownat(AT_FDCWD, "f/", -1, -1, 0));
    CHECK_ERRNO(EFAULT, fchownat(AT_FDCWD, BAD, -1, -1, 0));
    CHECK_ERRNO(EBADF, fchownat(99, "f", -1, -1, 0));
    CHECK_ERRNO(EBADF, fchownat(99, "", -1, -1, AT_EMPTY_PATH));
    CHECK_EQ(0, chmod("d", 0600));
    int superuser = geteuid() == 0;
    if (superuser)
        CHECK_EQ(0, chown("d", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, fchownat(AT_FDCWD, "d/f", -1, -1, 0));
    if (superuser)
        CHECK_ERRNO(EPERM, fchownat(AT_FDCWD, "f", NOBODY, -1, 0));
}
