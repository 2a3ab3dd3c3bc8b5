#define _GNU_SOURCE
#include "sysv.h"
#include <sys/sem.h>

CASE(the_time_is_up)
{
    struct sembuf one = {0, -1, 0};
    struct timespec time = {0, 50000000}, before, after;
    own_namespace();
    int id = semget(IPC_PRIVATE, 1, 0600);
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_ERRNO(EAGAIN, semtimedop(id, &one, 1, &time));
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 50);
    CHECK_EQ(0, semctl(id, 0, GETNCNT));
    time.tv_nsec = 0;
    CHECK_ERRNO(EAGAIN, semtimedop(id, &one, 1, &time));
    one.sem_op = 1;
    CHECK_EQ(0, semtimedop(id, &one, 1, &time));
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(done_in_time)
{
    struct sembuf one = {0, -1, 0};
    struct timespec time = {10, 0};
    own_namespace();
    int id = semget(IPC_PRIVATE, 1, 0600);
    if (fork() == 0) {
        sleep_ms(30);
        CHECK_EQ(0, semctl(id, 0, SETVAL, 1));
        _exit(0);
    }
    CHECK_EQ(0, semtimedop(id, &one, 1, &time));
    CHECK_EQ(0, ended());
    CHECK_EQ(0, semtimedop(id, &(struct sembuf){0, 1, 0}, 1, NULL));
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(errors)
{
    struct sembuf one = {0, -1, 0};
    struct timespec bad = {0, 1000000000}, negative = {-1, 0};
    own_namespace();
    int id = semget(IPC_PRIVATE, 1, 0600);
    CHECK_ERRNO(EINVAL, semtimedop(id, &one, 1, &bad));
    CHECK_ERRNO(EINVAL, semtimedop(id, &one, 1, &negative));
    CHECK_ERRNO(EFAULT, syscall(SYS_semtimedop, id, &one, 1, -4096L));
    CHECK_ERRNO(EFAULT, syscall(SYS_semtimedop, id, NULL, 0, -4096L));
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}
