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

/* From here on no superuser: USER, without capabilities. By the kernel's calls, not by libc's. */
static inline void become_user(void)
{
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, syscall(SYS_setresgid, USER, USER, USER));
    CHECK_EQ(0, syscall(SYS_setresuid, USER, USER, USER));
}

#endif
