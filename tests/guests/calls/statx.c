#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <stdint.h>
#include <sys/sysmacros.h>
#include <time.h>

/* include/uapi/linux/stat.h */
struct moment {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};

struct facts {
    uint32_t mask, blksize;
    uint64_t attributes;
    uint32_t nlink, uid, gid;
    uint16_t mode, spare;
    uint64_t ino, size, blocks, attributes_mask;
    struct moment atime, btime, ctime, mtime;
    uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
    uint64_t mnt_id;
    uint32_t rest[26];
};

#define BASIC 0x7ffu
#define BTIME 0x800u
#define MNT_ID 0x1000u
#define RESERVED 0x80000000u
#define FORCE_SYNC 0x2000
#define DONT_SYNC 0x4000

static struct facts facts;

static long statx_of(int folder, const char *path, int flags, unsigned mask, void *buffer)
{
    return syscall(SYS_statx, folder, path, flags, mask, buffer);
}

CASE(the_same_as_stat)
{
    struct timespec times[2] = {{1000000001, 123456789}, {1500000002, 987654321}};
    int fd = file_of("f", "hello");
    CHECK_EQ(0, futimens(fd, times) | link("f", "g"));
    struct stat same = facts_of("f");
    CHECK_EQ(256, sizeof facts);
    CHECK_EQ(0, statx_of(AT_FDCWD, "f", 0, BASIC | BTIME, &facts));
    CHECK_EQ(BASIC, facts.mask & BASIC);
    CHECK_EQ(same.st_mode, facts.mode);
    CHECK_EQ(2, facts.nlink);
    CHECK_EQ(same.st_uid, facts.uid);
    CHECK_EQ(same.st_gid, facts.gid);
    CHECK_EQ(same.st_ino, facts.ino);
    CHECK_EQ(5, facts.size);
    CHECK_EQ(same.st_blocks, facts.blocks);
    CHECK_EQ(same.st_blksize, facts.blksize);
    CHECK_EQ(major(same.st_dev), facts.dev_major);
    CHECK_EQ(minor(same.st_dev), facts.dev_minor);
    CHECK(facts.atime.seconds == 1000000001 && facts.atime.nanoseconds == 123456789);
    CHECK(facts.mtime.seconds == 1500000002 && facts.mtime.nanoseconds == 987654321);
    CHECK(facts.ctime.seconds == same.st_ctim.tv_sec && facts.ctime.nanoseconds == same.st_ctim.tv_nsec);
    if (facts.mask & BTIME)
        CHECK(facts.btime.seconds > 1500000002); /* which utimensat does not set */
}

CASE(devices_links_and_descriptors)
{
    CHECK_EQ(0, statx_of(AT_FDCWD, "/dev/null", DONT_SYNC, BASIC, &facts));
    CHECK_EQ(1, facts.rdev_major);
    CHECK_EQ(3, facts.rdev_minor);
    CHECK_EQ(0, symlink("nowhere", "dangling"));
    CHECK_EQ(0, statx_of(AT_FDCWD, "dangling", AT_SYMLINK_NOFOLLOW | FORCE_SYNC, BASIC, &facts));
    CHECK_EQ(S_IFLNK | 0777, facts.mode);
    CHECK_ERRNO(ENOENT, statx_of(AT_FDCWD, "dangling", 0, BASIC, &facts));
    int fd = file_of("f", "abc");
    CHECK_EQ(0, statx_of(fd, "", AT_EMPTY_PATH, 0, &facts)); /* more is told than was asked for */
    CHECK_EQ(3, facts.size);
    CHECK_EQ(0, statx_of(fd, "", AT_EMPTY_PATH, ~RESERVED, &facts));
}

CASE(the_root_of_a_mount)
{
    CHECK_EQ(0, statx_of(AT_FDCWD, "/proc", 0, BASIC | MNT_ID, &facts));
    CHECK(facts.attributes_mask & 0x2000); /* STATX_ATTR_MOUNT_ROOT */
    CHECK(facts.attributes & 0x2000);
    uint64_t id = facts.mnt_id;
    CHECK_EQ(0, statx_of(AT_FDCWD, "/proc/self", 0, BASIC | MNT_ID, &facts));
    CHECK(!(facts.attributes & 0x2000));
    CHECK_EQ(id, facts.mnt_id);
    CHECK_EQ(0, statx_of(AT_FDCWD, ".", 0, BASIC | MNT_ID, &facts));
    CHECK(facts.mnt_id != id);
}

CASE(errors)
{
    make_file("f", "");
    CHECK_ERRNO(ENOENT, statx_of(AT_FDCWD, "missing", 0, BASIC, &facts));
    CHECK_ERRNO(ENOENT, statx_of(AT_FDCWD, "missing", 0, BASIC, BAD)); /* the path before the buffer */
    CHECK_ERRNO(ENOENT, statx_of(AT_FDCWD, "", 0, BASIC, &facts));
    CHECK_ERRNO(ENOTDIR, statx_of(AT_FDCWD, "f/x", 0, BASIC, &facts));
    CHECK_ERRNO(EFAULT, statx_of(AT_FDCWD, BAD, 0, BASIC, &facts));
    CHECK_ERRNO(EFAULT, statx_of(AT_FDCWD, "f", 0, BASIC, BAD));
    CHECK_ERRNO(EFAULT, statx_of(AT_FDCWD, "f", 0, BASIC, readonly_page()));
    CHECK_ERRNO(EFAULT, statx_of(AT_FDCWD, "f", 0, BASIC, at_edge(255)));
    CHECK_ERRNO(EINVAL, statx_of(AT_FDCWD, "f", 0, BASIC | RESERVED, &facts));
    CHECK_ERRNO(EINVAL, statx_of(AT_FDCWD, "f", FORCE_SYNC | DONT_SYNC, BASIC, &facts));
    CHECK_ERRNO(EINVAL, statx_of(AT_FDCWD, "f", 1, BASIC, &facts));
    CHECK_ERRNO(EINVAL, statx_of(AT_FDCWD, BAD, 1, BASIC, &facts)); /* the flags before the path */
    CHECK_ERRNO(EINVAL, statx_of(AT_FDCWD, BAD, 0, RESERVED, &facts));
    CHECK_ERRNO(EBADF, statx_of(99, "f", 0, BASIC, &facts));
    CHECK_ERRNO(EBADF, statx_of(99, "", AT_EMPTY_PATH, BASIC, &facts));
}
