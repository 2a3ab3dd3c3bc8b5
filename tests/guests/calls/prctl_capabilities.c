#define _GNU_SOURCE
/* prctl: what becomes of capabilities when the user changes, and at exec. */
#include "check.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { KILL_ = 5, SETPCAP_ = 8, RAW_ = 13 };
enum { NOROOT = 1, NOROOT_LOCKED = 2, KEEP_CAPS = 16, KEEP_CAPS_LOCKED = 32, NO_AMBIENT = 64 };

struct header {
    uint32_t version;
    int pid;
};

struct sets {
    uint32_t effective, permitted, inheritable;
};

static struct header header = {0x20080522, 0};

static struct sets own(void)
{
    struct sets words[2];
    CHECK_EQ(0, syscall(SYS_capget, &header, words));
    return words[0];
}

static long set_own(struct sets low)
{
    struct sets words[2];
    CHECK_EQ(0, syscall(SYS_capget, &header, words));
    words[0] = low;
    return syscall(SYS_capset, &header, words);
}

static int have(int number)
{
    return own().permitted >> number & 1;
}

CASE(keep_capabilities)
{
    CHECK_EQ(0, prctl(PR_GET_KEEPCAPS));
    CHECK_EQ(0, prctl(PR_SET_KEEPCAPS, 1));
    CHECK_EQ(1, prctl(PR_GET_KEEPCAPS));
    CHECK_EQ(KEEP_CAPS, prctl(PR_GET_SECUREBITS));
    CHECK_ERRNO(EINVAL, prctl(PR_SET_KEEPCAPS, 2));
    if (geteuid() != 0 || !have(KILL_))
        return;
    CHECK_EQ(0, setuid(12345));
    CHECK(have(KILL_));
    CHECK_EQ(0, own().effective);
    struct sets low = own();
    low.effective = 1 << KILL_;
    CHECK_EQ(0, set_own(low));
    CHECK_EQ(1 << KILL_, own().effective);
    CHECK_EQ(0, prctl(PR_SET_KEEPCAPS, 0));
    CHECK_EQ(0, prctl(PR_GET_SECUREBITS));
}

CASE(without_it_they_go)
{
    if (geteuid() != 0)
        return;
    CHECK_EQ(0, setuid(12345));
    CHECK_EQ(0, own().permitted);
}

CASE(ambient)
{
    if (!have(KILL_))
        return;
    struct sets low = own();
    low.inheritable &= ~(1 << KILL_);
    CHECK_EQ(0, set_own(low));
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, KILL_, 0, 0));
    CHECK_ERRNO(EPERM, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL_, 0, 0)); /* not inheritable */
    low.inheritable |= 1 << KILL_;
    CHECK_EQ(0, set_own(low));
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL_, 0, 0));
    CHECK_EQ(1, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, KILL_, 0, 0));
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, KILL_, 0, 0));
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, KILL_, 0, 0));
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL_, 0, 0));
    low.inheritable &= ~(1 << KILL_);
    CHECK_EQ(0, set_own(low)); /* takes it out */
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, KILL_, 0, 0));
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

CASE(ambient_outlives_exec)
{
    if (geteuid() != 0 || !have(KILL_))
        return;
    if (check_argc > 1 && check_argv[0][0] == '+') {
        CHECK_EQ(1 << KILL_, own().effective);
        CHECK_EQ(1 << KILL_, own().permitted);
        return;
    }
    char *again[] = {"+", "ambient_outlives_exec", NULL}, *none[] = {NULL};
    int program = open("/proc/self/exe", O_RDONLY);
    CHECK_EQ(0, prctl(PR_SET_KEEPCAPS, 1));
    CHECK_EQ(0, setuid(12345));
    CHECK_EQ(0, set_own((struct sets){1 << KILL_, 1 << KILL_, 1 << KILL_}));
    CHECK_EQ(0, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL_, 0, 0));
    CHECK_EQ(0, setgid(getgid()));
    close(1); /* one "passed" is enough */
    syscall(SYS_execveat, program, "", again, none, AT_EMPTY_PATH);
    _exit(9);
}

CASE(ambient_errors)
{
    CHECK_ERRNO(EINVAL, prctl(PR_CAP_AMBIENT, 9, KILL_, 0, 0));
    CHECK_ERRNO(EINVAL, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 64, 0, 0));
    CHECK_ERRNO(EINVAL, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL_, 1, 0));
    CHECK_ERRNO(EINVAL, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
}

CASE(secure_bits)
{
    if (!have(SETPCAP_))
        return;
    CHECK_EQ(0, prctl(PR_SET_SECUREBITS, NO_AMBIENT));
    CHECK_EQ(NO_AMBIENT, prctl(PR_GET_SECUREBITS));
    CHECK_ERRNO(EPERM, prctl(PR_SET_SECUREBITS, 1 << 12));
    CHECK_EQ(0, prctl(PR_SET_SECUREBITS, KEEP_CAPS | KEEP_CAPS_LOCKED));
    CHECK_ERRNO(EPERM, prctl(PR_SET_SECUREBITS, KEEP_CAPS_LOCKED)); /* locked */
    CHECK_ERRNO(EPERM, prctl(PR_SET_SECUREBITS, KEEP_CAPS));        /* for good */
    CHECK_ERRNO(EPERM, prctl(PR_SET_KEEPCAPS, 0));
}

CASE(other_settings)
{
    CHECK_EQ(0, prctl(PR_GET_TIMING));
    CHECK_EQ(0, prctl(PR_SET_TIMING, 0));
    CHECK_ERRNO(EINVAL, prctl(PR_SET_TIMING, 1));
    CHECK_EQ(0, prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    CHECK_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    CHECK_EQ(1, prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0));
    CHECK_ERRNO(EINVAL, prctl(12345678));
}

#ifdef __riscv
/* A kernel built without seccomp says so; the host's has it. kernel/sys.c, include/linux/seccomp.h */
CASE(no_seccomp)
{
    CHECK_ERRNO(EINVAL, prctl(PR_GET_SECCOMP));
    CHECK_ERRNO(EINVAL, prctl(PR_SET_SECCOMP, 1));
    CHECK_ERRNO(ENOSYS, syscall(SYS_seccomp, 0, 0, NULL));
}

/* PR_GET_AUXV came with Linux 6.4. kernel/sys.c:prctl_get_auxv */
CASE(the_auxiliary_vector)
{
    uint64_t words[128] = {0};
    long size = prctl(0x41555856, words, sizeof words, 0, 0);
    CHECK(size > 0 && size % 16 == 0);
    for (int at = 0; at < size / 8; at += 2)
        if (words[at] == 6)
            CHECK_EQ(4096, words[at + 1]);
    CHECK_EQ(size, prctl(0x41555856, words, 8, 0, 0));
    CHECK_ERRNO(EFAULT, prctl(0x41555856, -4096l, 8, 0, 0));
    CHECK_ERRNO(EINVAL, prctl(0x41555856, words, 8, 1, 0));
}
#endif
