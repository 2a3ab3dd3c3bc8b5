#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "files.h"
#include <stddef.h>

static struct stat facts;

static long fstat_of(int fd, void *buffer)
{
    return syscall(SYS_fstat, fd, buffer);
}

CASE(of_every_kind)
{
    int fd = file_of("f", "abc"), ends[2];
    CHECK_EQ(0, fstat_of(fd, &facts));
    CHECK(S_ISREG(facts.st_mode));
    CHECK_EQ(3, facts.st_size);
    CHECK_EQ(facts_of("f").st_ino, facts.st_ino);
    CHECK_EQ(facts_of("f").st_dev, facts.st_dev);
    CHECK_EQ(0, fstat_of(open(".", O_RDONLY), &facts));
    CHECK(S_ISDIR(facts.st_mode));
    CHECK_EQ(0, fstat_of(open("f", O_PATH), &facts));
    CHECK_EQ(3, facts.st_size);
    CHECK_EQ(0, pipe(ends) | fstat_of(ends[1], &facts));
    CHECK(S_ISFIFO(facts.st_mode));
    CHECK_EQ(geteuid(), facts.st_uid);
    CHECK_EQ(0, unlink("f") | fstat_of(fd, &facts));
    CHECK_EQ(0, facts.st_nlink);
}

CASE(sees_what_others_do)
{
    int fd = file_of("f", "");
    CHECK_EQ(4, write(open("f", O_WRONLY), "abcd", 4));
    CHECK_EQ(0, chmod("f", 0123) | fstat_of(fd, &facts));
    CHECK_EQ(4, facts.st_size);
    CHECK_EQ(S_IFREG | 0123, facts.st_mode);
}

CASE(errors)
{
    int fd = file_of("f", "");
    CHECK_ERRNO(EBADF, fstat_of(99, &facts));
    CHECK_ERRNO(EBADF, fstat_of(-1, BAD));
    CHECK_ERRNO(EFAULT, fstat_of(fd, BAD));
    CHECK_ERRNO(EFAULT, fstat_of(fd, NULL));
    CHECK_ERRNO(EFAULT, fstat_of(fd, readonly_page()));
    CHECK_ERRNO(EFAULT, fstat_of(fd, at_edge(sizeof facts - 1)));
    CHECK_EQ(0, fstat_of(fd, at_edge(sizeof facts)));
}

#ifdef __riscv
/* include/uapi/asm-generic/stat.h, 64 bits */
CASE(the_layout)
{
    CHECK_EQ(128, sizeof facts);
    CHECK_EQ(16, offsetof(struct stat, st_mode));
    CHECK_EQ(20, offsetof(struct stat, st_nlink));
    CHECK_EQ(48, offsetof(struct stat, st_size));
    CHECK_EQ(72, offsetof(struct stat, st_atim));
}
#endif
