/* Events as lines. */
#include <names.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "structures.h"

enum { SYS_EXIT = 93, SYS_EXIT_GROUP = 94, SYS_CLONE = 220, SYS_EXECVE = 221, SYS_EXECVEAT = 281, SYS_CLONE3 = 435 };

static void show_who(const struct victim *victim, const pstatus_t *status)
{
    bool lwps = status && status->pr_nlwp > 1;
    if (options.many && lwps)
        out("%d/%d:\t", victim->pid, status->pr_lwp.pr_lwpid);
    else if (options.many)
        out("%d:\t", victim->pid);
    else if (lwps)
        out("/%d:\t", status->pr_lwp.pr_lwpid);
}

static void show_info(const struct victim *victim, const pstatus_t *status, const pr_siginfo_t *info)
{
    if (!info->psi_signo)
        return;
    show_who(victim, status);
    out("      siginfo: SIG%s", signal_name(info->psi_signo));
    out(" ");
    out_code(info->psi_signo, info->psi_code);
    if (info->psi_code <= 0)
        out(" pid=%d uid=%u", info->psi_pid, info->psi_uid);
    else if (info->psi_signo == SIGCHLD)
        out(" pid=%d status=0x%.4x", info->psi_pid, (unsigned)info->psi_status);
    else
        out(" addr=0x%.8lx", (unsigned long)info->psi_addr);
    out_end();
}

static bool is_shown(int number) { return number > 0 && number <= 512 && SYS_IN(&options.shown, number); }

static void entry(struct victim *victim, const pstatus_t *status)
{
    const lwpstatus_t *lwp = &status->pr_lwp;
    if (lwp->pr_what == SYS_EXECVE || lwp->pr_what == SYS_EXECVEAT) {
        show_call(victim, lwp, false);
        free(victim->exec);
        victim->exec = out_take();
    }
    if (!is_shown(lwp->pr_what) || victim->starting)
        return;
    if (lwp->pr_what == SYS_EXIT || lwp->pr_what == SYS_EXIT_GROUP) { /* they have no end */
        if (options.count) {
            count_call(lwp->pr_what, false);
            return;
        }
        show_who(victim, status);
        out("_exit(%d)", (int)lwp->pr_sysarg[0]);
        out_end();
    }
}

static void leave(struct victim *victim, const pstatus_t *status)
{
    const lwpstatus_t *lwp = &status->pr_lwp;
    psinfo_t info;
    bool is_exec = lwp->pr_what == SYS_EXECVE || lwp->pr_what == SYS_EXECVEAT;
    bool is_clone = lwp->pr_what == SYS_CLONE || lwp->pr_what == SYS_CLONE3;
    if (victim->starting && !(is_exec && !lwp->pr_errno))
        return;
    if (!is_shown(lwp->pr_what))
        return;
    if (options.count) {
        count_call(lwp->pr_what, lwp->pr_errno);
        return;
    }
    show_who(victim, status);
    if (is_exec && victim->exec)
        out("%s", victim->exec);
    else
        show_call(victim, lwp, true);
    if (is_exec && !lwp->pr_errno && sol_get(victim->pid, "psinfo", &info, sizeof info)) {
        out_pad(48);
        out("argc = %d", info.pr_argc);
    } else if (is_clone && !lwp->pr_errno && !lwp->pr_rval1) {
        out("  (returning as child)");
    } else {
        show_result(victim, lwp);
    }
    out_end();
}

static void signalled(struct victim *victim, const pstatus_t *status)
{
    const lwpstatus_t *lwp = &status->pr_lwp;
    uintptr_t handler = lwp->pr_action.psa_handler;
    if (options.count) {
        count_signal(lwp->pr_what);
        return;
    }
    show_who(victim, status);
    out("    Received signal #%d, SIG%s [%s]", lwp->pr_what, signal_name(lwp->pr_what),
        handler > 1 ? "caught" : handler ? "ignored" : "default");
    out_end();
    show_info(victim, status, &lwp->pr_info);
}

static void faulted(struct victim *victim, const pstatus_t *status)
{
    const lwpstatus_t *lwp = &status->pr_lwp;
    if (options.count) {
        count_fault(lwp->pr_what);
        return;
    }
    show_who(victim, status);
    out("    Incurred fault #%d, %s  %%pc = 0x%.8lx", lwp->pr_what, fault_name(lwp->pr_what),
        (unsigned long)lwp->pr_reg.reg[R_PC]);
    out_end();
    show_info(victim, status, &lwp->pr_info);
}

void show_event(struct victim *victim, const pstatus_t *status)
{
    victim->told = false;
    switch (status->pr_lwp.pr_why) {
    case PR_SYSENTRY: entry(victim, status); break;
    case PR_SYSEXIT: leave(victim, status); break;
    case PR_SIGNALLED: signalled(victim, status); break;
    case PR_FAULTED: faulted(victim, status); break;
    }
}

void show_end(const struct victim *victim)
{
    psinfo_t info;
    count_time(victim);
    if (options.count || pread(victim->psinfo, &info, sizeof info, 0) != sizeof info || !WIFSIGNALED(info.pr_wstat))
        return;
    show_who(victim, NULL);
    out("        *** process killed by SIG%s ***", signal_name(WTERMSIG(info.pr_wstat)));
    out_end();
}

void show_sleep(struct victim *victim)
{
    pstatus_t status;
    if (victim->told || options.count || victim->starting
        || pread(victim->status, &status, sizeof status, 0) != sizeof status)
        return;
    if (!(status.pr_flags & PR_ASLEEP) || status.pr_flags & PR_ISTOP || !is_shown(status.pr_lwp.pr_syscall))
        return;
    show_who(victim, &status);
    show_call(victim, &status.pr_lwp, false);
    out(" (sleeping...)");
    out_end();
    victim->told = true;
}
