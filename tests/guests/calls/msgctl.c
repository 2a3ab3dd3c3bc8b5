#define _GNU_SOURCE
#include "sysv_message.h"

CASE(facts)
{
    struct msqid_ds facts;
    own_namespace();
    int id = msgget(own_key(1), IPC_CREAT | 0640);
    time_t now = time(NULL);
    CHECK_EQ(0, msgctl(id, IPC_STAT, &facts));
    CHECK_EQ(own_key(1), facts.msg_perm.__key);
    CHECK_EQ(0640, facts.msg_perm.mode);
    CHECK_EQ(16384, facts.msg_qbytes);
    CHECK_EQ(0, facts.msg_qnum);
    CHECK_EQ(0, facts.msg_stime);
    CHECK_EQ(0, facts.msg_rtime);
    CHECK_EQ(0, facts.msg_lspid);
    CHECK(facts.msg_ctime - now <= 1 && now - facts.msg_ctime <= 1);
    CHECK_EQ(0, put(id, 1, "abc", 0));
    CHECK_EQ(0, put(id, 1, "de", 0));
    CHECK_EQ(0, msgctl(id, IPC_STAT, &facts));
    CHECK_EQ(2, facts.msg_qnum);
    CHECK_EQ(5, facts.msg_cbytes);
    CHECK_EQ(getpid(), facts.msg_lspid);
    CHECK(facts.msg_stime >= now);
    CHECK_EQ(3, take(id, 0, 0));
    CHECK_EQ(0, msgctl(id, IPC_STAT, &facts));
    CHECK_EQ(getpid(), facts.msg_lrpid);
    CHECK_EQ(1, facts.msg_qnum);
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
    CHECK_ERRNO(EINVAL, msgctl(id, IPC_RMID, NULL));
}

CASE(set)
{
    struct msqid_ds facts;
    int id = queue();
    CHECK_EQ(0, msgctl(id, IPC_STAT, &facts));
    facts.msg_qbytes = 10;
    facts.msg_perm.mode = 07611;
    CHECK_EQ(0, msgctl(id, IPC_SET, &facts));
    CHECK_EQ(0, msgctl(id, IPC_STAT, &facts));
    CHECK_EQ(0611, facts.msg_perm.mode);
    CHECK_EQ(10, facts.msg_qbytes);
    CHECK_EQ(0, put(id, 1, "123456789", 0));
    CHECK_ERRNO(EAGAIN, put(id, 1, "ab", IPC_NOWAIT));
    if (fork() == 0) {
        CHECK_EQ(0, put(id, 2, "ab", 0));
        _exit(0);
    }
    sleep_ms(30);
    facts.msg_qbytes = 100;
    CHECK_EQ(0, msgctl(id, IPC_SET, &facts)); /* lets the sender go on */
    CHECK_EQ(0, ended());
#ifdef __riscv /* CAP_SYS_RESOURCE, which root of a container may lack. ipc/msg.c:msgctl_down */
    {
        facts.msg_qbytes = 20000;
        CHECK_EQ(0, msgctl(id, IPC_SET, &facts));
        facts.msg_perm.uid = 1000;
        CHECK_EQ(0, msgctl(id, IPC_SET, &facts));
        if (fork() == 0) {
            CHECK_EQ(0, setresuid(1000, 1000, 1000));
            CHECK_ERRNO(EPERM, msgctl(id, IPC_SET, &facts));
            facts.msg_qbytes = 16384;
            CHECK_EQ(0, msgctl(id, IPC_SET, &facts));
            _exit(0);
        }
        CHECK_EQ(0, ended());
    }
#endif
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(tables)
{
    struct msginfo limits, usage;
    struct msqid_ds facts;
    int id = queue(), seen = 0;
    CHECK_EQ(0, put(id, 1, "abc", 0));
    CHECK(msgctl(0, IPC_INFO, (void *)&limits) >= 0);
    CHECK_EQ(8192, limits.msgmax);
    CHECK_EQ(16384, limits.msgmnb);
    int highest = msgctl(0, MSG_INFO, (void *)&usage);
    CHECK(usage.msgpool >= 1);
    CHECK(usage.msgmap >= 1);
    CHECK(usage.msgtql >= 3);
    for (int at = 0; at <= highest; at++)
        if (msgctl(at, MSG_STAT, &facts) == id) {
            seen++;
            CHECK_EQ(1, facts.msg_qnum);
        }
    CHECK_EQ(1, seen);
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(in_proc)
{
    char line[512], wanted[160];
    own_namespace();
    int id = msgget(own_key(3), IPC_CREAT | 0604), seen = 0;
    CHECK_EQ(0, put(id, 1, "abc", 0));
    FILE *file = fopen("/proc/sysvipc/msg", "r");
    CHECK(file != NULL);
    CHECK(fgets(line, sizeof line, file) != NULL);
    CHECK_EQ(0, strcmp("       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime"
                       "      rtime      ctime\n", line));
    sprintf(wanted, "%10d %10d  %4o  %10d %10d %5d %5d %5d ", own_key(3), id, 0604, 3, 1, getpid(), 0, geteuid());
    while (fgets(line, sizeof line, file))
        seen += strncmp(line, wanted, strlen(wanted)) == 0;
    CHECK_EQ(1, seen);
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(errors)
{
    struct msqid_ds facts;
    int id = queue();
    CHECK_ERRNO(EINVAL, msgctl(-1, IPC_STAT, &facts));
    CHECK_ERRNO(EINVAL, msgctl(id, -1, &facts));
    CHECK_ERRNO(EINVAL, msgctl(id, 99, &facts));
    CHECK_ERRNO(EINVAL, msgctl(0x7ffffff0, IPC_STAT, &facts));
    CHECK_ERRNO(EFAULT, syscall(SYS_msgctl, id, IPC_STAT, NULL));
    CHECK_ERRNO(EFAULT, syscall(SYS_msgctl, id, IPC_SET, NULL));
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
}

CASE(permission)
{
    struct msqid_ds facts;
    own_namespace();
    int id = msgget(IPC_PRIVATE, 0600), other = msgget(IPC_PRIVATE, 0666);
    if (geteuid() == 0 && fork() == 0) {
        CHECK_EQ(0, setresgid(1000, 1000, 1000));
        CHECK_EQ(0, setresuid(1000, 1000, 1000));
        CHECK_ERRNO(EACCES, msgctl(id, IPC_STAT, &facts));
        CHECK_EQ(0, msgctl(other, IPC_STAT, &facts));
        CHECK_ERRNO(EPERM, msgctl(other, IPC_SET, &facts));
        CHECK_ERRNO(EPERM, msgctl(other, IPC_RMID, NULL));
        _exit(0);
    } else if (geteuid() == 0) {
        CHECK_EQ(0, ended());
    }
    CHECK_EQ(0, msgctl(id, IPC_RMID, NULL));
    CHECK_EQ(0, msgctl(other, IPC_RMID, NULL));
}
