/* The agent: it is put into a process that stands, runs one ecall after the other, and exits. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { SYS_EXIT = 93, ECALL = 0x73, REDZONE = 4096 };

/* An ecall in the process's code, which every program has, if only in its vdso; 0: none was found. */
static uintptr_t find_ecall(int pid, int as)
{
    size_t size;
    prmap_t *maps = sol_all(pid, "map", &size);
    static unsigned char page[4096];
    uintptr_t found = 0;
    for (size_t i = 0; maps && !found && i < size / sizeof *maps; i++) {
        if (!(maps[i].pr_mflags & MA_EXEC))
            continue;
        for (uintptr_t at = maps[i].pr_vaddr; !found && at < maps[i].pr_vaddr + maps[i].pr_size; at += sizeof page) {
            ssize_t got = pread(as, page, sizeof page, (off_t)at);
            for (ssize_t offset = 0; offset + 4 <= got && !found; offset += 2)
                if (page[offset] == ECALL && !page[offset + 1] && !page[offset + 2] && !page[offset + 3])
                    found = at + (uintptr_t)offset;
        }
    }
    free(maps);
    return found;
}

static bool give_up(struct agent *agent)
{
    int why = errno;
    if (agent->as >= 0)
        close(agent->as);
    sol_release(&agent->hold);
    errno = why;
    return false;
}

bool agent_begin(struct agent *agent, int pid)
{
    pstatus_t status;
    if (!sol_hold(&agent->hold, pid))
        return false;
    agent->as = sol_open(pid, "as", O_RDWR);
    if (agent->as < 0 || !sol_get(pid, "status", &status, sizeof status))
        return give_up(agent);
    if (!(status.pr_flags & PR_ISTOP)) { /* job control has stopped it: nothing can run there now */
        errno = EAGAIN;
        return give_up(agent);
    }
    agent->exit_before = status.pr_sysexit;
    agent->registers = status.pr_lwp.pr_reg;
    agent->ecall = find_ecall(pid, agent->as);
    agent->room = (agent->registers.reg[R_SP] - REDZONE - AGENT_ROOM) & ~(uintptr_t)15;
    char probe = 0;
    if (!agent->ecall || pwrite(agent->as, &probe, 1, (off_t)agent->room) != 1) {
        errno = EFAULT;
        return give_up(agent);
    }
    agent->registers.reg[R_SP] = agent->room;
    agent->registers.reg[R_PC] = agent->ecall;
    if (!sol_tell(agent->hold.ctl, PCAGENT, &agent->registers, sizeof agent->registers))
        return give_up(agent);
    agent->lwpctl = sol_open(pid, "lwp/agent/lwpctl", O_WRONLY);
    return agent->lwpctl >= 0;
}

long agent_call(struct agent *agent, long number, long a0, long a1, long a2, long a3)
{
    lwpstatus_t status;
    sysset_t set = agent->exit_before;
    uint64_t *reg = agent->registers.reg;
    reg[R_PC] = agent->ecall;
    reg[R_A7] = (uint64_t)number;
    reg[R_A0] = (uint64_t)a0;
    reg[R_A1] = (uint64_t)a1;
    reg[R_A2] = (uint64_t)a2;
    reg[R_A3] = (uint64_t)a3;
    SYS_ADD(&set, number);
    if (!sol_tell(agent->hold.ctl, PCSEXIT, &set, sizeof set)
        || !sol_tell(agent->lwpctl, PCSREG, &agent->registers, sizeof agent->registers)
        || !sol_tell_long(agent->lwpctl, PCRUN, 0) || !sol_tell(agent->lwpctl, PCWSTOP, "", 0)
        || !sol_get(agent->hold.pid, "lwp/agent/lwpstatus", &status, sizeof status))
        return -errno;
    return status.pr_errno ? -status.pr_errno : status.pr_rval1;
}

void agent_end(struct agent *agent)
{
    agent->registers.reg[R_PC] = agent->ecall;
    agent->registers.reg[R_A7] = SYS_EXIT;
    agent->registers.reg[R_A0] = 0;
    sol_tell(agent->hold.ctl, PCSEXIT, &agent->exit_before, sizeof agent->exit_before);
    sol_tell(agent->lwpctl, PCSREG, &agent->registers, sizeof agent->registers);
    sol_tell_long(agent->lwpctl, PCRUN, 0);
    sol_tell(agent->lwpctl, PCWSTOP, "", 0); /* until it is gone: ENOENT */
    close(agent->lwpctl);
    close(agent->as);
    sol_release(&agent->hold);
}
