#define _GNU_SOURCE
#include "check.h"
#include "credentials.h"
#include <sys/stat.h>

CASE(it_gives_the_one_before)
{
    unsigned me = getegid();
    CHECK_EQ(me, syscall(SYS_setfsgid, NO_ID)); /* asking */
    if (!may_change_ids())
        return;
    CHECK_EQ(me, syscall(SYS_setfsgid, USER));
    CHECK_EQ(USER, syscall(SYS_setfsgid, OTHER_USER));
    CHECK_EQ(OTHER_USER, syscall(SYS_setfsgid, NO_ID));
    check_gids(getgid(), me, me);
    CHECK_EQ(0, syscall(SYS_setresgid, NO_ID, me, NO_ID)); /* which brings it back */
    CHECK_EQ(me, syscall(SYS_setfsgid, NO_ID));
}

CASE(new_files_are_its)
{
    struct stat facts;
    if (!may_change_ids())
        return;
    CHECK_EQ(0, chmod(".", 0777));
    CHECK_EQ(0, syscall(SYS_setfsgid, USER));
    CHECK_EQ(0, mkdir("folder", 0755));
    CHECK_EQ(0, stat("folder", &facts));
    CHECK_EQ(USER, facts.st_gid);
}

CASE(without_privilege)
{
    unsigned me = getgid();
    if (may_change_ids()) {
        CHECK_EQ(0, syscall(SYS_setresgid, 11, 22, 33));
        me = 22;
    }
    drop_capabilities();
    CHECK_EQ(me, syscall(SYS_setfsgid, 44)); /* refused in silence */
    CHECK_EQ(me, syscall(SYS_setfsgid, NO_ID));
    if (me != 22)
        return;
    CHECK_EQ(22, syscall(SYS_setfsgid, 11));
    CHECK_EQ(11, syscall(SYS_setfsgid, 33));
    CHECK_EQ(33, syscall(SYS_setfsgid, 22));
}
