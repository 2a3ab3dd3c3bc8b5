/* Every call on IPC objects, for the comparison of traces: see calls.c. Each run has a namespace of its own, or skips. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define S(...) syscall(__VA_ARGS__)

static char buf[8192];

static void shared_memory(void) {
    long id = S(SYS_shmget, 0L, 5000L, 01600L);
    S(SYS_shmget, 0x1234L, 5000L, (long)IPC_EXCL);
    S(SYS_shmget, -5L, 0L, 03000L | SHM_RDONLY);
    long at = S(SYS_shmat, id, 0L, 0L);
    S(SYS_shmat, id, 3L, (long)SHM_RDONLY | SHM_RND | SHM_EXEC);
    S(SYS_shmat, 77L, 4096L, (long)SHM_REMAP);
    S(SYS_shmctl, id, (long)IPC_STAT, buf);
    S(SYS_shmctl, 99L, (long)IPC_STAT, buf);
    S(SYS_shmctl, id, (long)IPC_SET, buf);
    S(SYS_shmctl, id, (long)SHM_LOCK, 0L);
    S(SYS_shmctl, 0L, (long)SHM_INFO, 8L);
    S(SYS_shmctl, id, 99L, 8L);
    S(SYS_shmdt, at);
    S(SYS_shmdt, 4097L);
    S(SYS_shmctl, id, (long)IPC_RMID, 0L);
}

int main(void) {
    syscall(SYS_unshare, 0x08000000L);
    S(SYS_write, 1L, "BEGIN\n", 6L);
    shared_memory();
    S(SYS_write, 1L, "END\n", 4L);
    S(SYS_exit_group, 0L);
}
