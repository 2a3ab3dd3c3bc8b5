#define _GNU_SOURCE
#include "sysv.h"
#include <sys/shm.h>

static int segment(size_t size)
{
    own_namespace();
    int id = shmget(IPC_PRIVATE, size, 0600);
    CHECK(id >= 0);
    return id;
}

static struct shmid_ds facts_of(int id)
{
    struct shmid_ds facts;
    CHECK_EQ(0, shmctl(id, IPC_STAT, &facts));
    return facts;
}

CASE(shared_with_a_child)
{
    int id = segment(5000);
    char *at = shmat(id, NULL, 0);
    CHECK(at != (void *)-1);
    CHECK_EQ(0, (long)at & 4095);
    CHECK_EQ(0, at[4999]);
    CHECK_EQ(0, at[8191]); /* whole pages */
    if (fork() == 0) {
        at[4999] = 7;
        _exit(0);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(7, at[4999]);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(shared_between_two_places)
{
    int id = segment(4096);
    char *one = shmat(id, NULL, 0), *two = shmat(id, NULL, 0);
    CHECK(one != two);
    one[5] = 3;
    CHECK_EQ(3, two[5]);
    CHECK_EQ(2, facts_of(id).shm_nattch);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(keeps_its_bytes_unattached)
{
    int id = segment(4096);
    char *at = shmat(id, NULL, 0);
    strcpy(at, "still here");
    CHECK_EQ(0, shmdt(at));
    CHECK_EQ(0, facts_of(id).shm_nattch);
    char *pages = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(pages, 1, 16 << 20);
    munmap(pages, 16 << 20);
    at = shmat(id, NULL, 0);
    CHECK_EQ(0, strcmp("still here", at));
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(removed_when_the_last_lets_go)
{
    int id = segment(4096), key_id;
    char *at = shmat(id, NULL, 0);
    at[0] = 1;
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
    CHECK_EQ(SHM_DEST, facts_of(id).shm_perm.mode & SHM_DEST);
    char *again = shmat(id, NULL, 0); /* it can still be attached */
    CHECK_EQ(1, again[0]);
    CHECK_EQ(0, shmdt(at));
    CHECK_EQ(1, again[0]);
    CHECK_EQ(0, shmdt(again));
    CHECK_ERRNO(EINVAL, shmctl(id, IPC_STAT, &(struct shmid_ds){0}));
    key_id = shmget(own_key(1), 10, IPC_CREAT | 0600);
    at = shmat(key_id, NULL, 0);
    CHECK_EQ(0, shmctl(key_id, IPC_RMID, NULL));
    CHECK_ERRNO(ENOENT, shmget(own_key(1), 10, 0)); /* the key is free at once */
}

CASE(counts_follow_fork_exit_and_exec)
{
    int id = segment(4096);
    int go[2], done[2];
    char byte;
    CHECK(shmat(id, NULL, 0) != (void *)-1);
    CHECK_EQ(0, pipe(go));
    CHECK_EQ(0, pipe(done));
    if (fork() == 0) {
        CHECK_EQ(1, write(done[1], "x", 1));
        CHECK_EQ(1, read(go[0], &byte, 1));
        _exit(0);
    }
    CHECK_EQ(1, read(done[0], &byte, 1));
    CHECK_EQ(2, facts_of(id).shm_nattch);
    CHECK_EQ(1, write(go[1], "x", 1));
    CHECK_EQ(0, ended());
    CHECK_EQ(1, facts_of(id).shm_nattch);
    if (fork() == 0) {
        CHECK(shmat(id, NULL, 0) != (void *)-1);
        close(1);
        execl("/proc/self/exe", "self", "nothing_attached", NULL);
        _exit(9);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(1, facts_of(id).shm_nattch);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(nothing_attached)
{
    char line[256];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        CHECK(strstr(line, "SYSV") == NULL);
}

CASE(at_an_address)
{
    int id = segment(8192);
    char *free = mmap(NULL, 16384, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_ERRNO(EINVAL, (long)shmat(id, free, 0)); /* taken */
    munmap(free, 16384);
    CHECK_ERRNO(EINVAL, (long)shmat(id, free + 1, 0));
    CHECK_EQ((long)free, (long)shmat(id, free + 1, SHM_RND));
    free[0] = 1;
    CHECK_ERRNO(EINVAL, (long)shmat(id, free, 0));
    CHECK_EQ((long)free, (long)shmat(id, free, SHM_REMAP));
    CHECK_EQ(1, free[0]);
    CHECK_EQ(1, facts_of(id).shm_nattch);
    CHECK_ERRNO(EINVAL, (long)shmat(id, NULL, SHM_REMAP));
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(read_only)
{
    int id = segment(4096), status;
    char *at = shmat(id, NULL, SHM_RDONLY);
    CHECK_EQ(0, at[0]);
    CHECK_ERRNO(EACCES, mprotect(at, 4096, PROT_READ | PROT_WRITE));
    pid_t child = fork();
    if (child == 0) {
        *(volatile char *)at = 1;
        _exit(0);
    }
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(in_maps)
{
    char line[256], name[64];
    own_namespace();
    int id = shmget(own_key(2), 4096, IPC_CREAT | 0600), seen = 0;
    shmat(id, NULL, 0);
    sprintf(name, "/SYSV%08x (deleted)\n", own_key(2));
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        if (strstr(line, name)) {
            unsigned long inode;
            seen++;
            CHECK(strstr(line, " rw-s 00000000 ") != NULL);
            CHECK_EQ(1, sscanf(line, "%*s %*s %*s %*s %lu", &inode));
            CHECK_EQ(id, inode);
        }
    CHECK_EQ(1, seen);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(permission)
{
    own_namespace();
    int id = shmget(IPC_PRIVATE, 4096, 0644);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_ERRNO(EACCES, (long)shmat(id, NULL, 0));
        CHECK(shmat(id, NULL, SHM_RDONLY) != (void *)-1);
        CHECK_ERRNO(EACCES, (long)shmat(id, NULL, SHM_RDONLY | SHM_EXEC));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}

CASE(errors)
{
    own_namespace();
    CHECK_ERRNO(EINVAL, (long)shmat(-1, NULL, 0));
    CHECK_ERRNO(EINVAL, (long)shmat(0x7ffffff0, NULL, 0));
    int id = segment(4096);
    CHECK_ERRNO(EINVAL, (long)shmat(id, (void *)-4096, 0));
    CHECK_EQ(0, facts_of(id).shm_nattch);
    CHECK_EQ(0, shmctl(id, IPC_RMID, NULL));
}
