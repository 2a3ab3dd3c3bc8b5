#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <limits.h>

static char room[PATH_MAX];

static long getcwd_of(void *buffer, unsigned long size)
{
    return syscall(SYS_getcwd, buffer, size);
}

CASE(the_path_and_its_length)
{
    long size = getcwd_of(room, sizeof room);
    CHECK_EQ(strlen(room) + 1, size);
    CHECK_EQ('/', room[0]);
    CHECK(strcmp(strrchr(room, '/'), "/the_path_and_its_length") == 0);
    CHECK_EQ(0, mkdir("sub", 0700) | chdir("sub"));
    CHECK_EQ(size + 4, getcwd_of(room, sizeof room));
    CHECK(strcmp(strrchr(room, '/'), "/sub") == 0);
    CHECK_EQ(0, rename("../sub", "../moved")); /* it is the folder that counts, not its name */
    CHECK_EQ(size + 6, getcwd_of(room, sizeof room));
    CHECK(strcmp(strrchr(room, '/'), "/moved") == 0);
    CHECK_EQ(0, chdir("/"));
    CHECK_EQ(2, getcwd_of(room, sizeof room));
    CHECK(strcmp(room, "/") == 0);
}

CASE(symbolic_links_do_not_show)
{
    CHECK_EQ(0, mkdir("sub", 0700) | symlink("sub", "link") | chdir("link"));
    CHECK(getcwd_of(room, sizeof room) > 0);
    CHECK(strcmp(strrchr(room, '/'), "/sub") == 0);
}

CASE(sizes)
{
    long size = getcwd_of(room, sizeof room);
    CHECK_EQ(size, getcwd_of(room, (unsigned long)size));
    CHECK_ERRNO(ERANGE, getcwd_of(room, (unsigned long)size - 1));
    CHECK_ERRNO(ERANGE, getcwd_of(room, 0));
    CHECK_ERRNO(ERANGE, getcwd_of(BAD, 1)); /* the size before the address */
    CHECK_EQ(size, getcwd_of(at_edge((size_t)size), sizeof room)); /* only what is stored must be there */
    CHECK_ERRNO(EFAULT, getcwd_of(at_edge((size_t)size - 1), sizeof room));
    CHECK_ERRNO(EFAULT, getcwd_of(BAD, sizeof room));
    CHECK_ERRNO(EFAULT, getcwd_of(readonly_page(), sizeof room));
    CHECK_ERRNO(EFAULT, getcwd_of(NULL, sizeof room));
}

CASE(a_folder_that_has_gone)
{
    CHECK_EQ(0, mkdir("sub", 0700) | chdir("sub") | rmdir("../sub"));
    CHECK_ERRNO(ENOENT, getcwd_of(room, sizeof room));
    CHECK_ERRNO(ENOENT, getcwd_of(room, 0));
    CHECK_ERRNO(ENOENT, getcwd_of(BAD, sizeof room));
}
