#define _GNU_SOURCE
#include "sysv.h"
#include <sys/msg.h>

CASE(by_key)
{
    own_namespace();
    key_t key = own_key(1);
    CHECK_ERRNO(ENOENT, msgget(key, 0));
    int id = msgget(key, IPC_CREAT | 0600), other = msgget(IPC_PRIVATE, 0600);
    CHECK(id >= 0 && other >= 0 && other != id);
    CHECK_EQ(id, msgget(key, IPC_CREAT | 0600));
    CHECK_ERRNO(EEXIST, msgget(key, IPC_CREAT | IPC_EXCL));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
    CHECK_ERRNO(ENOENT, msgget(key, 0));
    CHECK_EQ(0, msgctl(other, IPC_RMID, NULL));
}

CASE(permission)
{
    own_namespace();
    key_t key = own_key(2);
    int id = msgget(key, IPC_CREAT | 0640);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_ERRNO(EACCES, msgget(key, 0400));
        CHECK_EQ(id, msgget(key, 0));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}
