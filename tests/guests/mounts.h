/* What the programs on mounts share. On the host they work in a mount namespace of their own, where it lets them have
 * one (unshare(2): CAP_SYS_ADMIN); otherwise they pass without having asked it. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* Makes a tmpfs at `t` in the working directory, and works in there. */
static inline void begin_mounting(void)
{
#ifndef __riscv
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        _exit(0);
#endif
    CHECK_EQ(0, mkdir("t", 0755));
    CHECK_EQ(0, mount("start", "t", "tmpfs", 0, NULL));
    CHECK_EQ(0, chdir("t"));
}

static inline void make_file(const char *name, const char *text)
{
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0755);
    CHECK(fd >= 0);
    CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
    CHECK_EQ(0, close(fd));
}

static inline int there(const char *name)
{
    return access(name, F_OK) == 0;
}

/* The line of a file of /proc/self in which `word` stands; an empty one if there is none. */
static inline const char *mount_line(const char *file, const char *word)
{
    static char line[1024];
    FILE *lines = fopen(file, "r");
    CHECK(lines != NULL);
    while (fgets(line, sizeof(line), lines))
        if (strstr(line, word)) {
            fclose(lines);
            return line;
        }
    fclose(lines);
    return strcpy(line, "");
}

static inline long statfs_flags(const char *name)
{
    struct statfs facts;
    CHECK_EQ(0, statfs(name, &facts));
    return facts.f_flags;
}
#endif
