#define _GNU_SOURCE
#include "sysv.h"
#include <sys/sem.h>

CASE(private_ones_differ)
{
    own_namespace();
    int one = semget(IPC_PRIVATE, 1, 0600), two = semget(IPC_PRIVATE, 3, 0600);
    CHECK(one >= 0 && two >= 0 && one != two);
    CHECK_EQ(0, semctl(one, 0, GETVAL));
    CHECK_EQ(0, semctl(two, 2, GETVAL));
    CHECK_EQ(0, semctl(one, 0, IPC_RMID));
    CHECK_EQ(0, semctl(two, 0, IPC_RMID));
}

CASE(by_key)
{
    own_namespace();
    key_t key = own_key(1);
    CHECK_ERRNO(ENOENT, semget(key, 1, 0));
    int id = semget(key, 2, IPC_CREAT | 0600);
    CHECK(id >= 0);
    CHECK_EQ(id, semget(key, 2, IPC_CREAT | 0600));
    CHECK_EQ(id, semget(key, 0, 0));
    CHECK_EQ(id, semget(key, 1, 0));
    CHECK_ERRNO(EINVAL, semget(key, 3, 0)); /* more than it has */
    CHECK_ERRNO(EEXIST, semget(key, 2, IPC_CREAT | IPC_EXCL));
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
    CHECK_ERRNO(ENOENT, semget(key, 1, 0));
}

CASE(errors)
{
    own_namespace();
    CHECK_ERRNO(EINVAL, semget(IPC_PRIVATE, -1, 0600));
    CHECK_ERRNO(EINVAL, semget(IPC_PRIVATE, 0, 0600));
    CHECK_ERRNO(EINVAL, semget(IPC_PRIVATE, 32001, 0600));
    CHECK_ERRNO(EINVAL, semget(own_key(2), 40000, IPC_CREAT | 0600));
}

CASE(permission)
{
    own_namespace();
    key_t key = own_key(3);
    int id = semget(key, 1, IPC_CREAT | 0640);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_ERRNO(EACCES, semget(key, 1, 0400));
        CHECK_EQ(id, semget(key, 1, 0));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(memory)
{
#ifdef __riscv /* ipc/sem.c:sem_alloc fails: all sets together would need more than the machine may give */
    int last = -1, id;
    while ((id = semget(IPC_PRIVATE, 32000, 0600)) >= 0)
        last = id;
    CHECK_EQ(ENOMEM, errno);
    CHECK(last >= 0);
    for (int at = 0; (id = semctl(at, 0, SEM_STAT, (char[256]){0})) >= 0; at++)
        CHECK_EQ(0, semctl(id, 0, IPC_RMID));
#endif
}
