/* Locked memory for the cases of a call. */
#ifndef LOCKED_H
#define LOCKED_H

#include "child.h"
#include "credentials.h"
#include "maps.h"

/* KiB of this process that are locked, as /proc shows them. */
static inline long locked_kib(void)
{
    static char text[8192];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t size = read(fd, text, sizeof text - 1);
    CHECK(size > 0);
    text[size] = 0;
    close(fd);
    const char *line = strstr(text, "VmLck:");
    CHECK(line != NULL);
    return strtol(line + 6, NULL, 10);
}

/* From here on no more than so many bytes may be locked. */
static inline void may_lock(rlim_t bytes)
{
    struct rlimit limit = {bytes, bytes};
    become_user();
    drop_capabilities();
    CHECK_EQ(0, setrlimit(RLIMIT_MEMLOCK, &limit));
}

/* Whether this process can lock so many bytes at all: a container may allow little. */
static inline int can_lock(rlim_t bytes)
{
    struct rlimit limit;
    CHECK_EQ(0, getrlimit(RLIMIT_MEMLOCK, &limit));
    return has_capability(CAP_IPC_LOCK_) || limit.rlim_cur >= bytes;
}

#endif
