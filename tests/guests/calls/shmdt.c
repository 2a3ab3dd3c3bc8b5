#define _GNU_SOURCE
#include "sysv.h"
#include <sys/shm.h>

static unsigned long attached(int id)
{
    struct shmid_ds facts;
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    return facts.shm_nattch;
}

CASE(lets_go)
{
    own_namespace();
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    char *one = shmat(id, NULL, 0), *two = shmat(id, NULL, 0);
    CHECK_EQ(0, shmdt(one));
    CHECK_ERRNO(EINVAL, shmdt(one));
    int ends[2];
    CHECK_EQ(0, pipe(ends));
    CHECK_ERRNO(EFAULT, write(ends[1], one, 1));
    two[0] = 1;
    CHECK_EQ(1, attached(id));
    CHECK_EQ(0, shmdt(two));
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(pieces)
{
    own_namespace();
    int id = shmget(IPC_PRIVATE, 5 * 4096, 0600);
    char *at = shmat(id, NULL, 0);
    CHECK_EQ(0, mprotect(at + 4096, 4096, PROT_READ)); /* three areas now */
    CHECK_EQ(3, attached(id));
    CHECK_ERRNO(EINVAL, shmdt(at + 4096));
    CHECK_EQ(0, shmdt(at));
    CHECK_EQ(0, attached(id));
    at = shmat(id, NULL, 0);
    CHECK_EQ(0, munmap(at, 4096)); /* the first piece is gone, the rest knows where it began */
    CHECK_EQ(0, shmdt(at));
    CHECK_EQ(0, attached(id));
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(other_mappings_stay)
{
    own_namespace();
    int id = shmget(IPC_PRIVATE, 3 * 4096, 0600);
    char *at = shmat(id, NULL, 0);
    char *over = mmap(at + 4096, 4096, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    over[0] = 5;
    CHECK_EQ(0, shmdt(at));
    CHECK_EQ(5, over[0]);
    CHECK_EQ(0, attached(id));
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(errors)
{
    char *anonymous = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_ERRNO(EINVAL, shmdt(NULL));
    CHECK_ERRNO(EINVAL, shmdt(anonymous));
    CHECK_ERRNO(EINVAL, shmdt(anonymous + 1));
    CHECK_ERRNO(EINVAL, shmdt((void *)-4096));
}
