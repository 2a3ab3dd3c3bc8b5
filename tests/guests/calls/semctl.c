#define _GNU_SOURCE
#include "sysv.h"
#include <sys/sem.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

CASE(values)
{
    unsigned short values[3] = {7, 8, 9}, got[3];
    own_namespace();
    int id = semget(IPC_PRIVATE, 3, 0600);
    CHECK_EQ(0, semctl(id, 0, SETALL, (union semun){.array = values}));
    CHECK_EQ(0, semctl(id, 0, GETALL, (union semun){.array = got}));
    CHECK_EQ(0, memcmp(values, got, sizeof got));
    CHECK_EQ(0, semctl(id, 1, SETVAL, (union semun){.val = 100}));
    CHECK_EQ(100, semctl(id, 1, GETVAL));
    CHECK_EQ(9, semctl(id, 2, GETVAL));
    CHECK_EQ(getpid(), semctl(id, 2, GETPID));
    CHECK_EQ(0, semctl(id, 1, GETNCNT) + semctl(id, 1, GETZCNT));
    values[2] = 32768;
    CHECK_ERRNO(ERANGE, semctl(id, 0, SETALL, (union semun){.array = values}));
    CHECK_ERRNO(ERANGE, semctl(id, 0, SETVAL, (union semun){.val = 32768}));
    CHECK_ERRNO(ERANGE, semctl(id, 0, SETVAL, (union semun){.val = -1}));
    CHECK_ERRNO(ERANGE, semctl(0x7ffffff0, 9, SETVAL, (union semun){.val = -1}));
    CHECK_EQ(7, semctl(id, 0, GETVAL));
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(facts)
{
    struct semid_ds facts;
    struct sembuf one = {0, 1, 0};
    own_namespace();
    int id = semget(own_key(1), 3, IPC_CREAT | 0640);
    time_t now = time(NULL);
    CHECK_EQ(0, semctl(id, 0, IPC_STAT, (union semun){.buf = &facts}));
    CHECK_EQ(own_key(1), facts.sem_perm.__key);
    CHECK_EQ(0640, facts.sem_perm.mode);
    CHECK_EQ(geteuid(), facts.sem_perm.cuid);
    CHECK_EQ(3, facts.sem_nsems);
    CHECK_EQ(0, facts.sem_otime);
    CHECK(facts.sem_ctime - now <= 1 && now - facts.sem_ctime <= 1);
    CHECK_EQ(0, semop(id, &one, 1));
    CHECK_EQ(0, semctl(id, 0, IPC_STAT, (union semun){.buf = &facts}));
    CHECK(facts.sem_otime >= now);
    facts.sem_perm.mode = 07611;
    facts.sem_perm.uid = 5;
    CHECK_EQ(0, semctl(id, 0, IPC_SET, (union semun){.buf = &facts}));
    CHECK_EQ(0, semctl(id, 0, IPC_STAT, (union semun){.buf = &facts}));
    CHECK_EQ(0611, facts.sem_perm.mode);
    CHECK_EQ(5, facts.sem_perm.uid);
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(tables)
{
    struct seminfo limits, usage;
    struct semid_ds facts;
    own_namespace();
    int id = semget(IPC_PRIVATE, 5, 0600), seen = 0;
    CHECK(semctl(0, 0, IPC_INFO, (union semun){.info = &limits}) >= 0);
    CHECK_EQ(32000, limits.semmsl);
    CHECK_EQ(32000, limits.semmni);
    CHECK_EQ(500, limits.semopm);
    CHECK_EQ(32767, limits.semvmx);
    CHECK_EQ(32767, limits.semaem);
    CHECK_EQ(20, limits.semusz);
    int highest = semctl(0, 0, SEM_INFO, (union semun){.info = &usage});
    CHECK(usage.semusz >= 1);
    CHECK(usage.semaem >= 5);
    for (int at = 0; at <= highest; at++)
        if (semctl(at, 0, SEM_STAT, (union semun){.buf = &facts}) == id) {
            seen++;
            CHECK_EQ(5, facts.sem_nsems);
        }
    CHECK_EQ(1, seen);
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(in_proc)
{
    char line[512], wanted[128];
    own_namespace();
    int id = semget(own_key(3), 4, IPC_CREAT | 0604), seen = 0;
    FILE *file = fopen("/proc/sysvipc/sem", "r");
    CHECK(file != NULL);
    CHECK(fgets(line, sizeof line, file) != NULL);
    CHECK_EQ(0, strcmp("       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n", line));
    sprintf(wanted, "%10d %10d  %4o %10d %5d ", own_key(3), id, 0604, 4, geteuid());
    while (fgets(line, sizeof line, file))
        seen += strncmp(line, wanted, strlen(wanted)) == 0;
    CHECK_EQ(1, seen);
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(errors)
{
    own_namespace();
    int id = semget(IPC_PRIVATE, 2, 0600);
    CHECK_ERRNO(EINVAL, semctl(-1, 0, GETVAL));
    CHECK_ERRNO(EINVAL, semctl(0x7ffffff0, 0, GETVAL));
    CHECK_ERRNO(EINVAL, semctl(id, 2, GETVAL));
    CHECK_ERRNO(EINVAL, semctl(id, -1, GETVAL));
    CHECK_ERRNO(EINVAL, semctl(id, 2, SETVAL, (union semun){.val = 1}));
    CHECK_ERRNO(EINVAL, semctl(id, 0, 99));
    CHECK_ERRNO(EFAULT, syscall(SYS_semctl, id, 0, GETALL, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_semctl, id, 0, SETALL, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_semctl, id, 0, IPC_STAT, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_semctl, id, 0, IPC_SET, NULL));
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
    CHECK_ERRNO(EINVAL, semctl(id, 0, IPC_RMID));
}

CASE(permission)
{
    struct semid_ds facts;
    unsigned short values[1] = {1};
    own_namespace();
    int id = semget(IPC_PRIVATE, 1, 0644);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_EQ(0, semctl(id, 0, GETVAL));
        CHECK_ERRNO(EACCES, semctl(id, 0, SETVAL, (union semun){.val = 1}));
        CHECK_ERRNO(EACCES, semctl(id, 0, SETALL, (union semun){.array = values}));
        CHECK_EQ(0, semctl(id, 0, IPC_STAT, (union semun){.buf = &facts}));
        CHECK_ERRNO(EPERM, semctl(id, 0, IPC_SET, (union semun){.buf = &facts}));
        CHECK_ERRNO(EPERM, semctl(id, 0, IPC_RMID));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}
