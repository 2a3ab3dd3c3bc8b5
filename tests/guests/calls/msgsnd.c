#define _GNU_SOURCE
#include "sysv_message.h"

CASE(sends)
{
    int id = queue();
    CHECK_EQ(0, put(id, 3, "abc", 0));
    CHECK_EQ(0, put(id, 1, "", 0));
    CHECK_EQ(3, take(id, 0, 0));
    CHECK_EQ(3, got.type);
    CHECK_EQ(0, strcmp("abc", got.text));
    CHECK_EQ(0, take(id, 0, 0));
    CHECK_EQ(1, got.type);
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(full)
{
    int id = queue();
    CHECK_EQ(4, fill(id));
    CHECK_EQ(0, put(id, 1, "", IPC_NOWAIT)); /* nothing still fits */
    if (fork() == 0) {
        CHECK_EQ(0, put(id, 7, "waited", 0));
        _exit(0);
    }
    sleep_ms(30);
    CHECK_EQ(4096, take(id, 0, 0));
    CHECK_EQ(0, ended());
    CHECK_EQ(6, take(id, 7, IPC_NOWAIT));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(removed)
{
    int id = queue();
    fill(id);
    if (fork() == 0) {
        CHECK_ERRNO(EIDRM, put(id, 7, "x", 0));
        _exit(0);
    }
    sleep_ms(50);
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
    CHECK_EQ(0, ended());
    CHECK_ERRNO(EINVAL, put(id, 7, "x", 0));
}

CASE(interrupted)
{
    int id = queue();
    fill(id);
    catch_signal(SIGALRM, SA_RESTART);
    alarm(1);
    CHECK_ERRNO(EINTR, put(id, 1, "x", 0));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(errors)
{
    int id = queue();
    struct message one = {.type = 1};
    CHECK_ERRNO(EINVAL, msgsnd(id, &one, 8193, 0));
    CHECK_ERRNO(EINVAL, msgsnd(id, &one, -1, 0));
    CHECK_EQ(0, msgsnd(id, &one, 8192, 0));
    CHECK_ERRNO(EINVAL, put(id, 0, "x", 0));
    CHECK_ERRNO(EINVAL, put(id, -1, "x", 0));
    CHECK_ERRNO(EINVAL, put(-1, 1, "x", 0));
    CHECK_ERRNO(EINVAL, put(0x7ffffff0, 1, "x", 0));
    CHECK_ERRNO(EFAULT, msgsnd(id, NULL, 1, 0));
    CHECK_ERRNO(EFAULT, msgsnd(-1, NULL, -1, 0));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}
