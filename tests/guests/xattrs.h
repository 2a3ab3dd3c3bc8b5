/* What the programs on extended attributes share: a file, a folder and a link to try them on. */
#ifndef XATTRS_H
#define XATTRS_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Makes `f`, `d` and the link `l` to `f`. Ends the case where the file system keeps no attributes; rvsim's tmpfs must. */
static inline void make_files(void)
{
    close(open("f", O_CREAT | O_RDWR, 0644));
    CHECK_EQ(0, mkdir("d", 0755));
    CHECK_EQ(0, symlink("f", "l"));
    struct statfs facts;
    CHECK_EQ(0, statfs(".", &facts));
    int needed = 0;
#ifdef __riscv
    needed = facts.f_type == 0x01021994;
#endif
    if (setxattr("f", "user.probe", "", 0, 0) != 0 && errno == EOPNOTSUPP && !needed)
        _exit(0);
    CHECK_EQ(0, removexattr("f", "user.probe"));
}

static inline char *long_name(int length)
{
    static char name[300];
    memset(name, 'n', sizeof(name));
    memcpy(name, "user.", 5);
    name[length] = 0;
    return name;
}

/* Goes on as another user, who does not own the files. */
static inline int become_stranger(void)
{
    return geteuid() == 0 && setgid(1234) == 0 && setuid(1234) == 0;
}

/* Whether `name` is in the NUL-separated `list`. */
static inline int listed(const char *list, long size, const char *name)
{
    for (const char *at = list; at < list + size; at += strlen(at) + 1)
        if (strcmp(at, name) == 0)
            return 1;
    return 0;
}
#endif
