/* Structures that a call takes or fills in. Layouts: Linux's uapi headers for 64 bits. */
#include "structures.h"

#include <names.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 16, MOST_SOCKADDR = 128, AF_UNIX = 1, AF_INET = 2, SYS_WAIT4 = 260 };

bool fetch(const struct victim *victim, unsigned long from, void *to, size_t size)
{
    return pread(victim->as, to, size, (off_t)from) == (ssize_t)size;
}

static void out_time(const long *pair) { out("{%ld, %ld}", pair[0], pair[1]); }

static void out_set(uint64_t set)
{
    const char *blank = "";
    int count = 0;
    for (uint64_t rest = set; rest; rest &= rest - 1)
        count++;
    bool most = count > 42;
    set = most ? ~set : set;
    out(most ? "~[" : "[");
    for (int number = 1; number <= 64; number++)
        if (set >> (number - 1) & 1) {
            out("%s%s", blank, signal_name(number));
            blank = " ";
        }
    out("]");
}

static void out_mode(unsigned mode)
{
    unsigned type = mode & 0170000;
    if (type) {
        out_choice(file_types, type);
        out("|");
    }
    out("0%o", mode & 07777);
}

static void out_limit(unsigned long value)
{
    if (value == ~0ul)
        out("RLIM_INFINITY");
    else
        out("%lu", value);
}

static void out_status(int status)
{
    if (WIFEXITED(status))
        out("[exit %d]", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        out("[SIG%s%s]", signal_name(WTERMSIG(status)), status & 0x80 ? ", core" : "");
    else if (status == 0xffff)
        out("[continued]");
    else
        out("[stopped by SIG%s]", signal_name(status >> 8 & 0xff));
}

void out_code(int signo, int code)
{
    for (const struct code *at = codes; at->name; at++)
        if (at->code == code && (at->signo == signo || !at->signo)) {
            out("%s", at->name);
            return;
        }
    out("code=%d", code);
}

static void out_sockaddr(const struct victim *victim, unsigned long at, size_t size)
{
    struct {
        uint16_t family;
        unsigned char rest[MOST_SOCKADDR];
    } address = {0};
    size = size < MOST_SOCKADDR ? size : MOST_SOCKADDR;
    if (size < 2 || !fetch(victim, at, &address, size)) {
        out_address(at);
        return;
    }
    const unsigned char *rest = address.rest;
    out("{");
    out_choice(family_names, address.family);
    if (address.family == AF_UNIX && size > 2) { /* a name, or behind a NUL one that is no file's */
        out(rest[0] ? ", \"" : ", @\"");
        out_bytes(rest + !rest[0], rest[0] ? strnlen((const char *)rest, size - 2) : size - 3);
        out("\"");
    } else if (address.family == AF_INET && size >= 8)
        out(", %u.%u.%u.%u:%u", rest[2], rest[3], rest[4], rest[5], rest[0] << 8 | rest[1]);
    out("}");
}

static void out_iovec(const struct victim *victim, unsigned long at, long count, size_t limit)
{
    struct {
        unsigned long base, length;
    } part;
    if (count < 0 || (count && !fetch(victim, at, &part, sizeof part))) {
        out_address(at);
        return;
    }
    out("[");
    for (long i = 0; i < count; i++) {
        if (i == MOST || !fetch(victim, at + (unsigned long)i * sizeof part, &part, sizeof part)) {
            out(", ...");
            break;
        }
        size_t size = part.length < limit ? part.length : limit;
        limit -= size;
        out(i ? ", " : "");
        out_text(victim, part.base, size, size);
    }
    out("]");
}

static void out_pollfds(const struct victim *victim, unsigned long at, unsigned count, bool ready)
{
    struct {
        int fd;
        uint16_t events, found;
    } file;
    const char *comma = "";
    if (count && !fetch(victim, at, &file, sizeof file)) {
        out_address(at);
        return;
    }
    out("[");
    for (unsigned i = 0, shown = 0; i < count && i < 1024; i++) {
        if (!fetch(victim, at + i * sizeof file, &file, sizeof file) || shown == MOST) {
            out("%s...", comma);
            break;
        }
        if (ready && !file.found)
            continue;
        out("%s{%d, ", comma, file.fd);
        out_flags(poll_events, ready ? file.found : file.events);
        out("}");
        comma = ", ";
        shown++;
    }
    out("]");
}

void out_ready(const struct victim *victim, const lwpstatus_t *lwp)
{
    out("  ");
    out_pollfds(victim, (unsigned long)lwp->pr_sysarg[0], (unsigned)lwp->pr_sysarg[1], true);
}

static void out_events(const struct victim *victim, const struct name *names, unsigned long at, long count)
{
    struct {
        uint32_t events, unused;
        uint64_t data;
    } event;
    for (long i = 0; i < count; i++) {
        if (i == MOST || !fetch(victim, at + (unsigned long)i * sizeof event, &event, sizeof event)) {
            out(", ...");
            return;
        }
        out(i ? ", {" : "{");
        out_flags(names, event.events);
        out(", %lu}", event.data);
    }
}

static void out_fd_set(const struct victim *victim, unsigned long at, int count)
{
    uint64_t word;
    const char *blank = "";
    if (count > 0 && !fetch(victim, at, &word, sizeof word)) {
        out_address(at);
        return;
    }
    out("[");
    for (int base = 0; base < count && base < 1024 && fetch(victim, at + (unsigned long)base / 8, &word, 8); base += 64)
        for (int fd = base; fd < count && fd < base + 64; fd++)
            if (word >> (fd - base) & 1) {
                out("%s%d", blank, fd);
                blank = " ";
            }
    out("]");
}

void out_lock(const struct victim *victim, unsigned long at)
{
    struct {
        int16_t type, whence;
        int64_t start, length;
        int pid;
    } lock;
    if (!fetch(victim, at, &lock, sizeof lock)) {
        out_address(at);
        return;
    }
    out("{");
    out_choice(lock_types, (uint16_t)lock.type);
    out(", ");
    out_choice(whences, (uint16_t)lock.whence);
    out(", %ld, %ld}", (long)lock.start, (long)lock.length);
}

/* How much of memory a structure takes; 0: it is none of these. */
static size_t size_of(int kind)
{
    static const unsigned short sizes[] = {
        [K_ACTION] = 24, [K_FILE_TIMES] = 32, [K_ITIMERSPEC] = 32, [K_ITIMERVAL] = 32, [K_NUMBER4] = 4, [K_NUMBER8] = 8,
        [K_PAIR] = 8, [K_RLIMIT] = 16, [K_RUSAGE] = 32, [K_SET_BYTES] = 8, [K_SIGINFO] = 32, [K_STACK] = 24,
        [K_STAT] = 128, [K_STATFS] = 88, [K_STATUS] = 4, [K_STATX] = 64, [K_SYSINFO] = 112, [K_TIMESPEC] = 16,
        [K_TIMEVAL] = 16, [K_TIMEZONE] = 8, [K_TMS] = 32, [K_UTSNAME] = 390, [K_VECTOR] = 0,
    };
    return sizes[kind];
}

union structure {
    long words[16];
    unsigned long sizes[16];
    int numbers[32];
    unsigned halves[32];
    char text[390];
};

static void out_fixed(int kind, const union structure *it)
{
    switch (kind) {
    case K_ACTION: /* handler, flags, mask */
        out(it->sizes[0] < 2 ? it->sizes[0] ? "{SIG_IGN, " : "{SIG_DFL, " : "{0x%lx, ", it->sizes[0]);
        out_set((uint64_t)it->sizes[2]);
        out(", ");
        out_flags(action_flags, it->sizes[1] & 0xffffffff);
        out("}");
        break;
    case K_STACK:
        out("{");
        out_address(it->sizes[0]);
        out(", ");
        out_flags(stack_flags, it->halves[2]);
        out(", %lu}", it->sizes[2]);
        break;
    case K_TIMESPEC: case K_TIMEVAL: out_time(it->words); break;
    case K_FILE_TIMES: case K_ITIMERSPEC: case K_ITIMERVAL: case K_RUSAGE:
        out("{");
        out_time(it->words);
        out(", ");
        out_time(it->words + 2);
        out(kind == K_RUSAGE ? ", ...}" : "}");
        break;
    case K_NUMBER4: out("[%d]", it->numbers[0]); break;
    case K_NUMBER8: out("[%ld]", it->words[0]); break;
    case K_PAIR: out("[%d, %d]", it->numbers[0], it->numbers[1]); break;
    case K_TIMEZONE: out("{%d, %d}", it->numbers[0], it->numbers[1]); break;
    case K_TMS: out("{%ld, %ld, %ld, %ld}", it->words[0], it->words[1], it->words[2], it->words[3]); break;
    case K_RLIMIT:
        out("{");
        out_limit(it->sizes[0]);
        out(", ");
        out_limit(it->sizes[1]);
        out("}");
        break;
    case K_SET_BYTES: out_set((uint64_t)it->sizes[0]); break;
    case K_SIGINFO: /* signo, errno, code, then pid and uid */
        out("{SIG%s, ", signal_name(it->numbers[0]));
        out_code(it->numbers[0], it->numbers[2]);
        out(", pid=%d, uid=%u}", it->numbers[4], it->halves[5]);
        break;
    case K_STAT: /* dev, ino, mode, nlink, uid, gid, rdev, unused, size */
        out("{");
        out_mode(it->halves[4]);
        out(", ino=%lu, nlink=%u, uid=%u, gid=%u, size=%ld}", it->sizes[1], it->halves[5], it->halves[6], it->halves[7],
            it->words[6]);
        break;
    case K_STATX: /* mask, blksize, attributes, nlink, uid, gid, mode, ino, size */
        out("{");
        out_mode(it->halves[7] & 0xffff);
        out(", ino=%lu, nlink=%u, uid=%u, gid=%u, size=%lu}", it->sizes[4], it->halves[4], it->halves[5], it->halves[6],
            it->sizes[5]);
        break;
    case K_STATFS: /* type, bsize, blocks, bfree, bavail */
        out("{");
        out_choice(magic_names, it->halves[0]);
        out(", bsize=%lu, blocks=%lu, bfree=%lu, bavail=%lu}", it->sizes[1], it->sizes[2], it->sizes[3], it->sizes[4]);
        break;
    case K_STATUS: out_status(it->numbers[0]); break;
    case K_SYSINFO: out("{uptime=%ld, totalram=%lu, freeram=%lu, ...}", it->words[0], it->sizes[4], it->sizes[5]); break;
    case K_UTSNAME: out("{\"%.65s\", \"%.65s\", \"%.65s\", ...}", it->text, it->text + 65, it->text + 130); break;
    }
}

void out_structure(const struct victim *victim, const lwpstatus_t *lwp, const struct argument *argument,
                   unsigned long at, bool over)
{
    union structure it = {{0}};
    size_t size = size_of(argument->kind);
    unsigned long other = (unsigned long)lwp->pr_sysarg[argument->size];
    uint32_t length;
    if (size) {
        bool filled = argument->kind != K_STATUS && argument->kind != K_RUSAGE; /* wait fills them for a child only */
        if ((!filled && lwp->pr_rval1 <= 0 && lwp->pr_syscall == SYS_WAIT4) || !fetch(victim, at, &it, size))
            out_address(at);
        else
            out_fixed(argument->kind, &it);
        return;
    }
    switch (argument->kind) {
    case K_SOCKADDR: out_sockaddr(victim, at, other & 0xffffffff); break;
    case K_SOCKADDR_OUT:
        if (fetch(victim, other, &length, sizeof length))
            out_sockaddr(victim, at, length);
        else
            out_address(at);
        break;
    case K_IOVEC:
        out_iovec(victim, at, lwp->pr_sysarg[2], argument->out ? (size_t)lwp->pr_rval1 : ~(size_t)0);
        break;
    case K_POLLFDS: out_pollfds(victim, at, (unsigned)lwp->pr_sysarg[1], false); break;
    case K_FD_SET: out_fd_set(victim, at, (int)lwp->pr_sysarg[0]); break;
    case K_EPOLL_EVENT: out_events(victim, argument->names, at, 1); break;
    case K_EPOLL_EVENTS:
        out("[");
        out_events(victim, argument->names, at, over ? lwp->pr_rval1 : 0);
        out("]");
        break;
    default: out_address(at);
    }
}
