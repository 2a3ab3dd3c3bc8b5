/* Users and capabilities for the cases of a call: what the superuser may, and what an ordinary user may. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdint.h>
#include <sys/syscall.h>

#define USER 12345
#define OTHER_USER 23456
#define NO_ID ((unsigned)-1)

enum { CAP_KILL_ = 5, CAP_SETGID_ = 6, CAP_SETUID_ = 7, CAP_SETPCAP_ = 8, CAP_IPC_LOCK_ = 14, CAP_SYS_ADMIN_ = 21,
       CAP_SYS_NICE_ = 23, CAP_SYS_RESOURCE_ = 24, CAP_SYSLOG_ = 34 };

struct cap_header {
    uint32_t version;
    int pid;
};

struct cap_sets { /* a word of 32 capabilities */
    uint32_t effective, permitted, inheritable;
};

#define CAP_VERSION_3 0x20080522u

static inline void own_capabilities(struct cap_sets sets[2])
{
    struct cap_header header = {CAP_VERSION_3, 0};
    CHECK_EQ(0, syscall(SYS_capget, &header, sets));
}

/* The superuser of a container may lack some. */
static inline int has_capability(int number)
{
    struct cap_sets sets[2];
    own_capabilities(sets);
    return sets[number / 32].effective >> number % 32 & 1;
}

/* Whether this process may become anybody: else a case about that has nothing to ask. */
static inline int may_change_ids(void)
{
    return geteuid() == 0 && has_capability(CAP_SETUID_) && has_capability(CAP_SETGID_);
}

/* From here on without capabilities, whoever this is. */
static inline void drop_capabilities(void)
{
    struct cap_header header = {CAP_VERSION_3, 0};
    struct cap_sets none[2] = {{0, 0, 0}, {0, 0, 0}};
    CHECK_EQ(0, syscall(SYS_capset, &header, none));
}

/* From here on no superuser: USER, without capabilities. By the kernel's calls, not by libc's. */
static inline void become_user(void)
{
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, syscall(SYS_setresgid, USER, USER, USER));
    CHECK_EQ(0, syscall(SYS_setresuid, USER, USER, USER));
}

static inline void check_uids(unsigned real, unsigned effective, unsigned saved)
{
    unsigned got[3];
    CHECK_EQ(0, syscall(SYS_getresuid, &got[0], &got[1], &got[2]));
    if (got[0] != real || got[1] != effective || got[2] != saved)
        CHECK_FAIL("users %u %u %u, not %u %u %u", got[0], got[1], got[2], real, effective, saved);
}

static inline void check_gids(unsigned real, unsigned effective, unsigned saved)
{
    unsigned got[3];
    CHECK_EQ(0, syscall(SYS_getresgid, &got[0], &got[1], &got[2]));
    if (got[0] != real || got[1] != effective || got[2] != saved)
        CHECK_FAIL("groups %u %u %u, not %u %u %u", got[0], got[1], got[2], real, effective, saved);
}

#endif
