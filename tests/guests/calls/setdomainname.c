#define _GNU_SOURCE
#include "check.h"
#include "bad_memory.h"
#include "child.h"
#include "credentials.h"
#include <sys/utsname.h>

/* With names of its own, so that the host keeps its. */
static int alone(void)
{
#ifdef __riscv
    return 1;
#else
    return unshare(CLONE_NEWUTS) == 0;
#endif
}

static const char *name(void)
{
    static struct utsname names;
    CHECK_EQ(0, uname(&names));
    return names.domainname;
}

CASE(it_is_set)
{
    char longest[65];
    memset(longest, 'x', 64);
    longest[64] = 0;
    if (!alone())
        return;
    CHECK_EQ(0, syscall(SYS_setdomainname, "first", 5));
    CHECK_EQ(0, strcmp(name(), "first"));
    CHECK_EQ(0, syscall(SYS_setdomainname, "second", 3)); /* no NUL is needed */
    CHECK_EQ(0, strcmp(name(), "sec"));
    CHECK_EQ(0, syscall(SYS_setdomainname, longest, 64));
    CHECK_EQ(0, strcmp(name(), longest));
    CHECK_EQ(0, syscall(SYS_setdomainname, BAD, 0));
    CHECK_EQ(0, strcmp(name(), ""));
}

CASE(errors)
{
    if (!alone())
        return;
    CHECK_EQ(0, syscall(SYS_setdomainname, "name", 4));
    CHECK_ERRNO(EINVAL, syscall(SYS_setdomainname, BAD, -1));
    CHECK_ERRNO(EINVAL, syscall(SYS_setdomainname, BAD, 65));
    CHECK_ERRNO(EFAULT, syscall(SYS_setdomainname, BAD, 64));
    CHECK_ERRNO(EFAULT, syscall(SYS_setdomainname, at_edge(4), 5));
    CHECK_EQ(0, strcmp(name(), "name"));
}

CASE(without_privilege)
{
    drop_capabilities();
    CHECK_ERRNO(EPERM, syscall(SYS_setdomainname, "name", 4));
    CHECK_ERRNO(EPERM, syscall(SYS_setdomainname, BAD, -1)); /* before the length */
}
