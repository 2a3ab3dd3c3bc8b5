#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <sys/sysmacros.h>

static long mknodat_of(int folder, const char *path, unsigned mode, unsigned device)
{
    return syscall(SYS_mknodat, folder, path, mode, device);
}

CASE(files_fifos_and_sockets)
{
    umask(022);
    CHECK_EQ(0, mknodat_of(AT_FDCWD, "file", S_IFREG | 0666, 0));
    CHECK_EQ(S_IFREG | 0644, facts_of("file").st_mode);
    CHECK_EQ(0, mknodat_of(AT_FDCWD, "plain", 0666, 77)); /* without a type a file */
    CHECK_EQ(S_IFREG | 0644, facts_of("plain").st_mode);
    CHECK_EQ(0, mknodat_of(AT_FDCWD, "fifo", S_IFIFO | 0777, 0));
    CHECK_EQ(S_IFIFO | 0755, facts_of("fifo").st_mode);
    CHECK_EQ(0, mknodat_of(open(".", O_PATH), "socket", S_IFSOCK | 0777, 0));
    CHECK_EQ(S_IFSOCK | 0755, facts_of("socket").st_mode);
    CHECK_ERRNO(ENXIO, open("socket", O_RDWR));
    CHECK_EQ(geteuid(), facts_of("fifo").st_uid);
}

CASE(devices)
{
    if (geteuid() != 0)
        return;
    umask(022);
    CHECK_EQ(0, mknodat_of(AT_FDCWD, "null", S_IFCHR | 0666, makedev(1, 3)));
    struct stat facts = facts_of("null");
    CHECK_EQ(S_IFCHR | 0644, facts.st_mode);
    CHECK_EQ(1, major(facts.st_rdev));
    CHECK_EQ(3, minor(facts.st_rdev));
    CHECK_EQ(0, mknodat_of(AT_FDCWD, "disk", S_IFBLK | 0600, makedev(0x123, 0x45678)));
    facts = facts_of("disk");
    CHECK_EQ(S_IFBLK | 0600, facts.st_mode);
    CHECK_EQ(0x123, major(facts.st_rdev));
    CHECK_EQ(0x45678, minor(facts.st_rdev));
    CHECK_ERRNO(ENXIO, open("disk", O_RDONLY)); /* nobody serves it */
}

CASE(errors)
{
    make_file("f", "");
    CHECK_EQ(0, symlink("nowhere", "link"));
    CHECK_ERRNO(EEXIST, mknodat_of(AT_FDCWD, "f", S_IFIFO | 0600, 0));
    CHECK_ERRNO(EEXIST, mknodat_of(AT_FDCWD, "link", S_IFIFO | 0600, 0));
    CHECK_ERRNO(EEXIST, mknodat_of(AT_FDCWD, ".", S_IFIFO | 0600, 0));
    CHECK_ERRNO(ENOENT, mknodat_of(AT_FDCWD, "new/", S_IFIFO | 0600, 0));
    CHECK_ERRNO(ENOENT, mknodat_of(AT_FDCWD, "missing/new", S_IFIFO | 0600, 0));
    CHECK_ERRNO(ENOENT, mknodat_of(AT_FDCWD, "", S_IFIFO | 0600, 0));
    CHECK_ERRNO(ENOTDIR, mknodat_of(AT_FDCWD, "f/new", S_IFIFO | 0600, 0));
    CHECK_ERRNO(EPERM, mknodat_of(AT_FDCWD, "new", S_IFDIR | 0700, 0));
    CHECK_ERRNO(EINVAL, mknodat_of(AT_FDCWD, "new", S_IFLNK | 0700, 0));
    CHECK_ERRNO(EINVAL, mknodat_of(AT_FDCWD, "new", 0170000 | 0700, 0));
    CHECK_ERRNO(EFAULT, mknodat_of(AT_FDCWD, BAD, S_IFIFO | 0600, 0));
    CHECK_ERRNO(EPERM, mknodat_of(AT_FDCWD, BAD, S_IFDIR | 0700, 0)); /* the type before the name */
    CHECK_ERRNO(EINVAL, mknodat_of(99, BAD, S_IFLNK | 0700, 0));
    CHECK_ERRNO(EBADF, mknodat_of(99, "new", S_IFIFO | 0600, 0));
    CHECK(!exists("new"));
}

CASE(rights)
{
    make_file("f", "");
    CHECK_EQ(0, mkdir("fixed", 0500));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("fixed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EPERM, mknodat_of(AT_FDCWD, "new", S_IFCHR | 0600, makedev(1, 3)));
    CHECK_ERRNO(EPERM, mknodat_of(AT_FDCWD, "new", S_IFBLK | 0600, 0));
    CHECK_ERRNO(EEXIST, mknodat_of(AT_FDCWD, "f", S_IFCHR | 0600, makedev(1, 3)));
    CHECK_ERRNO(EACCES, mknodat_of(AT_FDCWD, "fixed/new", S_IFCHR | 0600, makedev(1, 3)));
    CHECK_ERRNO(EACCES, mknodat_of(AT_FDCWD, "fixed/new", S_IFIFO | 0600, 0));
}
