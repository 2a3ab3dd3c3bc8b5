#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <limits.h>

CASE(keeps_the_text_as_it_is)
{
    char text[64];
    CHECK_EQ(0, symlinkat("no/such//thing/../at all", AT_FDCWD, "link"));
    struct stat facts = facts_of("link");
    CHECK_EQ(S_IFLNK | 0777, facts.st_mode);
    CHECK_EQ(24, facts.st_size);
    CHECK_EQ(24, readlink("link", text, sizeof text));
    CHECK(memcmp(text, "no/such//thing/../at all", 24) == 0);
    CHECK_EQ(geteuid(), facts.st_uid);
    umask(0777);
    CHECK_EQ(0, mkdir("d", 0700) | chmod("d", 0700) | symlinkat("x", open("d", O_RDONLY), "link"));
    CHECK_EQ(0777, mode_of("d/link"));
}

CASE(long_texts)
{
    static char text[PATH_MAX + 2], got[PATH_MAX + 2];
    memset(text, 'x', 200), text[200] = 0;
    CHECK_EQ(0, symlinkat(text, AT_FDCWD, "link"));
    CHECK_EQ(200, readlink("link", got, sizeof got));
    CHECK(memcmp(text, got, 200) == 0);
    memset(text, 'x', PATH_MAX), text[PATH_MAX] = 0;
    CHECK_ERRNO(ENAMETOOLONG, symlinkat(text, AT_FDCWD, "longer"));
}

CASE(errors)
{
    char name[257];
    memset(name, 'n', 256), name[256] = 0;
    make_file("f", "");
    CHECK_EQ(0, symlink("nowhere", "link"));
    CHECK_ERRNO(ENOENT, symlinkat("", AT_FDCWD, "new"));
    CHECK_ERRNO(ENOENT, symlinkat("", AT_FDCWD, "f")); /* the text first */
    CHECK_ERRNO(ENOENT, symlinkat("x", AT_FDCWD, ""));
    CHECK_ERRNO(ENOENT, symlinkat("x", AT_FDCWD, "missing/new"));
    CHECK_ERRNO(ENOENT, symlinkat("x", AT_FDCWD, "new/"));
    CHECK_ERRNO(EEXIST, symlinkat("x", AT_FDCWD, "f"));
    CHECK_ERRNO(EEXIST, symlinkat("x", AT_FDCWD, "link"));
    CHECK_ERRNO(EEXIST, symlinkat("x", AT_FDCWD, "."));
    CHECK_ERRNO(ENOTDIR, symlinkat("x", AT_FDCWD, "f/new"));
    CHECK_ERRNO(ENAMETOOLONG, symlinkat("x", AT_FDCWD, name));
    CHECK_ERRNO(EFAULT, symlinkat(BAD, AT_FDCWD, ""));
    CHECK_ERRNO(EFAULT, symlinkat("x", AT_FDCWD, BAD));
    CHECK_ERRNO(EBADF, symlinkat("x", 99, "new"));
    CHECK_ERRNO(ENOTDIR, symlinkat("x", open("f", O_RDONLY), "new"));
    CHECK_EQ(0, mkdir("fixed", 0500));
    if (geteuid() == 0)
        CHECK_EQ(0, chown("fixed", NOBODY, NOBODY));
    as_ordinary_user();
    CHECK_ERRNO(EACCES, symlinkat("x", AT_FDCWD, "fixed/new"));
}
