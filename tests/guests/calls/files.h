/* Files and users for the cases of calls on files. */
#ifndef FILES_H
#define FILES_H

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define NOBODY 65534u

/* A file that holds `text`, open for reading and writing, its offset at 0. */
static inline int file_of(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0644);
    CHECK(fd >= 0);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Make a file that holds `text`. */
static inline void make_file(const char *name, const char *text)
{
    close(file_of(name, text));
}

/* That a file holds `text` and no more. */
static inline void check_file(const char *name, const char *text)
{
    static char got[8192];
    int fd = open(name, O_RDONLY);
    CHECK(fd >= 0);
    ssize_t size = read(fd, got, sizeof got - 1);
    CHECK(size >= 0);
    got[size] = 0;
    close(fd);
    if (strcmp(got, text) != 0)
        CHECK_FAIL("%s holds %s, not %s", name, got, text);
}

/* The facts of a name, its last symbolic link not followed. */
static inline struct stat facts_of(const char *name)
{
    struct stat facts;
    CHECK_EQ(0, lstat(name, &facts));
    return facts;
}

static inline int mode_of(const char *name)
{
    return facts_of(name).st_mode & 07777;
}

static inline int exists(const char *name)
{
    struct stat facts;
    return lstat(name, &facts) == 0;
}

static inline int lowest_free(void)
{
    int fd = dup(1);
    close(fd);
    return fd;
}

/* Allow no more descriptors than there are. */
static inline void no_more_descriptors(void)
{
    struct rlimit limit;
    CHECK_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = (rlim_t)lowest_free();
    CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
}

/* From here on an ordinary user, who owns the folder of this case: the superuser becomes nobody. */
static inline void as_ordinary_user(void)
{
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, chown(".", NOBODY, NOBODY));
    CHECK_EQ(0, setgroups(0, NULL));
    CHECK_EQ(0, setresgid(NOBODY, NOBODY, NOBODY));
    CHECK_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
}

#endif
