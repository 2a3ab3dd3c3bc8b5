/* A child that runs something under a debugger, an instruction or a watched byte at a time. */
#ifndef TEST_SOLPROC_STARTED_H
#define TEST_SOLPROC_STARTED_H

#include "solproc.h"

typedef void body(void);

/* A child that runs `run` when it is let go, stopped at its beginning by an ebreak that is skipped. */
UNUSED static pid_t started(body *run, int *ctl)
{
    pid_t child = fork();
    if (child == 0) {
        ready();
        asm volatile(".option push\n.option norvc\nebreak\n.option pop" ::: "memory");
        run();
        _exit(0);
    }
    *ctl = traced(child);
    fltset_t faults = {{1u << (FLTBPT - 1) | 1u << (FLTTRACE - 1) | 1u << (FLTWATCH - 1)}};
    tell(*ctl, PCSFAULT, &faults, sizeof faults);
    order_long(*ctl, PCSET, PR_KLC);
    kill(child, SIGCONT);
    pstatus_t status = wait_stop(child, *ctl, PR_FAULTED, FLTBPT);
    CHECK_EQ(0x100073, status.pr_lwp.pr_instr);
    CHECK_EQ(SIGTRAP, status.pr_lwp.pr_info.psi_signo);
    CHECK_EQ(status.pr_lwp.pr_reg.reg[R_PC], status.pr_lwp.pr_info.psi_addr);
    tell(*ctl, PCSVADDR, &(long){(long)status.pr_lwp.pr_reg.reg[R_PC] + 4}, 8);
    order(*ctl, PCCFAULT);
    return child;
}

UNUSED static pstatus_t step(pid_t child, int ctl)
{
    order_long(ctl, PCRUN, PRSTEP | PRCFAULT);
    return wait_stop(child, ctl, PR_FAULTED, FLTTRACE);
}

UNUSED static void finish(pid_t child, int ctl)
{
    order_long(ctl, PCRUN, PRCFAULT);
    CHECK_EQ(0, exit_status_of(child));
}

UNUSED static volatile int caught;
UNUSED static void catch(int signo) { caught = signo; }

#endif
