/* Files and control of /system/proc. man 5 proc of illumos */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linuxproc.h>
#include <solproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *sol_path(int pid, const char *name)
{
    static char path[256];
    const char *root = getenv("SOLPROC");
    root = root && *root ? root : "/system/proc";
    if (pid)
        snprintf(path, sizeof path, "%s/%d/%s", root, pid, name);
    else
        snprintf(path, sizeof path, "%s", root);
    return path;
}

int sol_open(int pid, const char *name, int flags) { return open(sol_path(pid, name), flags | O_CLOEXEC); }

bool sol_get(int pid, const char *name, void *to, size_t size)
{
    int fd = sol_open(pid, name, O_RDONLY);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, to, size);
    int why = got < 0 ? errno : EIO;
    close(fd);
    errno = why;
    return got == (ssize_t)size;
}

void *sol_all(int pid, const char *name, size_t *size)
{
    int fd = sol_open(pid, name, O_RDONLY);
    if (fd < 0)
        return NULL;
    size_t room = 4096;
    char *data = NULL;
    ssize_t got;
    do { /* the file is made anew at each read, so only one read is of one piece */
        room *= 2;
        data = must(realloc(data, room));
        got = pread(fd, data, room, 0);
    } while (got == (ssize_t)room);
    int why = errno;
    close(fd);
    if (got < 0) {
        free(data);
        errno = why;
        return NULL;
    }
    *size = (size_t)got;
    return data;
}

bool sol_tell(int ctl, long code, const void *operand, size_t size)
{
    char message[8 + sizeof(prfpregset_t)];
    memcpy(message, &code, sizeof code);
    memcpy(message + sizeof code, operand, size);
    return write(ctl, message, sizeof code + size) == (ssize_t)(sizeof code + size);
}

bool sol_tell_long(int ctl, long code, long operand) { return sol_tell(ctl, code, &operand, sizeof operand); }

int sol_pids(int **pids) { return proc_numbers(sol_path(0, NULL), pids); }

bool sol_pid(const char *text, int *pid, int *lwp)
{
    char *end;
    long number = strtol(text, &end, 10);
    long part = 0;
    bool good = isdigit(*text) && number > 0 && number <= INT32_MAX;
    if (good && lwp && *end == '/' && isdigit(end[1]))
        part = strtol(end + 1, &end, 10);
    if (!good || *end || part > INT32_MAX) {
        warnx("%s: not a pid", text);
        return false;
    }
    *pid = (int)number;
    if (lwp)
        *lwp = (int)part;
    return true;
}

void sol_title(const psinfo_t *info)
{
    if (!info->pr_nlwp)
        printf("%d:\t<defunct>\n", info->pr_pid);
    else
        printf("%d:\t%.*s\n", info->pr_pid, PRARGSZ, *info->pr_psargs ? info->pr_psargs : info->pr_fname);
}

void sol_complain(int pid)
{
    psinfo_t info;
    int why = errno;
    if (why == EBUSY)
        warnx("%d: another program controls it", pid);
    else if (why == ENOENT && sol_get(pid, "psinfo", &info, sizeof info) && !info.pr_nlwp)
        warnx("%d: it has ended and waits for its parent", pid);
    else if (why == ENOENT)
        warnx("%d: no such process", pid);
    else
        warnx("%d: %s", pid, strerror(why));
}

bool sol_hold(struct hold *hold, int pid)
{
    pstatus_t status;
    *hold = (struct hold){.pid = pid};
    hold->ctl = sol_open(pid, "ctl", O_WRONLY | O_EXCL);
    if (hold->ctl < 0)
        return false;
    if (pid == getpid())
        return true; /* it runs, so as to look */
    if (!sol_get(pid, "status", &status, sizeof status)) {
        int why = errno;
        close(hold->ctl);
        errno = why;
        return false;
    }
    hold->had_rlc = status.pr_flags & PR_RLC;
    if (status.pr_flags & PR_ISTOP)
        return true;
    hold->stopped = true;
    sol_tell_long(hold->ctl, PCSET, PR_RLC); /* if we are killed meanwhile, it goes on */
    if (!sol_tell(hold->ctl, PCDSTOP, "", 0)) {
        int why = errno;
        close(hold->ctl);
        errno = why;
        return false;
    }
    if (!(status.pr_flags & PR_STOPPED))
        sol_tell_long(hold->ctl, PCTWSTOP, 2000);
    return true;
}

void sol_release(struct hold *hold)
{
    if (hold->stopped) {
        sol_tell_long(hold->ctl, PCRUN, 0);
        if (!hold->had_rlc)
            sol_tell_long(hold->ctl, PCUNSET, PR_RLC);
    }
    close(hold->ctl);
}
