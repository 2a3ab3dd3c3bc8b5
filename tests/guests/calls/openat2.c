#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define BAD ((void *)-4096l)
enum { NO_XDEV = 1, NO_MAGICLINKS = 2, NO_SYMLINKS = 4, BENEATH = 8, IN_ROOT = 16 };

struct how {
    uint64_t flags, mode, resolve;
};

static long open_with(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
    struct how how = {flags, mode, resolve};
    return syscall(437, dirfd, path, &how, sizeof how);
}

#define OPENS(call_) CHECK_EQ(0, close((int)(call_)))

static int tree(void)
{
    CHECK_EQ(0, mkdir("top", 0700));
    CHECK_EQ(0, mkdir("top/in", 0700));
    close(open("top/file", O_CREAT | O_WRONLY, 0600));
    close(open("outside", O_CREAT | O_WRONLY, 0600));
    CHECK_EQ(0, symlink("file", "top/link"));
    CHECK_EQ(0, symlink("../file", "top/in/up"));
    CHECK_EQ(0, symlink("../outside", "top/escape"));
    CHECK_EQ(0, symlink("/file", "top/absolute"));
    CHECK_EQ(0, symlink("/", "top/root"));
    return open("top", O_RDONLY | O_DIRECTORY);
}

CASE(as_openat)
{
    int top = tree();
    OPENS(open_with(AT_FDCWD, "top/file", O_RDONLY, 0, 0));
    OPENS(open_with(top, "link", O_RDWR, 0, 0));
    OPENS(open_with(top, "../outside", O_RDONLY, 0, 0));
    umask(022);
    int new = (int)open_with(top, "new", O_CREAT | O_WRONLY | O_CLOEXEC, 0666, 0);
    CHECK_EQ(FD_CLOEXEC, fcntl(new, F_GETFD));
    struct stat status;
    CHECK_EQ(0, fstat(new, &status));
    CHECK_EQ(0644, status.st_mode & 07777);
    OPENS(open_with(top, ".", O_TMPFILE | O_RDWR, 0600, 0));
    OPENS(open_with(top, "file", O_PATH, 0, 0));
}

CASE(no_symlinks)
{
    int top = tree();
    OPENS(open_with(top, "file", O_RDONLY, 0, NO_SYMLINKS));
    CHECK_ERRNO(ELOOP, open_with(top, "link", O_RDONLY, 0, NO_SYMLINKS));
    CHECK_ERRNO(ELOOP, open_with(top, "root/tmp", O_RDONLY, 0, NO_SYMLINKS));
    CHECK_ERRNO(ELOOP, open_with(top, "link", O_CREAT | O_WRONLY, 0600, NO_SYMLINKS));
    OPENS(open_with(top, "link", O_PATH | O_NOFOLLOW, 0, NO_SYMLINKS)); /* the link itself */
}

CASE(no_magic_links)
{
    char path[64];
    int top = tree();
    snprintf(path, sizeof path, "/proc/self/fd/%d", top);
    OPENS(open_with(AT_FDCWD, path, O_RDONLY, 0, 0));
    CHECK_ERRNO(ELOOP, open_with(AT_FDCWD, path, O_RDONLY, 0, NO_MAGICLINKS));
    CHECK_ERRNO(ELOOP, open_with(AT_FDCWD, "/proc/self/root/tmp", O_RDONLY, 0, NO_MAGICLINKS));
    OPENS(open_with(AT_FDCWD, "/proc/self/stat", O_RDONLY, 0, NO_MAGICLINKS)); /* a text, no magic */
    OPENS(open_with(top, "link", O_RDONLY, 0, NO_MAGICLINKS));
}

CASE(no_other_mount)
{
    int root = open("/", O_RDONLY | O_DIRECTORY), proc = open("/proc", O_RDONLY | O_DIRECTORY);
    CHECK_ERRNO(EXDEV, open_with(root, "proc/self/stat", O_RDONLY, 0, NO_XDEV));
    CHECK_ERRNO(EXDEV, open_with(proc, "..", O_RDONLY, 0, NO_XDEV));
    OPENS(open_with(proc, "self/stat", O_RDONLY, 0, NO_XDEV));
    CHECK_ERRNO(EXDEV, open_with(proc, "self/root", O_RDONLY, 0, NO_XDEV));
}

CASE(beneath)
{
    int top = tree();
    OPENS(open_with(top, "file", O_RDONLY, 0, BENEATH));
    OPENS(open_with(top, "in/../file", O_RDONLY, 0, BENEATH));
    OPENS(open_with(top, "in/up", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(top, "..", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(top, "../top/file", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(top, "in/../../outside", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(top, "escape", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(top, "absolute", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(top, "/tmp", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(top, "../new", O_CREAT | O_WRONLY, 0600, BENEATH));
    CHECK_ERRNO(ENOENT, open_with(AT_FDCWD, "new", O_RDONLY, 0, 0));
    OPENS(open_with(AT_FDCWD, "top/file", O_RDONLY, 0, BENEATH));
    CHECK_ERRNO(EXDEV, open_with(AT_FDCWD, "..", O_RDONLY, 0, BENEATH));
}

CASE(in_root)
{
    int top = tree();
    OPENS(open_with(top, "/file", O_RDONLY, 0, IN_ROOT));
    OPENS(open_with(top, "../../file", O_RDONLY, 0, IN_ROOT));
    OPENS(open_with(top, "absolute", O_RDONLY, 0, IN_ROOT));
    OPENS(open_with(top, "root/in/up", O_RDONLY, 0, IN_ROOT));
    CHECK_ERRNO(ENOENT, open_with(top, "escape", O_RDONLY, 0, IN_ROOT));
    CHECK_ERRNO(ENOENT, open_with(top, "/tmp", O_RDONLY, 0, IN_ROOT));
    CHECK_ERRNO(ENOTDIR, open_with((int)open_with(top, "file", O_RDONLY, 0, 0), "/file", O_RDONLY, 0, IN_ROOT));
    CHECK_ERRNO(EBADF, open_with(99, "/file", O_RDONLY, 0, IN_ROOT));
    int proc = open("/proc", O_RDONLY | O_DIRECTORY);
    CHECK_ERRNO(EXDEV, open_with(proc, "self/root", O_RDONLY, 0, IN_ROOT)); /* magic leads anywhere */
    CHECK_ERRNO(EXDEV, open_with(proc, "self/root", O_RDONLY, 0, BENEATH));
}

CASE(every_argument_is_checked)
{
    struct how how = {O_RDONLY, 0, 0};
    unsigned char longer[40] = {0};
    int top = tree();
    CHECK_ERRNO(EINVAL, syscall(437, top, BAD, &how, 23));
    CHECK_ERRNO(E2BIG, syscall(437, top, BAD, &how, 4097));
    CHECK_ERRNO(EFAULT, syscall(437, top, "file", BAD, 24));
    CHECK_EQ(0, close((int)syscall(437, top, "file", longer, 40)));
    longer[39] = 1;
    CHECK_ERRNO(E2BIG, syscall(437, top, "file", longer, 40));
    CHECK_ERRNO(EINVAL, open_with(top, BAD, 1ull << 40, 0, 0));
    CHECK_ERRNO(EINVAL, open_with(top, BAD, 0x4, 0, 0)); /* openat drops it */
    CHECK_ERRNO(EINVAL, open_with(top, BAD, O_RDONLY, 0, 1u << 20));
    CHECK_ERRNO(EINVAL, open_with(top, BAD, O_RDONLY, 0, BENEATH | IN_ROOT));
    CHECK_ERRNO(EINVAL, open_with(top, BAD, O_RDONLY, 0600, 0)); /* nothing is made */
    CHECK_ERRNO(EINVAL, open_with(top, BAD, O_CREAT | O_WRONLY, 010000, 0));
    CHECK_ERRNO(EINVAL, open_with(top, BAD, O_PATH | O_RDWR, 0, 0));
    CHECK_ERRNO(EINVAL, open_with(top, BAD, O_TMPFILE, 0600, 0)); /* only to write */
    CHECK_ERRNO(EFAULT, open_with(top, BAD, O_RDONLY, 0, 0));
    CHECK_ERRNO(ENOENT, open_with(top, "", O_RDONLY, 0, 0));
    CHECK_ERRNO(EBADF, open_with(99, "file", O_RDONLY, 0, 0));
    CHECK_ERRNO(ENOENT, open_with(top, "nothing", O_RDONLY, 0, 0));
}
