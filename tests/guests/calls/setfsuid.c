#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"
#include <sys/stat.h>

CASE(it_gives_the_one_before)
{
    unsigned me = geteuid();
    CHECK_EQ(me, syscall(SYS_setfsuid, NO_ID)); /* asking */
    if (!may_change_ids())
        return;
    CHECK_EQ(me, syscall(SYS_setfsuid, USER));
    CHECK_EQ(USER, syscall(SYS_setfsuid, OTHER_USER));
    CHECK_EQ(OTHER_USER, syscall(SYS_setfsuid, NO_ID));
    check_uids(getuid(), me, me);
    CHECK_EQ(0, syscall(SYS_setresuid, NO_ID, me, NO_ID)); /* which brings it back */
    CHECK_EQ(me, syscall(SYS_setfsuid, NO_ID));
}

CASE(new_files_are_its)
{
    struct stat facts;
    if (!may_change_ids())
        return;
    CHECK_EQ(0, chmod(".", 0777));
    CHECK_EQ(0, syscall(SYS_setfsuid, USER));
    CHECK_EQ(0, mkdir("folder", 0755));
    CHECK_EQ(0, stat("folder", &facts));
    CHECK_EQ(USER, facts.st_uid);
    CHECK_EQ(0, chmod("folder", 0));
    CHECK_EQ(0, syscall(SYS_setfsgid, USER));
    CHECK_ERRNO(EACCES, mkdir("folder/x", 0755)); /* the rights of the superuser went, too */
}

CASE(the_capabilities_of_files_follow)
{
    struct cap_sets before[2], after[2];
    uint32_t of_files = 0x0800021f; /* CHOWN to FSETID, LINUX_IMMUTABLE, MKNOD */
    if (!may_change_ids())
        return;
    own_capabilities(before);
    syscall(SYS_setfsuid, USER);
    own_capabilities(after);
    CHECK_EQ(before[0].effective & ~of_files, after[0].effective);
    CHECK_EQ(before[0].permitted, after[0].permitted);
    syscall(SYS_setfsuid, 0);
    own_capabilities(after);
    CHECK_EQ(before[0].effective, after[0].effective);
}

CASE(without_privilege)
{
    unsigned me = getuid();
    if (may_change_ids()) {
        CHECK_EQ(0, syscall(SYS_setresuid, 11, 22, 33));
        me = 22;
    }
    drop_capabilities();
    CHECK_EQ(me, syscall(SYS_setfsuid, 44)); /* refused in silence */
    CHECK_EQ(me, syscall(SYS_setfsuid, NO_ID));
    if (me != 22)
        return;
    CHECK_EQ(22, syscall(SYS_setfsuid, 11));
    CHECK_EQ(11, syscall(SYS_setfsuid, 33));
    CHECK_EQ(33, syscall(SYS_setfsuid, 22));
}
