#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"

static char room[64];

static long readlinkat_of(int folder, const char *path, void *buffer, int size)
{
    return syscall(SYS_readlinkat, folder, path, buffer, size);
}

CASE(cuts_and_adds_no_nul)
{
    CHECK_EQ(0, symlink("target", "link"));
    memset(room, '#', sizeof room);
    CHECK_EQ(6, readlinkat_of(AT_FDCWD, "link", room, sizeof room));
    CHECK(memcmp(room, "target#", 7) == 0);
    CHECK_EQ(3, readlinkat_of(open(".", O_PATH), "link", room, 3));
    CHECK_EQ(6, readlinkat_of(AT_FDCWD, "link", at_edge(6), 100)); /* only what is stored must be there */
}

CASE(of_an_open_link)
{
    CHECK_EQ(0, symlink("target", "link"));
    make_file("f", "");
    CHECK_EQ(6, readlinkat_of(open("link", O_PATH | O_NOFOLLOW), "", room, sizeof room));
    CHECK_ERRNO(ENOENT, readlinkat_of(open("f", O_PATH), "", room, sizeof room));
    CHECK_ERRNO(ENOENT, readlinkat_of(open(".", O_PATH), "", room, sizeof room));
    CHECK_ERRNO(ENOENT, readlinkat_of(AT_FDCWD, "", room, sizeof room));
    CHECK_ERRNO(EBADF, readlinkat_of(99, "", room, sizeof room));
}

CASE(links_on_the_way_are_followed)
{
    CHECK_EQ(0, mkdir("d", 0700) | symlink("d", "to_d") | symlink("target", "d/link"));
    CHECK_EQ(6, readlinkat_of(AT_FDCWD, "to_d/link", room, sizeof room));
    CHECK_EQ(1, readlinkat_of(AT_FDCWD, "to_d", room, sizeof room));
    CHECK_ERRNO(EINVAL, readlinkat_of(AT_FDCWD, "to_d/", room, sizeof room)); /* the slash follows */
}

CASE(links_of_proc)
{
    int fd = file_of("f", "");
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    static char path[4096];
    long size = readlinkat_of(AT_FDCWD, name, path, sizeof path - 1);
    CHECK(size > 0);
    CHECK(strcmp(strrchr(path, '/'), "/f") == 0);
    CHECK_EQ(0, unlink("f"));
    size = readlinkat_of(AT_FDCWD, name, path, sizeof path - 1);
    path[size] = 0;
    CHECK(strcmp(strrchr(path, '/'), "/f (deleted)") == 0);
}

CASE(errors)
{
    make_file("f", "");
    CHECK_EQ(0, symlink("target", "link"));
    CHECK_ERRNO(EINVAL, readlinkat_of(AT_FDCWD, "f", room, sizeof room));
    CHECK_ERRNO(EINVAL, readlinkat_of(AT_FDCWD, ".", room, sizeof room));
    CHECK_ERRNO(EINVAL, readlinkat_of(AT_FDCWD, "link", room, 0));
    CHECK_ERRNO(EINVAL, readlinkat_of(AT_FDCWD, "link", room, -1));
    CHECK_ERRNO(EINVAL, readlinkat_of(AT_FDCWD, BAD, room, 0)); /* the size first */
    CHECK_ERRNO(ENOENT, readlinkat_of(AT_FDCWD, "missing", room, sizeof room));
    CHECK_ERRNO(ENOTDIR, readlinkat_of(AT_FDCWD, "f/x", room, sizeof room));
    CHECK_ERRNO(ENOTDIR, readlinkat_of(AT_FDCWD, "f/", room, sizeof room));
    CHECK_ERRNO(EFAULT, readlinkat_of(AT_FDCWD, BAD, room, sizeof room));
    CHECK_ERRNO(EFAULT, readlinkat_of(AT_FDCWD, "link", BAD, 64));
    CHECK_ERRNO(EFAULT, readlinkat_of(AT_FDCWD, "link", readonly_page(), 64));
    CHECK_ERRNO(EFAULT, readlinkat_of(AT_FDCWD, "link", at_edge(5), 64));
    CHECK_ERRNO(EINVAL, readlinkat_of(AT_FDCWD, "f", BAD, 64));
    CHECK_ERRNO(EBADF, readlinkat_of(99, "link", room, sizeof room));
}
