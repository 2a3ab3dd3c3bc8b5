#define _GNU_SOURCE
#include "check.h"
#include "child.h"

CASE(the_parent)
{
    pid_t me = getpid(), pid = forked();
    if (pid == 0)
        _exit(syscall(SYS_getppid) != me);
    CHECK_EQ(0, status_of(pid));
    CHECK(getppid() != me);
}

CASE(orphans_get_another)
{
    int ends[2];
    pid_t seen[2];
    CHECK_EQ(0, pipe(ends));
    pid_t pid = forked();
    if (pid == 0) {
        pid_t parent = getpid();
        if (forked() == 0) {
            while (getppid() == parent)
                pause_ms(1);
            seen[0] = parent, seen[1] = getppid();
            _exit(write(ends[1], seen, sizeof seen) != sizeof seen);
        }
        _exit(0);
    }
    CHECK_EQ(0, status_of(pid));
    CHECK_EQ(sizeof seen, read(ends[0], seen, sizeof seen));
    CHECK_EQ(pid, seen[0]);
    CHECK(seen[1] != pid && seen[1] != getpid() && seen[1] >= 0);
}
