/* System calls made inside another process, by an agent lwp. man 5 proc of illumos, PCAGENT */
#ifndef AGENT_H
#define AGENT_H

#include <solproc.h>

struct agent {
    struct hold hold;
    int lwpctl, as;
    uintptr_t ecall; /* where such an instruction is in the process */
    uintptr_t room;  /* AGENT_ROOM bytes of its stack that are free */
    prgregset_t registers;
    sysset_t exit_before;
};

#define AGENT_ROOM 4096

bool agent_begin(struct agent *agent, int pid); /* false: see errno; the process goes on as before */
long agent_call(struct agent *agent, long number, long a0, long a1, long a2, long a3); /* minus an errno, as in the kernel */
void agent_end(struct agent *agent);

#endif
