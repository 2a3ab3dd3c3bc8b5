#define _GNU_SOURCE
#include "sysv.h"
#include <sys/shm.h>
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif

CASE(facts)
{
    struct shmid_ds facts;
    own_namespace();
    int id = shmget(own_key(1), 5000, IPC_CREAT | 0640);
    time_t now = time(NULL);
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    CHECK_EQ(own_key(1), facts.shm_perm.__key);
    CHECK_EQ(0640, facts.shm_perm.mode);
    CHECK_EQ(geteuid(), facts.shm_perm.uid);
    CHECK_EQ(getegid(), facts.shm_perm.cgid);
    CHECK_EQ(5000, facts.shm_segsz);
    CHECK_EQ(getpid(), facts.shm_cpid);
    CHECK_EQ(0, facts.shm_lpid);
    CHECK_EQ(0, facts.shm_nattch);
    CHECK_EQ(0, facts.shm_atime);
    CHECK_EQ(0, facts.shm_dtime);
    CHECK(facts.shm_ctime - now <= 1 && now - facts.shm_ctime <= 1);
    void *at = shmat(id, NULL, 0);
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    CHECK_EQ(1, facts.shm_nattch);
    CHECK_EQ(getpid(), facts.shm_lpid);
    CHECK(facts.shm_atime >= now);
    shmdt(at);
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    CHECK(facts.shm_dtime >= now);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
    CHECK_ERRNO(EINVAL, shmctl(id, IPC_RMID, NULL));
}

CASE(set)
{
    struct shmid_ds facts;
    own_namespace();
    int id = shmget(IPC_PRIVATE, 100, 0600);
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    facts.shm_perm.mode = 07444;
    facts.shm_perm.gid = 77;
    facts.shm_segsz = 9;
    CHECK_EQ(0, shmctl(id, IPC_SET, &facts));
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    CHECK_EQ(0444, facts.shm_perm.mode);
    CHECK_EQ(77, facts.shm_perm.gid);
    CHECK_EQ(getegid(), facts.shm_perm.cgid);
    CHECK_EQ(100, facts.shm_segsz);
    facts.shm_perm.uid = -1;
    CHECK_ERRNO(EINVAL, shmctl(id, IPC_SET, &facts));
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(tables)
{
    struct shminfo limits;
    struct shm_info usage;
    struct shmid_ds facts;
    own_namespace();
    int id = shmget(IPC_PRIVATE, 8192, 0600);
    CHECK(shmctl(0, IPC_INFO, (void *)&limits) >= 0);
    CHECK_EQ(1, limits.shmmin);
    CHECK_EQ(4096, limits.shmmni);
    int highest = shmctl(0, SHM_INFO, (void *)&usage), seen = 0;
    CHECK(highest >= 0);
    CHECK(usage.used_ids >= 1);
    CHECK(usage.shm_tot >= 2);
    for (int at = 0; at <= highest; at++) {
        int found = shmctl(at, SHM_STAT, &facts);
        if (found == id) {
            seen = 1;
            CHECK_EQ(8192, facts.shm_segsz);
            CHECK_EQ(id, shmctl(at, SHM_STAT_ANY, &facts));
        }
    }
    CHECK(seen);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(lock)
{
    struct shmid_ds facts;
    own_namespace();
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    CHECK_EQ(0, shmctl(id, SHM_LOCK, NULL));
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    CHECK_EQ(SHM_LOCKED | 0600, facts.shm_perm.mode);
    CHECK_EQ(0, shmctl(id, SHM_UNLOCK, NULL));
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    CHECK_EQ(0600, facts.shm_perm.mode);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(permission)
{
    struct shmid_ds facts;
    own_namespace();
    int id = shmget(IPC_PRIVATE, 100, 0600), other = shmget(IPC_PRIVATE, 100, 0666);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_ERRNO(EACCES, shmctl(id, IPC_STAT, &facts));
        CHECK_EQ(0, shmctl(other, IPC_STAT, &facts));
        CHECK_ERRNO(EPERM, shmctl(other, IPC_SET, &facts));
        CHECK_ERRNO(EPERM, shmctl(other, IPC_RMID, NULL));
        CHECK_ERRNO(EPERM, shmctl(other, SHM_LOCK, NULL));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
    CHECK_EQ(0, shmctl(other, IPC_RMID, NULL));
}

CASE(in_proc)
{
    char line[512], wanted[128];
    own_namespace();
    int id = shmget(own_key(3), 5000, IPC_CREAT | 0604), seen = 0;
    FILE *file = fopen("/proc/sysvipc/shm", "r");
    CHECK(file != NULL);
    CHECK(fgets(line, sizeof line, file) != NULL);
    CHECK_EQ(0, strcmp("       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"
                       "      atime      dtime      ctime                   rss                  swap\n", line));
    sprintf(wanted, "%10d %10d  %4o %21u %5u %5u  %5u ", own_key(3), id, 0604, 5000, getpid(), 0, 0);
    while (fgets(line, sizeof line, file))
        seen += strncmp(line, wanted, strlen(wanted)) == 0;
    CHECK_EQ(1, seen);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(errors)
{
    struct shmid_ds facts;
    own_namespace();
    int id = shmget(IPC_PRIVATE, 100, 0600);
    CHECK_ERRNO(EINVAL, shmctl(-1, IPC_STAT, &facts));
    CHECK_ERRNO(EINVAL, shmctl(id, -1, &facts));
    CHECK_ERRNO(EINVAL, shmctl(id, 99, &facts));
    CHECK_ERRNO(EINVAL, shmctl(0x7ffffff0, IPC_STAT, &facts));
    CHECK_ERRNO(EFAULT, syscall(SYS_shmctl, id, IPC_STAT, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_shmctl, id, IPC_SET, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_shmctl, 0x7ffffff0, IPC_SET, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_shmctl, 0, IPC_INFO, NULL));
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}
