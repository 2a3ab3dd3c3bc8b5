/* Leaves one object of each kind behind, in use: what the machine takes down at its end. */
#define _GNU_SOURCE
#include "posix_queue.h"
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

CASE(left)
{
    struct sembuf up = {0, 2, SEM_UNDO}, down = {0, -9, 0};
    struct { long type; char text[8]; } message = {1, "text"};
    int segment = shmget(IPC_PRIVATE, 40000, 0600), set = semget(IPC_PRIVATE, 3, 0600), queue = msgget(IPC_PRIVATE, 0600);
    char *at = shmat(segment, NULL, 0);
    memset(at, 1, 40000);
    CHECK_EQ(0, semop(set, &up, 1));
    CHECK_EQ(0, msgsnd(queue, &message, 5, 0));
    mqd_t posix = mq_open("/left", O_CREAT | O_RDWR, 0600, NULL);
    CHECK_EQ(0, mq_send(posix, "x", 1, 0));
    if (fork() == 0) {
        semop(set, &down, 1);
        _exit(0);
    }
    if (fork() == 0) {
        msgrcv(queue, &message, 8, 77, 0);
        _exit(0);
    }
    sleep_ms(10);
}
