#define _GNU_SOURCE
#include "sysv.h"
#include <sys/shm.h>

CASE(private_ones_differ)
{
    own_namespace();
    int one = shmget(IPC_PRIVATE, 1, 0600), two = shmget(IPC_PRIVATE, 1, IPC_CREAT | IPC_EXCL | 0600);
    CHECK(one >= 0 && two >= 0 && one != two);
    CHECK_EQ(0, shmctl(one, IPC_RMID, NULL));
    CHECK_EQ(0, shmctl(two, IPC_RMID, NULL));
}

CASE(by_key)
{
    own_namespace();
    key_t key = own_key(1);
    CHECK_ERRNO(ENOENT, shmget(key, 100, 0));
    int id = shmget(key, 100, IPC_CREAT | 0600);
    CHECK(id >= 0);
    CHECK_EQ(id, shmget(key, 100, IPC_CREAT | 0600));
    CHECK_EQ(id, shmget(key, 0, 0));
    CHECK_ERRNO(EEXIST, shmget(key, 100, IPC_CREAT | IPC_EXCL));
    CHECK_EQ(id, shmget(key, 100, IPC_EXCL));
    CHECK_ERRNO(EINVAL, shmget(key, 101, 0)); /* larger than it is */
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
    CHECK_ERRNO(ENOENT, shmget(key, 100, 0));
}

CASE(an_old_identifier_is_no_new_one)
{
    own_namespace();
    int old = shmget(IPC_PRIVATE, 1, 0600);
    CHECK_EQ(0, shmctl(old, IPC_RMID, NULL));
    int new = shmget(IPC_PRIVATE, 1, 0600);
    CHECK(new != old);
    CHECK_ERRNO(EINVAL, shmat(old, NULL, 0));
    CHECK_EQ(0, shmctl(new, IPC_RMID, NULL));
}

CASE(permission)
{
    own_namespace();
    key_t key = own_key(2);
    int id = shmget(key, 100, IPC_CREAT | 0640);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_ERRNO(EACCES, shmget(key, 100, 0400));
        CHECK_EQ(id, shmget(key, 100, 0));
        CHECK_ERRNO(EINVAL, shmget(key, 101, 0400)); /* the size is looked at first */
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(errors)
{
    own_namespace();
    CHECK_ERRNO(EINVAL, shmget(IPC_PRIVATE, 0, 0600));
    CHECK_ERRNO(EINVAL, shmget(own_key(4), 0, IPC_CREAT | 0600));
    CHECK_ERRNO(EINVAL, shmget(IPC_PRIVATE, -1, 0600));
#ifdef __riscv /* ipc/shm.c:newseg, mm/util.c:__vm_enough_memory: more than the machine has */
    CHECK_ERRNO(ENOMEM, shmget(IPC_PRIVATE, 1L << 40, 0600));
#endif
}

CASE(too_many)
{
    own_namespace();
#ifdef __riscv /* the host's limit may be any */
    int count = 0, first = shmget(IPC_PRIVATE, 1, 0600), id;
    while ((id = shmget(IPC_PRIVATE, 1, 0600)) >= 0)
        count++;
    CHECK_EQ(ENOSPC, errno);
    CHECK_EQ(4095, count);
    CHECK_EQ(0, shmctl(first, IPC_RMID, NULL));
    CHECK(shmget(IPC_PRIVATE, 1, 0600) >= 0);
    struct shmid_ds facts;
    for (int at = 0; at < 4096; at++) {
        id = shmctl(at, SHM_STAT, &facts);
        CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
    }
#endif
}
