/* A system call as text: for each argument a letter that says how it is shown. */
#include <names.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "truss.h"

/* d a number, u one without a sign, x hexadecimal, o octal, s a string, b a buffer that is written from (its size is the
 * next argument), r a buffer that is read into (its size is the result), a the directory that a path starts at, f flags
 * of open and F the same without an access mode, p protection and m flags of a mapping, w whence, k a signal, h what happens to a mask, c a clock, t a time, W
 * options of wait, D a pair of descriptors, v arguments of a program. The result is a number unless `result` is 'x'.
 */
static const struct row {
    const char *name, *letters;
    char result;
} rows[] = {
    {"accept", "dxx", 'd'}, {"accept4", "dxxx", 'd'}, {"bind", "dxd", 'd'}, {"brk", "x", 'x'}, {"chdir", "s", 'd'},
    {"chroot", "s", 'd'}, {"clock_getres", "ct", 'd'}, {"clock_gettime", "ct", 'd'},
    {"clock_nanosleep", "cxtt", 'd'}, {"clock_settime", "ct", 'd'}, {"clone", "xxxxx", 'd'}, {"clone3", "xu", 'd'},
    {"close", "d", 'd'}, {"close_range", "uux", 'd'}, {"connect", "dxd", 'd'}, {"dup", "d", 'd'}, {"dup3", "ddF", 'd'},
    {"epoll_create1", "x", 'd'}, {"epoll_ctl", "dddx", 'd'}, {"epoll_pwait", "dxddxu", 'd'}, {"eventfd2", "ux", 'd'},
    {"execve", "svx", 'd'}, {"execveat", "asvxx", 'd'}, {"exit", "d", 'd'}, {"exit_group", "d", 'd'},
    {"faccessat", "aso", 'd'}, {"faccessat2", "asox", 'd'}, {"fallocate", "dxdd", 'd'}, {"fchdir", "d", 'd'},
    {"fchmod", "do", 'd'}, {"fchmodat", "aso", 'd'}, {"fchown", "ddd", 'd'}, {"fchownat", "asddx", 'd'},
    {"fcntl", "ddx", 'd'}, {"fdatasync", "d", 'd'}, {"flock", "dd", 'd'}, {"fstat", "dx", 'd'}, {"fstatfs", "dx", 'd'},
    {"fsync", "d", 'd'}, {"ftruncate", "dd", 'd'}, {"futex", "xdutxx", 'd'}, {"getcwd", "su", 'd'},
    {"getdents64", "dxu", 'd'}, {"getegid", "", 'd'}, {"geteuid", "", 'd'}, {"getgid", "", 'd'},
    {"getgroups", "dx", 'd'}, {"getitimer", "dx", 'd'}, {"getpgid", "d", 'd'}, {"getpid", "", 'd'},
    {"getppid", "", 'd'}, {"getpriority", "dd", 'd'}, {"getrandom", "xux", 'd'}, {"getresgid", "xxx", 'd'},
    {"getresuid", "xxx", 'd'}, {"getrusage", "dx", 'd'}, {"getsid", "d", 'd'}, {"gettid", "", 'd'},
    {"gettimeofday", "xx", 'd'}, {"getuid", "", 'd'}, {"ioctl", "dxx", 'd'}, {"kill", "dk", 'd'},
    {"linkat", "asasx", 'd'}, {"listen", "dd", 'd'}, {"lseek", "ddw", 'd'}, {"madvise", "xud", 'd'},
    {"memfd_create", "sx", 'd'}, {"mkdirat", "aso", 'd'}, {"mknodat", "asox", 'd'}, {"mmap", "xupmdx", 'x'},
    {"mount", "sssxx", 'd'}, {"mprotect", "xup", 'd'}, {"mremap", "xuuxx", 'x'}, {"munmap", "xu", 'd'},
    {"nanosleep", "tx", 'd'}, {"newfstatat", "asxx", 'd'}, {"openat", "asfo", 'd'}, {"pipe2", "DF", 'd'},
    {"ppoll", "xutxu", 'd'}, {"prctl", "dxxxx", 'd'}, {"pread64", "drud", 'd'}, {"prlimit64", "ddxx", 'd'},
    {"pselect6", "dxxxtx", 'd'}, {"pwrite64", "dbud", 'd'}, {"read", "dru", 'd'}, {"readlinkat", "asru", 'd'},
    {"readv", "dxu", 'd'}, {"recvfrom", "druxxx", 'd'}, {"renameat", "asas", 'd'}, {"renameat2", "asasx", 'd'},
    {"rt_sigaction", "kxxu", 'd'}, {"rt_sigprocmask", "hxxu", 'd'}, {"rt_sigreturn", "", 'd'},
    {"rt_sigsuspend", "xu", 'd'}, {"rt_sigtimedwait", "xxtu", 'd'}, {"sched_yield", "", 'd'},
    {"sendfile", "ddxu", 'd'}, {"sendto", "dbuxxx", 'd'}, {"set_robust_list", "xu", 'd'},
    {"set_tid_address", "x", 'd'}, {"setgid", "d", 'd'}, {"setitimer", "dxx", 'd'}, {"setpgid", "dd", 'd'},
    {"setpriority", "ddd", 'd'}, {"setresgid", "ddd", 'd'}, {"setresuid", "ddd", 'd'}, {"setsid", "", 'd'},
    {"setuid", "d", 'd'}, {"socket", "ddd", 'd'}, {"statfs", "sx", 'd'}, {"statx", "asxxx", 'd'},
    {"symlinkat", "sas", 'd'}, {"sync", "", 'd'}, {"tgkill", "ddk", 'd'}, {"times", "x", 'd'}, {"tkill", "dk", 'd'},
    {"truncate", "sd", 'd'}, {"umask", "o", 'd'}, {"umount2", "sx", 'd'}, {"uname", "x", 'd'},
    {"unlinkat", "asx", 'd'}, {"utimensat", "asxx", 'd'}, {"wait4", "dxWx", 'd'}, {"waitid", "ddxWx", 'd'},
    {"write", "dbu", 'd'}, {"writev", "dxu", 'd'},
};

struct name {
    long bits;
    const char *name;
};

static const struct name open_flags[] = {
    {0100, "O_CREAT"}, {0200, "O_EXCL"}, {0400, "O_NOCTTY"}, {01000, "O_TRUNC"}, {02000, "O_APPEND"},
    {04000, "O_NONBLOCK"}, {0100000, "O_LARGEFILE"}, {0200000, "O_DIRECTORY"}, {0400000, "O_NOFOLLOW"},
    {02000000, "O_CLOEXEC"}, {010000000, "O_PATH"}, {0, NULL}};
static const struct name protections[] = {{1, "PROT_READ"}, {2, "PROT_WRITE"}, {4, "PROT_EXEC"}, {0, NULL}};
static const struct name map_flags[] = {{1, "MAP_SHARED"}, {2, "MAP_PRIVATE"}, {0x10, "MAP_FIXED"},
                                        {0x20, "MAP_ANONYMOUS"}, {0x20000, "MAP_STACK"}, {0, NULL}};
static const struct name wait_flags[] = {{1, "WNOHANG"}, {2, "WUNTRACED"}, {4, "WEXITED"}, {8, "WCONTINUED"},
                                         {0x1000000, "WNOWAIT"}, {0, NULL}};
static const char *const whences[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END", "SEEK_DATA", "SEEK_HOLE"};
static const char *const hows[] = {"SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"};
static const char *const clocks[] = {"CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_PROCESS_CPUTIME_ID",
                                     "CLOCK_THREAD_CPUTIME_ID", "CLOCK_MONOTONIC_RAW"};

static void out_flags(const struct name *names, long value, const char *start)
{
    const char *bar = *start ? "|" : "";
    out("%s", start);
    for (; names->name; names++)
        if (value & names->bits) {
            out("%s%s", bar, names->name);
            value &= ~names->bits;
            bar = "|";
        }
    if (value || !*bar)
        out(value ? "%s0x%lx" : "%s0", bar, value);
}

static void out_one(const char *const *names, size_t count, long value)
{
    if (value >= 0 && value < (long)count)
        out("%s", names[value]);
    else
        out("%ld", value);
}

#define COUNT(table) (sizeof(table) / sizeof *(table))

static void out_address(long value) { out(value ? "0x%lx" : "NULL", value); }

/* The words of a vector, as long as they can be read. */
static void out_vector(const struct victim *victim, long at)
{
    uintptr_t word;
    if (!options.arguments) {
        out_address(at);
        return;
    }
    out("[");
    for (int i = 0; i < 64 && pread(victim->as, &word, sizeof word, at + i * 8) == sizeof word && word; i++) {
        out(i ? ", " : "");
        out_string(victim, word);
    }
    out("]");
}

static void out_two(const struct victim *victim, long at, size_t size, const char *format)
{
    long two[2] = {0};
    int small[2];
    if (!at || pread(victim->as, size == 8 ? (void *)small : (void *)two, size, at) != (ssize_t)size) {
        out_address(at);
        return;
    }
    if (size == 8) {
        two[0] = small[0];
        two[1] = small[1];
    }
    out("%c%ld, %ld%c", format[0], two[0], two[1], format[1]);
}

static void show_argument(const struct victim *victim, const lwpstatus_t *lwp, char letter, int at, bool over)
{
    long value = lwp->pr_sysarg[at];
    bool failed = lwp->pr_errno;
    switch (letter) {
    case 'd': out("%ld", (long)(int)value == value ? value : value >> 32 ? value : (long)(int)value); break;
    case 'u': out("%lu", (unsigned long)value); break;
    case 'o': out("0%lo", (unsigned long)value & 0xffffffff); break;
    case 's': out_string(victim, (uintptr_t)value); break;
    case 'b':
        out_text(victim, (uintptr_t)value, (size_t)lwp->pr_sysarg[at + 1], (size_t)lwp->pr_sysarg[at + 1]);
        break;
    case 'r':
        if (over && !failed)
            out_text(victim, (uintptr_t)value, (size_t)lwp->pr_rval1, (size_t)lwp->pr_rval1);
        else
            out_address(value);
        break;
    case 'a': out((int)value == -100 ? "AT_FDCWD" : "%d", (int)value); break;
    case 'f': {
        static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
        out_flags(open_flags, value & ~3L & 0xffffffff, modes[value & 3]);
        break;
    }
    case 'F': out_flags(open_flags, value & 0xffffffff, ""); break;
    case 'p': out_flags(protections, value, value ? "" : "PROT_NONE"); break;
    case 'm': out_flags(map_flags, value, ""); break;
    case 'w': out_one(whences, COUNT(whences), value); break;
    case 'h': out_one(hows, COUNT(hows), value); break;
    case 'c': out_one(clocks, COUNT(clocks), value); break;
    case 'k': out(value ? "SIG%s" : "0", signal_name((int)value)); break;
    case 'W': out_flags(wait_flags, value & 0xffffffff, ""); break;
    case 't': out_two(victim, value, 16, "{}"); break;
    case 'D':
        if (over && !failed)
            out_two(victim, value, 8, "[]");
        else
            out_address(value);
        break;
    case 'v': out_vector(victim, value); break;
    default: out_address(value);
    }
}

static const struct row *row_of(int number)
{
    const char *name = call_name(number);
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

void show_call(const struct victim *victim, const lwpstatus_t *lwp, bool over)
{
    const struct row *row = row_of(lwp->pr_syscall);
    int count = row ? (int)strlen(row->letters) : lwp->pr_nsysarg;
    out("%s(", call_name(lwp->pr_syscall));
    /* the mode of a file that is not made is nobody's business */
    if (row && strcmp(row->name, "openat") == 0 && !(lwp->pr_sysarg[2] & 0100))
        count = 3;
    for (int i = 0; i < count && i < 8; i++) {
        out(i ? ", " : "");
        show_argument(victim, lwp, row ? row->letters[i] : 'x', i, over);
    }
    out(")");
}

void show_result(const struct victim *victim, const lwpstatus_t *lwp)
{
    const struct row *row = row_of(lwp->pr_syscall);
    (void)victim;
    out_pad(48);
    if (lwp->pr_errno)
        out("Err#%d %s", lwp->pr_errno, error_name(lwp->pr_errno));
    else
        out(row && row->result == 'x' ? "= 0x%lx" : "= %ld", lwp->pr_rval1);
}
