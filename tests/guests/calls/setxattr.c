#define _GNU_SOURCE
#include "check.h"
#include "xattrs.h"

CASE(sets_and_replaces)
{
    char back[16] = {0};
    make_files();
    CHECK_EQ(0, setxattr("f", "user.a", "one", 3, 0));
    CHECK_EQ(3, getxattr("f", "user.a", back, 16));
    CHECK_EQ(0, memcmp("one", back, 3));
    CHECK_EQ(0, setxattr("l", "user.a", "other", 5, 0)); /* through the link */
    CHECK_EQ(5, getxattr("f", "user.a", back, 16));
    CHECK_EQ(0, setxattr("f", "user.a", NULL, 0, 0));
    CHECK_EQ(0, getxattr("f", "user.a", back, 16));
    CHECK_EQ(0, setxattr("d", "user.a", "x", 1, 0));
}

CASE(create_and_replace)
{
    make_files();
    CHECK_ERRNO(ENODATA, setxattr("f", "user.a", "1", 1, XATTR_REPLACE));
    CHECK_EQ(0, setxattr("f", "user.a", "1", 1, XATTR_CREATE));
    CHECK_ERRNO(EEXIST, setxattr("f", "user.a", "2", 1, XATTR_CREATE));
    CHECK_EQ(0, setxattr("f", "user.a", "3", 1, XATTR_REPLACE));
    CHECK_ERRNO(EINVAL, setxattr("f", "user.a", "1", 1, 4));
}

CASE(names_and_sizes)
{
    make_files();
    CHECK_ERRNO(ERANGE, setxattr("f", "", "1", 1, 0));
    CHECK_ERRNO(ERANGE, setxattr("f", long_name(256), "1", 1, 0));
    CHECK_EQ(0, setxattr("f", long_name(255), "1", 1, 0));
    CHECK_ERRNO(EINVAL, setxattr("f", "user.", "1", 1, 0));
    CHECK_ERRNO(EOPNOTSUPP, setxattr("f", "none.a", "1", 1, 0));
    CHECK_ERRNO(EOPNOTSUPP, setxattr("f", "a", "1", 1, 0));
    CHECK_ERRNO(E2BIG, setxattr("f", "user.a", "", 65537, 0));
}

CASE(paths_and_pointers)
{
    make_files();
    CHECK_ERRNO(ENOENT, setxattr("none", "user.a", "1", 1, 0));
    CHECK_ERRNO(ENOTDIR, setxattr("f/x", "user.a", "1", 1, 0));
    CHECK_ERRNO(EFAULT, setxattr((char *)-4096, "user.a", "1", 1, 0));
    CHECK_ERRNO(EFAULT, setxattr("f", (char *)-4096, "1", 1, 0));
    CHECK_ERRNO(EFAULT, setxattr("f", "user.a", (void *)-4096, 1, 0));
}

CASE(user_attributes_are_for_files_and_folders)
{
    make_files();
    CHECK_EQ(0, mkfifo("p", 0600));
    CHECK_ERRNO(EPERM, setxattr("p", "user.a", "1", 1, 0));
    CHECK_ERRNO(EPERM, lsetxattr("l", "user.a", "1", 1, 0));
}

CASE(permissions)
{
    make_files();
    CHECK_EQ(0, mkdir("sticky", 01777));
    CHECK_EQ(0, chmod("sticky", 01777));
    CHECK_EQ(0, chmod("f", 0644));
    CHECK_EQ(0, close(open("free", O_CREAT | O_RDWR, 0666)));
    CHECK_EQ(0, chmod("free", 0666));
    if (!become_stranger())
        return;
    CHECK_ERRNO(EACCES, setxattr("f", "user.a", "1", 1, 0));
    CHECK_EQ(0, setxattr("free", "user.a", "1", 1, 0));
    CHECK_ERRNO(EPERM, setxattr("sticky", "user.a", "1", 1, 0));
    CHECK_ERRNO(EPERM, setxattr("free", "trusted.a", "1", 1, 0));
    CHECK_ERRNO(EPERM, setxattr("free", "security.a", "1", 1, 0));
}

CASE(privileged_spaces)
{
    make_files();
    if (geteuid() != 0)
        return;
    char back[8];
    CHECK_EQ(0, setxattr("f", "trusted.a", "1", 1, 0));
    CHECK_EQ(1, getxattr("f", "trusted.a", back, 8));
    CHECK_EQ(0, lsetxattr("l", "trusted.b", "22", 2, 0)); /* any kind of file */
    CHECK_EQ(2, lgetxattr("l", "trusted.b", back, 8));
    CHECK_ERRNO(EINVAL, setxattr("f", "security.capability", "bad", 3, 0));
}

#ifdef __riscv /* what this needs of the host is a tmpfs of its own: xattr(7), tmpfs(5) */
CASE(not_every_file_system_keeps_them)
{
    CHECK_ERRNO(EOPNOTSUPP, setxattr("/proc/version", "user.a", "1", 1, 0));
    CHECK_ERRNO(EOPNOTSUPP, setxattr("/proc/version", "trusted.a", "1", 1, 0));
    make_files();
    CHECK_ERRNO(EOPNOTSUPP, setxattr("f", "system.posix_acl_access", "1", 1, 0));
}
#endif
