/* Every call on IPC objects, for the comparison of traces: see calls.c. It needs a namespace of its own. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
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
    S(SYS_shmat, id, 3L, (long)SHM_RDONLY | SHM_EXEC);
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

static void semaphores(void) {
    long id = S(SYS_semget, 0L, 3L, 01600L);
    S(SYS_semget, 7L, 1L, 02000L);
    struct sembuf ops[] = {{0, 5, 0}, {1, 1, SEM_UNDO}, {2, 0, IPC_NOWAIT}};
    S(SYS_semop, id, ops, 3L);
    ops[2].sem_op = -1;
    S(SYS_semtimedop, id, ops, 3L, 0L);
    struct timespec time = {0, 1000000};
    ops[2].sem_flg = IPC_NOWAIT | SEM_UNDO;
    S(SYS_semtimedop, id, ops + 2, 1L, &time);
    S(SYS_semop, id, 8L, 1L);
    S(SYS_semop, 99L, ops, 1L);
    S(SYS_semctl, id, 0L, (long)GETVAL, 0L);
    S(SYS_semctl, id, 1L, (long)SETVAL, 7L);
    S(SYS_semctl, id, 0L, (long)GETALL, buf);
    S(SYS_semctl, id, 0L, (long)SETALL, buf);
    S(SYS_semctl, id, 0L, (long)GETPID, 0L);
    S(SYS_semctl, id, 9L, (long)GETNCNT, 0L);
    S(SYS_semctl, id, 0L, (long)IPC_STAT, buf);
    S(SYS_semctl, id, 0L, (long)IPC_SET, buf);
    S(SYS_semctl, 0L, 0L, (long)IPC_INFO, 8L);
    S(SYS_semctl, id, 0L, 99L, 0L);
    S(SYS_semctl, id, 0L, (long)IPC_RMID, 0L);
}

static void messages(void) {
    long id = S(SYS_msgget, 0L, 01600L);
    S(SYS_msgget, 5L, 02000L);
    struct { long type; char text[64]; } one = {3, "a text of more than thirty-two bytes, cut off"};
    S(SYS_msgsnd, id, &one, 45L, (long)IPC_NOWAIT);
    S(SYS_msgsnd, id, &one, 5L, 0L);
    S(SYS_msgsnd, id, 8L, 5L, 0L);
    S(SYS_msgsnd, 99L, &one, 5L, 0L);
    S(SYS_msgrcv, id, &one, 64L, 3L, 0L);
    S(SYS_msgrcv, id, &one, 2L, -3L, (long)MSG_NOERROR | IPC_NOWAIT);
    S(SYS_msgrcv, id, &one, 64L, 0L, (long)IPC_NOWAIT);
    S(SYS_msgctl, id, (long)IPC_STAT, buf);
    S(SYS_msgctl, id, (long)IPC_SET, buf);
    S(SYS_msgctl, 99L, (long)IPC_STAT, buf);
    S(SYS_msgctl, 0L, (long)MSG_INFO, 8L);
    S(SYS_msgctl, id, (long)IPC_RMID, 0L);
}

static void queues(void) {
    struct mq_attr attr = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 3, .mq_msgsize = 64}, old;
    long queue = S(SYS_mq_open, "rvsim-strace", (long)O_RDWR | O_CREAT, 0600L, &attr);
    S(SYS_mq_open, "rvsim-strace", (long)O_RDWR | O_CREAT | O_EXCL, 0600L, 0L);
    S(SYS_mq_open, "rvsim-none", (long)O_WRONLY | O_NONBLOCK);
    struct timespec past = {5, 0};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    event.sigev_value.sival_ptr = (void *)5;
    S(SYS_mq_timedsend, queue, "a text of more than thirty-two bytes, cut off", 45L, 7L, 0L);
    S(SYS_mq_timedsend, queue, "abc", 3L, 40000L, &past);
    unsigned priority;
    S(SYS_mq_timedreceive, queue, buf, 64L, &priority, &past);
    S(SYS_mq_timedreceive, queue, buf, 64L, 0L, &past);
    S(SYS_mq_timedreceive, queue, buf, 6L, &priority, 0L);
    S(SYS_mq_notify, queue, &event);
    event.sigev_notify = SIGEV_NONE;
    S(SYS_mq_notify, queue, &event);
    S(SYS_mq_notify, queue, 0L);
    S(SYS_mq_notify, queue, 8L);
    S(SYS_mq_getsetattr, queue, &attr, &old);
    S(SYS_mq_getsetattr, queue, 0L, &old);
    S(SYS_mq_getsetattr, 99L, 0L, &old);
    S(SYS_mq_unlink, "rvsim-strace");
    S(SYS_mq_unlink, "rvsim-strace");
}

int main(void) {
    syscall(SYS_unshare, 0x08000000L);
    S(SYS_write, 1L, "BEGIN\n", 6L);
    shared_memory();
    semaphores();
    messages();
    queues();
    S(SYS_write, 1L, "END\n", 4L);
    S(SYS_exit_group, 0L);
}
