#ifndef SYSV_MESSAGE_H
#define SYSV_MESSAGE_H

#include "sysv.h"
#include <sys/msg.h>

struct message {
    long type;
    char text[8200];
};

MAYBE struct message got;

MAYBE int queue(void)
{
    own_namespace();
    int id = msgget(IPC_PRIVATE, 0600);
    CHECK(id >= 0);
    return id;
}

MAYBE int put(int id, long type, const char *text, int flags)
{
    struct message one = {.type = type};
    strcpy(one.text, text);
    return msgsnd(id, &one, strlen(text), flags);
}

MAYBE long take(int id, long type, int flags)
{
    memset(&got, 0, sizeof got);
    return msgrcv(id, &got, sizeof got.text, type, flags);
}

MAYBE int fill(int id)
{
    static struct message one = {.type = 1};
    int count = 0;
    while (msgsnd(id, &one, 4096, IPC_NOWAIT) == 0)
        count++;
    CHECK_EQ(EAGAIN, errno);
    return count;
}

#endif
