#define _GNU_SOURCE
#include "sysv_message.h"
#ifndef MSG_EXCEPT
#define MSG_EXCEPT 020000
#endif

CASE(by_type)
{
    int id = queue();
    CHECK_EQ(0, put(id, 5, "five", 0));
    CHECK_EQ(0, put(id, 3, "three", 0));
    CHECK_EQ(0, put(id, 3, "3", 0));
    CHECK_EQ(0, put(id, 9, "nine", 0));
    CHECK_EQ(5, take(id, 3, 0));
    CHECK_EQ(1, take(id, -4, 0)); /* the lowest type up to 4 */
    CHECK_ERRNO(ENOMSG, take(id, -4, IPC_NOWAIT));
    CHECK_ERRNO(ENOMSG, take(id, 4, IPC_NOWAIT));
    CHECK_EQ(4, take(id, 5, MSG_EXCEPT));
    CHECK_EQ(9, got.type);
    CHECK_EQ(4, take(id, 0, 0));
    CHECK_EQ(5, got.type);
    CHECK_ERRNO(ENOMSG, take(id, 0, IPC_NOWAIT));
    CHECK_EQ(0, put(id, 2, "two", 0));
    CHECK_EQ(0, put(id, 1, "one", 0));
    CHECK_EQ(0, put(id, 1, "uno", 0));
    CHECK_EQ(3, take(id, -1L << 63, 0));
    CHECK_EQ(0, strcmp("one", got.text));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(too_long)
{
    int id = queue();
    CHECK_EQ(0, put(id, 1, "abcdef", 0));
    CHECK_ERRNO(E2BIG, msgrcv(id, &got, 3, 0, 0));
    CHECK_EQ(3, msgrcv(id, &got, 3, 0, MSG_NOERROR));
    CHECK_EQ(0, memcmp("abc", got.text, 3));
    CHECK_ERRNO(ENOMSG, take(id, 0, IPC_NOWAIT)); /* the rest is lost */
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(waits)
{
    int id = queue();
    if (fork() == 0) {
        sleep_ms(20);
        CHECK_EQ(0, put(id, 1, "not this", 0));
        sleep_ms(20);
        CHECK_EQ(0, put(id, 2, "this", 0));
        _exit(0);
    }
    CHECK_EQ(4, take(id, 2, 0));
    CHECK_EQ(0, ended());
    CHECK_EQ(8, take(id, 0, 0));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(removed)
{
    int id = queue();
    if (fork() == 0) {
        CHECK_ERRNO(EIDRM, take(id, 0, 0));
        _exit(0);
    }
    sleep_ms(50);
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
    CHECK_EQ(0, ended());
}

CASE(interrupted)
{
    int id = queue();
    catch_signal(SIGALRM, SA_RESTART);
    alarm(1);
    CHECK_ERRNO(EINTR, take(id, 0, 0));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(errors)
{
    int id = queue();
    CHECK_ERRNO(EINVAL, msgrcv(id, &got, -1, 0, 0));
    CHECK_ERRNO(EINVAL, take(-1, 0, 0));
    CHECK_ERRNO(EINVAL, take(0x7ffffff0, 0, 0));
    CHECK_EQ(0, put(id, 1, "x", 0));
    CHECK_ERRNO(EFAULT, msgrcv(id, NULL, 10, 0, 0));
    CHECK_ERRNO(ENOMSG, take(id, 0, IPC_NOWAIT)); /* lost */
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(permission)
{
    own_namespace();
    int id = msgget(IPC_PRIVATE, 0622);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_EQ(0, put(id, 1, "x", 0));
        CHECK_ERRNO(EACCES, take(id, 0, 0));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

#ifdef __riscv /* the host's kernel may be built without it. man 2 msgop: a copy of the message at a place */
CASE(copy)
{
    int id = queue();
    CHECK_EQ(0, put(id, 1, "a", 0));
    CHECK_EQ(0, put(id, 2, "bc", 0));
    CHECK_EQ(2, take(id, 1, 040000 | IPC_NOWAIT));
    CHECK_EQ(2, got.type);
    CHECK_ERRNO(ENOMSG, take(id, 2, 040000 | IPC_NOWAIT));
    CHECK_ERRNO(EINVAL, take(id, 0, 040000));
    CHECK_ERRNO(EINVAL, take(id, 0, 040000 | IPC_NOWAIT | MSG_EXCEPT));
    CHECK_EQ(1, take(id, 0, 0));
    CHECK_EQ(2, take(id, 0, 0));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}
#endif
