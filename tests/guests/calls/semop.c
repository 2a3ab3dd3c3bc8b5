#define _GNU_SOURCE
#include "sysv.h"
#include <pthread.h>
#include <sys/sem.h>

static int set_of(int count)
{
    own_namespace();
    int id = semget(IPC_PRIVATE, count, 0600);
    CHECK(id >= 0);
    return id;
}

static int op(int id, int number, int change, int flags)
{
    struct sembuf one = {number, change, flags};
    return semop(id, &one, 1);
}

static void remove_set(int id)
{
    CHECK_EQ(0, semctl(id, 0, IPC_RMID));
}

CASE(adds_and_takes)
{
    int id = set_of(2);
    CHECK_EQ(0, op(id, 1, 3, 0));
    CHECK_EQ(3, semctl(id, 1, GETVAL));
    CHECK_EQ(0, semctl(id, 0, GETVAL));
    CHECK_EQ(getpid(), semctl(id, 1, GETPID));
    CHECK_EQ(0, semctl(id, 0, GETPID));
    CHECK_EQ(0, op(id, 1, -2, 0));
    CHECK_EQ(1, semctl(id, 1, GETVAL));
    CHECK_ERRNO(EAGAIN, op(id, 1, -2, IPC_NOWAIT));
    CHECK_ERRNO(EAGAIN, op(id, 1, 0, IPC_NOWAIT));
    CHECK_EQ(0, op(id, 0, 0, 0));
    CHECK_EQ(1, semctl(id, 1, GETVAL));
    remove_set(id);
}

CASE(all_or_nothing)
{
    int id = set_of(2);
    struct sembuf ops[] = {{0, 5, 0}, {1, -1, IPC_NOWAIT}};
    CHECK_ERRNO(EAGAIN, semop(id, ops, 2));
    CHECK_EQ(0, semctl(id, 0, GETVAL));
    struct sembuf same[] = {{0, 2, 0}, {0, -2, 0}, {0, 0, 0}, {0, 1, 0}};
    CHECK_EQ(0, semop(id, same, 4)); /* one after the other */
    CHECK_EQ(1, semctl(id, 0, GETVAL));
    struct sembuf backwards[] = {{1, -2, IPC_NOWAIT}, {1, 2, 0}};
    CHECK_ERRNO(EAGAIN, semop(id, backwards, 2));
    remove_set(id);
}

CASE(waits)
{
    int id = set_of(1);
    if (fork() == 0) {
        CHECK_EQ(0, op(id, 0, -2, 0));
        CHECK_EQ(0, semctl(id, 0, GETVAL));
        _exit(0);
    }
    while (semctl(id, 0, GETNCNT) != 1)
        sleep_ms(5);
    CHECK_EQ(0, semctl(id, 0, GETZCNT));
    CHECK_EQ(0, op(id, 0, 1, 0));
    CHECK_EQ(1, semctl(id, 0, GETVAL));
    CHECK_EQ(0, op(id, 0, 1, 0));
    CHECK_EQ(0, ended());
    CHECK_EQ(0, semctl(id, 0, GETNCNT));
    remove_set(id);
}

CASE(waits_for_zero)
{
    int id = set_of(1);
    CHECK_EQ(0, op(id, 0, 1, 0));
    if (fork() == 0) {
        CHECK_EQ(0, op(id, 0, 0, 0));
        _exit(0);
    }
    while (semctl(id, 0, GETZCNT) != 1)
        sleep_ms(5);
    CHECK_EQ(0, op(id, 0, -1, 0));
    CHECK_EQ(0, ended());
    remove_set(id);
}

CASE(what_one_waits_for_nobody_takes)
{
    int id = set_of(1);
    if (fork() == 0) {
        CHECK_EQ(0, op(id, 0, -1, 0));
        _exit(0);
    }
    while (semctl(id, 0, GETNCNT) != 1)
        sleep_ms(5);
    CHECK_EQ(0, op(id, 0, 1, 0));
    CHECK_ERRNO(EAGAIN, op(id, 0, -1, IPC_NOWAIT)); /* it is the child's already */
    CHECK_EQ(0, ended());
    remove_set(id);
}

CASE(one_change_lets_several_go)
{
    int id = set_of(2);
    for (int at = 0; at < 3; at++)
        if (fork() == 0) {
            struct sembuf ops[] = {{0, -1, 0}, {1, 1, 0}};
            CHECK_EQ(0, semop(id, ops, 2));
            _exit(0);
        }
    while (semctl(id, 0, GETNCNT) != 3)
        sleep_ms(5);
    CHECK_EQ(0, op(id, 0, 2, 0));
    CHECK_EQ(0, ended());
    CHECK_EQ(0, ended());
    CHECK_EQ(2, semctl(id, 1, GETVAL));
    CHECK_EQ(1, semctl(id, 0, GETNCNT));
    CHECK_EQ(0, op(id, 0, 1, 0));
    CHECK_EQ(0, ended());
    remove_set(id);
}

CASE(removed)
{
    int id = set_of(1);
    if (fork() == 0) {
        CHECK_ERRNO(EIDRM, op(id, 0, -1, 0));
        _exit(0);
    }
    while (semctl(id, 0, GETNCNT) != 1)
        sleep_ms(5);
    remove_set(id);
    CHECK_EQ(0, ended());
    CHECK_ERRNO(EINVAL, op(id, 0, 1, 0));
}

CASE(interrupted)
{
    int id = set_of(1);
    catch_signal(SIGALRM, SA_RESTART);
    alarm(1);
    CHECK_ERRNO(EINTR, op(id, 0, -1, 0)); /* never restarted */
    CHECK_EQ(SIGALRM, caught);
    CHECK_EQ(0, semctl(id, 0, GETNCNT));
    CHECK_EQ(0, op(id, 0, 1, 0));
    CHECK_EQ(1, semctl(id, 0, GETVAL));
    remove_set(id);
}

CASE(killed_while_waiting)
{
    int id = set_of(1);
    pid_t child = fork();
    if (child == 0) {
        op(id, 0, -1, 0);
        _exit(0);
    }
    while (semctl(id, 0, GETNCNT) != 1)
        sleep_ms(5);
    kill(child, SIGKILL);
    ended();
    CHECK_EQ(0, semctl(id, 0, GETNCNT));
    CHECK_EQ(0, op(id, 0, 1, 0));
    CHECK_EQ(1, semctl(id, 0, GETVAL));
    remove_set(id);
}

CASE(undo)
{
    int id = set_of(2);
    CHECK_EQ(0, op(id, 0, 5, 0));
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(0, op(id, 0, -2, SEM_UNDO));
        CHECK_EQ(0, op(id, 1, 1, SEM_UNDO));
        CHECK_EQ(3, semctl(id, 0, GETVAL));
        _exit(0);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(5, semctl(id, 0, GETVAL));
    CHECK_EQ(0, semctl(id, 1, GETVAL));
    CHECK_EQ(child, semctl(id, 0, GETPID));
    remove_set(id);
}

CASE(undo_lets_others_go)
{
    int id = set_of(1), go[2];
    char byte;
    CHECK_EQ(0, pipe(go));
    CHECK_EQ(0, op(id, 0, 1, 0));
    if (fork() == 0) {
        CHECK_EQ(0, op(id, 0, -1, SEM_UNDO));
        CHECK_EQ(1, write(go[1], "x", 1));
        sleep_ms(50);
        _exit(0);
    }
    CHECK_EQ(1, read(go[0], &byte, 1));
    CHECK_EQ(0, op(id, 0, -1, 0));
    CHECK_EQ(0, ended());
    remove_set(id);
}

CASE(undo_stops_at_the_bounds)
{
    int id = set_of(1);
    CHECK_EQ(0, op(id, 0, 1, 0));
    if (fork() == 0) {
        CHECK_EQ(0, op(id, 0, 4, SEM_UNDO));
        _exit(0);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(1, semctl(id, 0, GETVAL));
    int go[2];
    char byte;
    CHECK_EQ(0, pipe(go));
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(0, op(id, 0, 4, SEM_UNDO));
        close(go[1]);
        CHECK_EQ(0, read(go[0], &byte, 1));
        _exit(0);
    }
    while (semctl(id, 0, GETVAL) != 5)
        sleep_ms(5);
    CHECK_EQ(0, op(id, 0, -3, 0));
    close(go[1]);
    CHECK_EQ(0, ended());
    CHECK_EQ(0, semctl(id, 0, GETVAL)); /* not below zero */
    remove_set(id);
}

CASE(setting_a_value_forgets_undo)
{
    int id = set_of(1), go[2];
    char byte;
    CHECK_EQ(0, pipe(go));
    if (fork() == 0) {
        CHECK_EQ(0, op(id, 0, 4, SEM_UNDO));
        close(go[1]);
        CHECK_EQ(0, read(go[0], &byte, 1));
        _exit(0);
    }
    while (semctl(id, 0, GETVAL) != 4)
        sleep_ms(5);
    CHECK_EQ(0, semctl(id, 0, SETVAL, 9));
    close(go[1]);
    CHECK_EQ(0, ended());
    CHECK_EQ(9, semctl(id, 0, GETVAL));
    remove_set(id);
}

static int threads_set;

static void *take(void *unused)
{
    CHECK_EQ(0, op(threads_set, 0, 3, SEM_UNDO));
    return unused;
}

CASE(threads_share_undo)
{
    threads_set = set_of(1);
    if (fork() == 0) {
        pthread_t thread;
        CHECK_EQ(0, pthread_create(&thread, NULL, take, NULL));
        pthread_join(thread, NULL);
        CHECK_EQ(3, semctl(threads_set, 0, GETVAL)); /* a thread's end takes nothing back */
        _exit(0);
    }
    CHECK_EQ(0, ended());
    CHECK_EQ(0, semctl(threads_set, 0, GETVAL));
    remove_set(threads_set);
}

CASE(limits)
{
    int id = set_of(1);
    static struct sembuf many[501];
    CHECK_EQ(0, op(id, 0, 32767, 0));
    CHECK_ERRNO(ERANGE, op(id, 0, 1, 0));
    CHECK_EQ(0, semctl(id, 0, SETVAL, 0));
    CHECK_EQ(0, op(id, 0, 32767, SEM_UNDO));
    CHECK_EQ(0, op(id, 0, -32767, 0));
    CHECK_ERRNO(ERANGE, op(id, 0, 2, SEM_UNDO)); /* what would be taken back gets too large */
    CHECK_ERRNO(E2BIG, semop(id, many, 501));
    CHECK_EQ(0, semop(id, many, 500));
    remove_set(id);
}

CASE(errors)
{
    int id = set_of(2);
    struct sembuf one = {0, 1, 0};
    CHECK_ERRNO(EINVAL, semop(id, &one, 0));
    CHECK_ERRNO(EFAULT, semop(id, NULL, 1));
    CHECK_ERRNO(EFAULT, semop(-1, NULL, 1));
    CHECK_ERRNO(EINVAL, semop(-1, &one, 1));
    CHECK_ERRNO(EINVAL, semop(0x7ffffff0, &one, 1));
    CHECK_ERRNO(EFBIG, op(id, 2, 1, 0));
    CHECK_ERRNO(EFBIG, op(id, 65535, 1, 0));
    remove_set(id);
}

CASE(permission)
{
    own_namespace();
    int id = semget(IPC_PRIVATE, 1, 0644);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_EQ(0, op(id, 0, 0, 0)); /* looking is reading */
        CHECK_ERRNO(EACCES, op(id, 0, 1, 0));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    remove_set(id);
}
