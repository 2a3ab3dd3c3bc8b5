/* Solaris-style procfs (/system/proc): made by `python -m rvsim.tools.reference`, do not edit. */
#ifndef RVSIM_PROCFS_H
#define RVSIM_PROCFS_H

#include <stddef.h>
#include <stdint.h>

/* pr_flags */
#define PR_STOPPED 1
#define PR_ISTOP   2
#define PR_DSTOP   4
#define PR_STEP    8
#define PR_ASLEEP  0x10
#define PR_PCINVAL 0x20
#define PR_AGENT   0x80
#define PR_DETACH  0x100
#define PR_ISSYS   0x1000
#define PR_VFORKP  0x2000
#define PR_ORPHAN  0x4000
#define PR_FORK    0x100000
#define PR_RLC     0x200000
#define PR_KLC     0x400000
#define PR_ASYNC   0x800000
#define PR_MSACCT  0x1000000
#define PR_BPTADJ  0x2000000
#define PR_PTRACE  0x4000000
#define PR_MSFORK  0x8000000

/* pr_why */
#define PR_REQUESTED  1
#define PR_SIGNALLED  2
#define PR_SYSENTRY   3
#define PR_SYSEXIT    4
#define PR_JOBCONTROL 5
#define PR_FAULTED    6
#define PR_SUSPENDED  7

/* faults */
#define FLTILL    1
#define FLTPRIV   2
#define FLTBPT    3
#define FLTTRACE  4
#define FLTACCESS 5
#define FLTBOUNDS 6
#define FLTIOVF   7
#define FLTIZDIV  8
#define FLTFPE    9
#define FLTSTACK  0xa
#define FLTPAGE   0xb
#define FLTWATCH  0xc

/* psi_code of a watchpoint */
#define TRAP_RWATCH 3
#define TRAP_WWATCH 4
#define TRAP_XWATCH 5

/* control messages */
#define PCNULL   0
#define PCSTOP   1
#define PCDSTOP  2
#define PCWSTOP  3
#define PCTWSTOP 4
#define PCRUN    5
#define PCCSIG   6
#define PCCFAULT 7
#define PCSSIG   8
#define PCKILL   9
#define PCUNKILL 0xa
#define PCSHOLD  0xb
#define PCSTRACE 0xc
#define PCSFAULT 0xd
#define PCSENTRY 0xe
#define PCSEXIT  0xf
#define PCSET    0x10
#define PCUNSET  0x11
#define PCSREG   0x12
#define PCSFPREG 0x13
#define PCSXREG  0x14
#define PCNICE   0x15
#define PCSVADDR 0x16
#define PCWATCH  0x17
#define PCAGENT  0x18
#define PCREAD   0x19
#define PCWRITE  0x1a
#define PCSCRED  0x1b
#define PCSPRIV  0x1d
#define PCSCREDX 0x1f

/* operand of PCRUN */
#define PRCSIG   1
#define PRCFAULT 2
#define PRSTEP   4
#define PRSABORT 8
#define PRSTOP   0x10

/* pr_wflags */
#define WA_EXEC      1
#define WA_WRITE     2
#define WA_READ      4
#define WA_TRAPAFTER 8

/* pr_mflags */
#define MA_EXEC      1
#define MA_WRITE     2
#define MA_READ      4
#define MA_SHARED    8
#define MA_BREAK     0x10
#define MA_STACK     0x20
#define MA_ANON      0x40
#define MA_NORESERVE 0x100
#define MA_SHM       0x200

/* bytes of pagedata */
#define PG_MODIFIED   1
#define PG_REFERENCED 2
#define PG_MAPPED     4

/* pr_state */
#define SSLEEP  1
#define SRUN    2
#define SZOMB   3
#define SSTOP   4
#define SONPROC 6

/* places in prgregset_t */
#define R_RA  0
#define R_SP  1
#define R_GP  2
#define R_TP  3
#define R_T0  4
#define R_T1  5
#define R_T2  6
#define R_S0  7
#define R_S1  8
#define R_A0  9
#define R_A1  0xa
#define R_A2  0xb
#define R_A3  0xc
#define R_A4  0xd
#define R_A5  0xe
#define R_A6  0xf
#define R_A7  0x10
#define R_S2  0x11
#define R_S3  0x12
#define R_S4  0x13
#define R_S5  0x14
#define R_S6  0x15
#define R_S7  0x16
#define R_S8  0x17
#define R_S9  0x18
#define R_S10 0x19
#define R_S11 0x1a
#define R_T3  0x1b
#define R_T4  0x1c
#define R_T5  0x1d
#define R_T6  0x1e
#define R_PC  0x1f

/* other */
#define PR_MODEL_LP64 2
#define PRFNSZ        0x10
#define PRARGSZ       0x50
#define PRMAPSZ       0x40

typedef struct {
    int64_t tv_sec;
    int64_t tv_nsec;
} pr_timespec_t;
_Static_assert(sizeof(pr_timespec_t) == 16, "pr_timespec_t");
_Static_assert(offsetof(pr_timespec_t, tv_sec) == 0, "pr_timespec_t.tv_sec");
_Static_assert(offsetof(pr_timespec_t, tv_nsec) == 8, "pr_timespec_t.tv_nsec");

/* Signal n is bit (n - 1) % 32 of word (n - 1) / 32. */
typedef struct {
    uint32_t word[4];
} pr_sigset_t;
_Static_assert(sizeof(pr_sigset_t) == 16, "pr_sigset_t");
_Static_assert(offsetof(pr_sigset_t, word) == 0, "pr_sigset_t.word");

/* Faults, as in pr_sigset_t. */
typedef struct {
    uint32_t word[4];
} fltset_t;
_Static_assert(sizeof(fltset_t) == 16, "fltset_t");
_Static_assert(offsetof(fltset_t, word) == 0, "fltset_t.word");

/* System calls, as in pr_sigset_t; 0 has no bit. */
typedef struct {
    uint32_t word[16];
} sysset_t;
_Static_assert(sizeof(sysset_t) == 64, "sysset_t");
_Static_assert(offsetof(sysset_t, word) == 0, "sysset_t.word");

/* Why a signal came. psi_pc and psi_trapafter are of a watchpoint. */
typedef struct {
    int psi_signo;
    int psi_code;
    int psi_errno;
    int psi_pad;
    int psi_pid;
    unsigned int psi_uid;
    uint64_t psi_value;
    uint64_t psi_addr;
    int psi_status;
    int psi_overrun;
    int64_t psi_utime;
    int64_t psi_stime;
    uint64_t psi_pc;
    int psi_trapafter;
    int psi_filler[45];
} pr_siginfo_t;
_Static_assert(sizeof(pr_siginfo_t) == 256, "pr_siginfo_t");
_Static_assert(offsetof(pr_siginfo_t, psi_signo) == 0, "pr_siginfo_t.psi_signo");
_Static_assert(offsetof(pr_siginfo_t, psi_code) == 4, "pr_siginfo_t.psi_code");
_Static_assert(offsetof(pr_siginfo_t, psi_errno) == 8, "pr_siginfo_t.psi_errno");
_Static_assert(offsetof(pr_siginfo_t, psi_pad) == 12, "pr_siginfo_t.psi_pad");
_Static_assert(offsetof(pr_siginfo_t, psi_pid) == 16, "pr_siginfo_t.psi_pid");
_Static_assert(offsetof(pr_siginfo_t, psi_uid) == 20, "pr_siginfo_t.psi_uid");
_Static_assert(offsetof(pr_siginfo_t, psi_value) == 24, "pr_siginfo_t.psi_value");
_Static_assert(offsetof(pr_siginfo_t, psi_addr) == 32, "pr_siginfo_t.psi_addr");
_Static_assert(offsetof(pr_siginfo_t, psi_status) == 40, "pr_siginfo_t.psi_status");
_Static_assert(offsetof(pr_siginfo_t, psi_overrun) == 44, "pr_siginfo_t.psi_overrun");
_Static_assert(offsetof(pr_siginfo_t, psi_utime) == 48, "pr_siginfo_t.psi_utime");
_Static_assert(offsetof(pr_siginfo_t, psi_stime) == 56, "pr_siginfo_t.psi_stime");
_Static_assert(offsetof(pr_siginfo_t, psi_pc) == 64, "pr_siginfo_t.psi_pc");
_Static_assert(offsetof(pr_siginfo_t, psi_trapafter) == 72, "pr_siginfo_t.psi_trapafter");
_Static_assert(offsetof(pr_siginfo_t, psi_filler) == 76, "pr_siginfo_t.psi_filler");

typedef struct {
    int psa_flags;
    uintptr_t psa_handler;
    pr_sigset_t psa_mask;
} pr_sigaction_t;
_Static_assert(sizeof(pr_sigaction_t) == 32, "pr_sigaction_t");
_Static_assert(offsetof(pr_sigaction_t, psa_flags) == 0, "pr_sigaction_t.psa_flags");
_Static_assert(offsetof(pr_sigaction_t, psa_handler) == 8, "pr_sigaction_t.psa_handler");
_Static_assert(offsetof(pr_sigaction_t, psa_mask) == 16, "pr_sigaction_t.psa_mask");

typedef struct {
    uintptr_t ss_sp;
    size_t ss_size;
    int ss_flags;
} pr_stack_t;
_Static_assert(sizeof(pr_stack_t) == 24, "pr_stack_t");
_Static_assert(offsetof(pr_stack_t, ss_sp) == 0, "pr_stack_t.ss_sp");
_Static_assert(offsetof(pr_stack_t, ss_size) == 8, "pr_stack_t.ss_size");
_Static_assert(offsetof(pr_stack_t, ss_flags) == 16, "pr_stack_t.ss_flags");

/* In the order of the R_ numbers. */
typedef struct {
    uint64_t reg[32];
} prgregset_t;
_Static_assert(sizeof(prgregset_t) == 256, "prgregset_t");
_Static_assert(offsetof(prgregset_t, reg) == 0, "prgregset_t.reg");

typedef struct {
    uint64_t freg[32];
    uint32_t fcsr;
} prfpregset_t;
_Static_assert(sizeof(prfpregset_t) == 264, "prfpregset_t");
_Static_assert(offsetof(prfpregset_t, freg) == 0, "prfpregset_t.freg");
_Static_assert(offsetof(prfpregset_t, fcsr) == 256, "prfpregset_t.fcsr");

typedef struct {
    int pr_flags;
    int pr_lwpid;
    short pr_why;
    short pr_what;
    short pr_cursig;
    short pr_pad1;
    pr_siginfo_t pr_info;
    pr_sigset_t pr_lwppend;
    pr_sigset_t pr_lwphold;
    pr_sigaction_t pr_action;
    pr_stack_t pr_altstack;
    uintptr_t pr_oldcontext;
    short pr_syscall;
    short pr_nsysarg;
    int pr_errno;
    long pr_sysarg[8];
    long pr_rval1;
    long pr_rval2;
    char pr_clname[8];
    pr_timespec_t pr_tstamp;
    pr_timespec_t pr_utime;
    pr_timespec_t pr_stime;
    int pr_filler[3];
    int pr_errpriv;
    uintptr_t pr_ustack;
    unsigned long pr_instr;
    prgregset_t pr_reg;
    prfpregset_t pr_fpreg;
} lwpstatus_t;
_Static_assert(sizeof(lwpstatus_t) == 1064, "lwpstatus_t");
_Static_assert(offsetof(lwpstatus_t, pr_flags) == 0, "lwpstatus_t.pr_flags");
_Static_assert(offsetof(lwpstatus_t, pr_lwpid) == 4, "lwpstatus_t.pr_lwpid");
_Static_assert(offsetof(lwpstatus_t, pr_why) == 8, "lwpstatus_t.pr_why");
_Static_assert(offsetof(lwpstatus_t, pr_what) == 10, "lwpstatus_t.pr_what");
_Static_assert(offsetof(lwpstatus_t, pr_cursig) == 12, "lwpstatus_t.pr_cursig");
_Static_assert(offsetof(lwpstatus_t, pr_pad1) == 14, "lwpstatus_t.pr_pad1");
_Static_assert(offsetof(lwpstatus_t, pr_info) == 16, "lwpstatus_t.pr_info");
_Static_assert(offsetof(lwpstatus_t, pr_lwppend) == 272, "lwpstatus_t.pr_lwppend");
_Static_assert(offsetof(lwpstatus_t, pr_lwphold) == 288, "lwpstatus_t.pr_lwphold");
_Static_assert(offsetof(lwpstatus_t, pr_action) == 304, "lwpstatus_t.pr_action");
_Static_assert(offsetof(lwpstatus_t, pr_altstack) == 336, "lwpstatus_t.pr_altstack");
_Static_assert(offsetof(lwpstatus_t, pr_oldcontext) == 360, "lwpstatus_t.pr_oldcontext");
_Static_assert(offsetof(lwpstatus_t, pr_syscall) == 368, "lwpstatus_t.pr_syscall");
_Static_assert(offsetof(lwpstatus_t, pr_nsysarg) == 370, "lwpstatus_t.pr_nsysarg");
_Static_assert(offsetof(lwpstatus_t, pr_errno) == 372, "lwpstatus_t.pr_errno");
_Static_assert(offsetof(lwpstatus_t, pr_sysarg) == 376, "lwpstatus_t.pr_sysarg");
_Static_assert(offsetof(lwpstatus_t, pr_rval1) == 440, "lwpstatus_t.pr_rval1");
_Static_assert(offsetof(lwpstatus_t, pr_rval2) == 448, "lwpstatus_t.pr_rval2");
_Static_assert(offsetof(lwpstatus_t, pr_clname) == 456, "lwpstatus_t.pr_clname");
_Static_assert(offsetof(lwpstatus_t, pr_tstamp) == 464, "lwpstatus_t.pr_tstamp");
_Static_assert(offsetof(lwpstatus_t, pr_utime) == 480, "lwpstatus_t.pr_utime");
_Static_assert(offsetof(lwpstatus_t, pr_stime) == 496, "lwpstatus_t.pr_stime");
_Static_assert(offsetof(lwpstatus_t, pr_filler) == 512, "lwpstatus_t.pr_filler");
_Static_assert(offsetof(lwpstatus_t, pr_errpriv) == 524, "lwpstatus_t.pr_errpriv");
_Static_assert(offsetof(lwpstatus_t, pr_ustack) == 528, "lwpstatus_t.pr_ustack");
_Static_assert(offsetof(lwpstatus_t, pr_instr) == 536, "lwpstatus_t.pr_instr");
_Static_assert(offsetof(lwpstatus_t, pr_reg) == 544, "lwpstatus_t.pr_reg");
_Static_assert(offsetof(lwpstatus_t, pr_fpreg) == 800, "lwpstatus_t.pr_fpreg");

typedef struct {
    int pr_flags;
    int pr_nlwp;
    int pr_pid;
    int pr_ppid;
    int pr_pgid;
    int pr_sid;
    int pr_aslwpid;
    int pr_agentid;
    pr_sigset_t pr_sigpend;
    uintptr_t pr_brkbase;
    size_t pr_brksize;
    uintptr_t pr_stkbase;
    size_t pr_stksize;
    pr_timespec_t pr_utime;
    pr_timespec_t pr_stime;
    pr_timespec_t pr_cutime;
    pr_timespec_t pr_cstime;
    pr_sigset_t pr_sigtrace;
    fltset_t pr_flttrace;
    sysset_t pr_sysentry;
    sysset_t pr_sysexit;
    char pr_dmodel;
    char pr_pad[3];
    int pr_taskid;
    int pr_projid;
    int pr_nzomb;
    int pr_zoneid;
    int pr_filler[15];
    lwpstatus_t pr_lwp;
} pstatus_t;
_Static_assert(sizeof(pstatus_t) == 1448, "pstatus_t");
_Static_assert(offsetof(pstatus_t, pr_flags) == 0, "pstatus_t.pr_flags");
_Static_assert(offsetof(pstatus_t, pr_nlwp) == 4, "pstatus_t.pr_nlwp");
_Static_assert(offsetof(pstatus_t, pr_pid) == 8, "pstatus_t.pr_pid");
_Static_assert(offsetof(pstatus_t, pr_ppid) == 12, "pstatus_t.pr_ppid");
_Static_assert(offsetof(pstatus_t, pr_pgid) == 16, "pstatus_t.pr_pgid");
_Static_assert(offsetof(pstatus_t, pr_sid) == 20, "pstatus_t.pr_sid");
_Static_assert(offsetof(pstatus_t, pr_aslwpid) == 24, "pstatus_t.pr_aslwpid");
_Static_assert(offsetof(pstatus_t, pr_agentid) == 28, "pstatus_t.pr_agentid");
_Static_assert(offsetof(pstatus_t, pr_sigpend) == 32, "pstatus_t.pr_sigpend");
_Static_assert(offsetof(pstatus_t, pr_brkbase) == 48, "pstatus_t.pr_brkbase");
_Static_assert(offsetof(pstatus_t, pr_brksize) == 56, "pstatus_t.pr_brksize");
_Static_assert(offsetof(pstatus_t, pr_stkbase) == 64, "pstatus_t.pr_stkbase");
_Static_assert(offsetof(pstatus_t, pr_stksize) == 72, "pstatus_t.pr_stksize");
_Static_assert(offsetof(pstatus_t, pr_utime) == 80, "pstatus_t.pr_utime");
_Static_assert(offsetof(pstatus_t, pr_stime) == 96, "pstatus_t.pr_stime");
_Static_assert(offsetof(pstatus_t, pr_cutime) == 112, "pstatus_t.pr_cutime");
_Static_assert(offsetof(pstatus_t, pr_cstime) == 128, "pstatus_t.pr_cstime");
_Static_assert(offsetof(pstatus_t, pr_sigtrace) == 144, "pstatus_t.pr_sigtrace");
_Static_assert(offsetof(pstatus_t, pr_flttrace) == 160, "pstatus_t.pr_flttrace");
_Static_assert(offsetof(pstatus_t, pr_sysentry) == 176, "pstatus_t.pr_sysentry");
_Static_assert(offsetof(pstatus_t, pr_sysexit) == 240, "pstatus_t.pr_sysexit");
_Static_assert(offsetof(pstatus_t, pr_dmodel) == 304, "pstatus_t.pr_dmodel");
_Static_assert(offsetof(pstatus_t, pr_pad) == 305, "pstatus_t.pr_pad");
_Static_assert(offsetof(pstatus_t, pr_taskid) == 308, "pstatus_t.pr_taskid");
_Static_assert(offsetof(pstatus_t, pr_projid) == 312, "pstatus_t.pr_projid");
_Static_assert(offsetof(pstatus_t, pr_nzomb) == 316, "pstatus_t.pr_nzomb");
_Static_assert(offsetof(pstatus_t, pr_zoneid) == 320, "pstatus_t.pr_zoneid");
_Static_assert(offsetof(pstatus_t, pr_filler) == 324, "pstatus_t.pr_filler");
_Static_assert(offsetof(pstatus_t, pr_lwp) == 384, "pstatus_t.pr_lwp");

typedef struct {
    int pr_flag;
    int pr_lwpid;
    uintptr_t pr_addr;
    uintptr_t pr_wchan;
    char pr_stype;
    char pr_state;
    char pr_sname;
    char pr_nice;
    short pr_syscall;
    char pr_oldpri;
    char pr_cpu;
    int pr_pri;
    unsigned short pr_pctcpu;
    unsigned short pr_pad;
    pr_timespec_t pr_start;
    pr_timespec_t pr_time;
    char pr_clname[8];
    char pr_name[16];
    int pr_onpro;
    int pr_bindpro;
    int pr_bindpset;
    int pr_lgrp;
    int pr_filler[4];
} lwpsinfo_t;
_Static_assert(sizeof(lwpsinfo_t) == 128, "lwpsinfo_t");
_Static_assert(offsetof(lwpsinfo_t, pr_flag) == 0, "lwpsinfo_t.pr_flag");
_Static_assert(offsetof(lwpsinfo_t, pr_lwpid) == 4, "lwpsinfo_t.pr_lwpid");
_Static_assert(offsetof(lwpsinfo_t, pr_addr) == 8, "lwpsinfo_t.pr_addr");
_Static_assert(offsetof(lwpsinfo_t, pr_wchan) == 16, "lwpsinfo_t.pr_wchan");
_Static_assert(offsetof(lwpsinfo_t, pr_stype) == 24, "lwpsinfo_t.pr_stype");
_Static_assert(offsetof(lwpsinfo_t, pr_state) == 25, "lwpsinfo_t.pr_state");
_Static_assert(offsetof(lwpsinfo_t, pr_sname) == 26, "lwpsinfo_t.pr_sname");
_Static_assert(offsetof(lwpsinfo_t, pr_nice) == 27, "lwpsinfo_t.pr_nice");
_Static_assert(offsetof(lwpsinfo_t, pr_syscall) == 28, "lwpsinfo_t.pr_syscall");
_Static_assert(offsetof(lwpsinfo_t, pr_oldpri) == 30, "lwpsinfo_t.pr_oldpri");
_Static_assert(offsetof(lwpsinfo_t, pr_cpu) == 31, "lwpsinfo_t.pr_cpu");
_Static_assert(offsetof(lwpsinfo_t, pr_pri) == 32, "lwpsinfo_t.pr_pri");
_Static_assert(offsetof(lwpsinfo_t, pr_pctcpu) == 36, "lwpsinfo_t.pr_pctcpu");
_Static_assert(offsetof(lwpsinfo_t, pr_pad) == 38, "lwpsinfo_t.pr_pad");
_Static_assert(offsetof(lwpsinfo_t, pr_start) == 40, "lwpsinfo_t.pr_start");
_Static_assert(offsetof(lwpsinfo_t, pr_time) == 56, "lwpsinfo_t.pr_time");
_Static_assert(offsetof(lwpsinfo_t, pr_clname) == 72, "lwpsinfo_t.pr_clname");
_Static_assert(offsetof(lwpsinfo_t, pr_name) == 80, "lwpsinfo_t.pr_name");
_Static_assert(offsetof(lwpsinfo_t, pr_onpro) == 96, "lwpsinfo_t.pr_onpro");
_Static_assert(offsetof(lwpsinfo_t, pr_bindpro) == 100, "lwpsinfo_t.pr_bindpro");
_Static_assert(offsetof(lwpsinfo_t, pr_bindpset) == 104, "lwpsinfo_t.pr_bindpset");
_Static_assert(offsetof(lwpsinfo_t, pr_lgrp) == 108, "lwpsinfo_t.pr_lgrp");
_Static_assert(offsetof(lwpsinfo_t, pr_filler) == 112, "lwpsinfo_t.pr_filler");

typedef struct {
    int pr_flag;
    int pr_nlwp;
    int pr_pid;
    int pr_ppid;
    int pr_pgid;
    int pr_sid;
    unsigned int pr_uid;
    unsigned int pr_euid;
    unsigned int pr_gid;
    unsigned int pr_egid;
    uintptr_t pr_addr;
    size_t pr_size;
    size_t pr_rssize;
    size_t pr_pad1;
    uint64_t pr_ttydev;
    unsigned short pr_pctcpu;
    unsigned short pr_pctmem;
    int pr_pad2;
    pr_timespec_t pr_start;
    pr_timespec_t pr_time;
    pr_timespec_t pr_ctime;
    char pr_fname[16];
    char pr_psargs[80];
    int pr_wstat;
    int pr_argc;
    uintptr_t pr_argv;
    uintptr_t pr_envp;
    char pr_dmodel;
    char pr_pad3[3];
    int pr_taskid;
    int pr_projid;
    int pr_nzomb;
    int pr_poolid;
    int pr_zoneid;
    int pr_contract;
    int pr_filler;
    lwpsinfo_t pr_lwp;
} psinfo_t;
_Static_assert(sizeof(psinfo_t) == 416, "psinfo_t");
_Static_assert(offsetof(psinfo_t, pr_flag) == 0, "psinfo_t.pr_flag");
_Static_assert(offsetof(psinfo_t, pr_nlwp) == 4, "psinfo_t.pr_nlwp");
_Static_assert(offsetof(psinfo_t, pr_pid) == 8, "psinfo_t.pr_pid");
_Static_assert(offsetof(psinfo_t, pr_ppid) == 12, "psinfo_t.pr_ppid");
_Static_assert(offsetof(psinfo_t, pr_pgid) == 16, "psinfo_t.pr_pgid");
_Static_assert(offsetof(psinfo_t, pr_sid) == 20, "psinfo_t.pr_sid");
_Static_assert(offsetof(psinfo_t, pr_uid) == 24, "psinfo_t.pr_uid");
_Static_assert(offsetof(psinfo_t, pr_euid) == 28, "psinfo_t.pr_euid");
_Static_assert(offsetof(psinfo_t, pr_gid) == 32, "psinfo_t.pr_gid");
_Static_assert(offsetof(psinfo_t, pr_egid) == 36, "psinfo_t.pr_egid");
_Static_assert(offsetof(psinfo_t, pr_addr) == 40, "psinfo_t.pr_addr");
_Static_assert(offsetof(psinfo_t, pr_size) == 48, "psinfo_t.pr_size");
_Static_assert(offsetof(psinfo_t, pr_rssize) == 56, "psinfo_t.pr_rssize");
_Static_assert(offsetof(psinfo_t, pr_pad1) == 64, "psinfo_t.pr_pad1");
_Static_assert(offsetof(psinfo_t, pr_ttydev) == 72, "psinfo_t.pr_ttydev");
_Static_assert(offsetof(psinfo_t, pr_pctcpu) == 80, "psinfo_t.pr_pctcpu");
_Static_assert(offsetof(psinfo_t, pr_pctmem) == 82, "psinfo_t.pr_pctmem");
_Static_assert(offsetof(psinfo_t, pr_pad2) == 84, "psinfo_t.pr_pad2");
_Static_assert(offsetof(psinfo_t, pr_start) == 88, "psinfo_t.pr_start");
_Static_assert(offsetof(psinfo_t, pr_time) == 104, "psinfo_t.pr_time");
_Static_assert(offsetof(psinfo_t, pr_ctime) == 120, "psinfo_t.pr_ctime");
_Static_assert(offsetof(psinfo_t, pr_fname) == 136, "psinfo_t.pr_fname");
_Static_assert(offsetof(psinfo_t, pr_psargs) == 152, "psinfo_t.pr_psargs");
_Static_assert(offsetof(psinfo_t, pr_wstat) == 232, "psinfo_t.pr_wstat");
_Static_assert(offsetof(psinfo_t, pr_argc) == 236, "psinfo_t.pr_argc");
_Static_assert(offsetof(psinfo_t, pr_argv) == 240, "psinfo_t.pr_argv");
_Static_assert(offsetof(psinfo_t, pr_envp) == 248, "psinfo_t.pr_envp");
_Static_assert(offsetof(psinfo_t, pr_dmodel) == 256, "psinfo_t.pr_dmodel");
_Static_assert(offsetof(psinfo_t, pr_pad3) == 257, "psinfo_t.pr_pad3");
_Static_assert(offsetof(psinfo_t, pr_taskid) == 260, "psinfo_t.pr_taskid");
_Static_assert(offsetof(psinfo_t, pr_projid) == 264, "psinfo_t.pr_projid");
_Static_assert(offsetof(psinfo_t, pr_nzomb) == 268, "psinfo_t.pr_nzomb");
_Static_assert(offsetof(psinfo_t, pr_poolid) == 272, "psinfo_t.pr_poolid");
_Static_assert(offsetof(psinfo_t, pr_zoneid) == 276, "psinfo_t.pr_zoneid");
_Static_assert(offsetof(psinfo_t, pr_contract) == 280, "psinfo_t.pr_contract");
_Static_assert(offsetof(psinfo_t, pr_filler) == 284, "psinfo_t.pr_filler");
_Static_assert(offsetof(psinfo_t, pr_lwp) == 288, "psinfo_t.pr_lwp");

typedef struct {
    uintptr_t pr_vaddr;
    size_t pr_size;
    char pr_mapname[64];
    int64_t pr_offset;
    int pr_mflags;
    int pr_pagesize;
    int pr_shmid;
    int pr_filler;
} prmap_t;
_Static_assert(sizeof(prmap_t) == 104, "prmap_t");
_Static_assert(offsetof(prmap_t, pr_vaddr) == 0, "prmap_t.pr_vaddr");
_Static_assert(offsetof(prmap_t, pr_size) == 8, "prmap_t.pr_size");
_Static_assert(offsetof(prmap_t, pr_mapname) == 16, "prmap_t.pr_mapname");
_Static_assert(offsetof(prmap_t, pr_offset) == 80, "prmap_t.pr_offset");
_Static_assert(offsetof(prmap_t, pr_mflags) == 88, "prmap_t.pr_mflags");
_Static_assert(offsetof(prmap_t, pr_pagesize) == 92, "prmap_t.pr_pagesize");
_Static_assert(offsetof(prmap_t, pr_shmid) == 96, "prmap_t.pr_shmid");
_Static_assert(offsetof(prmap_t, pr_filler) == 100, "prmap_t.pr_filler");

/* pr_rss, pr_anon and pr_locked are pages. */
typedef struct {
    uintptr_t pr_vaddr;
    size_t pr_size;
    char pr_mapname[64];
    int64_t pr_offset;
    int pr_mflags;
    int pr_pagesize;
    int pr_shmid;
    uint64_t pr_dev;
    uint64_t pr_ino;
    size_t pr_rss;
    size_t pr_anon;
    size_t pr_locked;
    size_t pr_pad;
    uint64_t pr_hatpagesize;
    uint64_t pr_filler[7];
} prxmap_t;
_Static_assert(sizeof(prxmap_t) == 216, "prxmap_t");
_Static_assert(offsetof(prxmap_t, pr_vaddr) == 0, "prxmap_t.pr_vaddr");
_Static_assert(offsetof(prxmap_t, pr_size) == 8, "prxmap_t.pr_size");
_Static_assert(offsetof(prxmap_t, pr_mapname) == 16, "prxmap_t.pr_mapname");
_Static_assert(offsetof(prxmap_t, pr_offset) == 80, "prxmap_t.pr_offset");
_Static_assert(offsetof(prxmap_t, pr_mflags) == 88, "prxmap_t.pr_mflags");
_Static_assert(offsetof(prxmap_t, pr_pagesize) == 92, "prxmap_t.pr_pagesize");
_Static_assert(offsetof(prxmap_t, pr_shmid) == 96, "prxmap_t.pr_shmid");
_Static_assert(offsetof(prxmap_t, pr_dev) == 104, "prxmap_t.pr_dev");
_Static_assert(offsetof(prxmap_t, pr_ino) == 112, "prxmap_t.pr_ino");
_Static_assert(offsetof(prxmap_t, pr_rss) == 120, "prxmap_t.pr_rss");
_Static_assert(offsetof(prxmap_t, pr_anon) == 128, "prxmap_t.pr_anon");
_Static_assert(offsetof(prxmap_t, pr_locked) == 136, "prxmap_t.pr_locked");
_Static_assert(offsetof(prxmap_t, pr_pad) == 144, "prxmap_t.pr_pad");
_Static_assert(offsetof(prxmap_t, pr_hatpagesize) == 152, "prxmap_t.pr_hatpagesize");
_Static_assert(offsetof(prxmap_t, pr_filler) == 160, "prxmap_t.pr_filler");

/* Followed by pr_npage bytes of PG_ flags, padded to 8. */
typedef struct {
    uintptr_t pr_vaddr;
    size_t pr_npage;
    char pr_mapname[64];
    int64_t pr_offset;
    int pr_mflags;
    int pr_pagesize;
    int pr_shmid;
    int pr_filler;
} prasmap_t;
_Static_assert(sizeof(prasmap_t) == 104, "prasmap_t");
_Static_assert(offsetof(prasmap_t, pr_vaddr) == 0, "prasmap_t.pr_vaddr");
_Static_assert(offsetof(prasmap_t, pr_npage) == 8, "prasmap_t.pr_npage");
_Static_assert(offsetof(prasmap_t, pr_mapname) == 16, "prasmap_t.pr_mapname");
_Static_assert(offsetof(prasmap_t, pr_offset) == 80, "prasmap_t.pr_offset");
_Static_assert(offsetof(prasmap_t, pr_mflags) == 88, "prasmap_t.pr_mflags");
_Static_assert(offsetof(prasmap_t, pr_pagesize) == 92, "prasmap_t.pr_pagesize");
_Static_assert(offsetof(prasmap_t, pr_shmid) == 96, "prasmap_t.pr_shmid");
_Static_assert(offsetof(prasmap_t, pr_filler) == 100, "prasmap_t.pr_filler");

typedef struct {
    pr_timespec_t pr_tstamp;
    long pr_nmap;
    long pr_npage;
} prpageheader_t;
_Static_assert(sizeof(prpageheader_t) == 32, "prpageheader_t");
_Static_assert(offsetof(prpageheader_t, pr_tstamp) == 0, "prpageheader_t.pr_tstamp");
_Static_assert(offsetof(prpageheader_t, pr_nmap) == 16, "prpageheader_t.pr_nmap");
_Static_assert(offsetof(prpageheader_t, pr_npage) == 24, "prpageheader_t.pr_npage");

typedef struct {
    int pr_lwpid;
    int pr_count;
    pr_timespec_t pr_tstamp;
    pr_timespec_t pr_create;
    pr_timespec_t pr_term;
    pr_timespec_t pr_rtime;
    pr_timespec_t pr_utime;
    pr_timespec_t pr_stime;
    pr_timespec_t pr_ttime;
    pr_timespec_t pr_tftime;
    pr_timespec_t pr_dftime;
    pr_timespec_t pr_kftime;
    pr_timespec_t pr_ltime;
    pr_timespec_t pr_slptime;
    pr_timespec_t pr_wtime;
    pr_timespec_t pr_stoptime;
    pr_timespec_t pr_filltime[6];
    unsigned long pr_minf;
    unsigned long pr_majf;
    unsigned long pr_nswap;
    unsigned long pr_inblk;
    unsigned long pr_oublk;
    unsigned long pr_msnd;
    unsigned long pr_mrcv;
    unsigned long pr_sigs;
    unsigned long pr_vctx;
    unsigned long pr_ictx;
    unsigned long pr_sysc;
    unsigned long pr_ioch;
    unsigned long pr_filler[10];
} prusage_t;
_Static_assert(sizeof(prusage_t) == 504, "prusage_t");
_Static_assert(offsetof(prusage_t, pr_lwpid) == 0, "prusage_t.pr_lwpid");
_Static_assert(offsetof(prusage_t, pr_count) == 4, "prusage_t.pr_count");
_Static_assert(offsetof(prusage_t, pr_tstamp) == 8, "prusage_t.pr_tstamp");
_Static_assert(offsetof(prusage_t, pr_create) == 24, "prusage_t.pr_create");
_Static_assert(offsetof(prusage_t, pr_term) == 40, "prusage_t.pr_term");
_Static_assert(offsetof(prusage_t, pr_rtime) == 56, "prusage_t.pr_rtime");
_Static_assert(offsetof(prusage_t, pr_utime) == 72, "prusage_t.pr_utime");
_Static_assert(offsetof(prusage_t, pr_stime) == 88, "prusage_t.pr_stime");
_Static_assert(offsetof(prusage_t, pr_ttime) == 104, "prusage_t.pr_ttime");
_Static_assert(offsetof(prusage_t, pr_tftime) == 120, "prusage_t.pr_tftime");
_Static_assert(offsetof(prusage_t, pr_dftime) == 136, "prusage_t.pr_dftime");
_Static_assert(offsetof(prusage_t, pr_kftime) == 152, "prusage_t.pr_kftime");
_Static_assert(offsetof(prusage_t, pr_ltime) == 168, "prusage_t.pr_ltime");
_Static_assert(offsetof(prusage_t, pr_slptime) == 184, "prusage_t.pr_slptime");
_Static_assert(offsetof(prusage_t, pr_wtime) == 200, "prusage_t.pr_wtime");
_Static_assert(offsetof(prusage_t, pr_stoptime) == 216, "prusage_t.pr_stoptime");
_Static_assert(offsetof(prusage_t, pr_filltime) == 232, "prusage_t.pr_filltime");
_Static_assert(offsetof(prusage_t, pr_minf) == 328, "prusage_t.pr_minf");
_Static_assert(offsetof(prusage_t, pr_majf) == 336, "prusage_t.pr_majf");
_Static_assert(offsetof(prusage_t, pr_nswap) == 344, "prusage_t.pr_nswap");
_Static_assert(offsetof(prusage_t, pr_inblk) == 352, "prusage_t.pr_inblk");
_Static_assert(offsetof(prusage_t, pr_oublk) == 360, "prusage_t.pr_oublk");
_Static_assert(offsetof(prusage_t, pr_msnd) == 368, "prusage_t.pr_msnd");
_Static_assert(offsetof(prusage_t, pr_mrcv) == 376, "prusage_t.pr_mrcv");
_Static_assert(offsetof(prusage_t, pr_sigs) == 384, "prusage_t.pr_sigs");
_Static_assert(offsetof(prusage_t, pr_vctx) == 392, "prusage_t.pr_vctx");
_Static_assert(offsetof(prusage_t, pr_ictx) == 400, "prusage_t.pr_ictx");
_Static_assert(offsetof(prusage_t, pr_sysc) == 408, "prusage_t.pr_sysc");
_Static_assert(offsetof(prusage_t, pr_ioch) == 416, "prusage_t.pr_ioch");
_Static_assert(offsetof(prusage_t, pr_filler) == 424, "prusage_t.pr_filler");

/* pr_groups goes on behind the structure. */
typedef struct {
    unsigned int pr_euid;
    unsigned int pr_ruid;
    unsigned int pr_suid;
    unsigned int pr_egid;
    unsigned int pr_rgid;
    unsigned int pr_sgid;
    int pr_ngroups;
    unsigned int pr_groups[1];
} prcred_t;
_Static_assert(sizeof(prcred_t) == 32, "prcred_t");
_Static_assert(offsetof(prcred_t, pr_euid) == 0, "prcred_t.pr_euid");
_Static_assert(offsetof(prcred_t, pr_ruid) == 4, "prcred_t.pr_ruid");
_Static_assert(offsetof(prcred_t, pr_suid) == 8, "prcred_t.pr_suid");
_Static_assert(offsetof(prcred_t, pr_egid) == 12, "prcred_t.pr_egid");
_Static_assert(offsetof(prcred_t, pr_rgid) == 16, "prcred_t.pr_rgid");
_Static_assert(offsetof(prcred_t, pr_sgid) == 20, "prcred_t.pr_sgid");
_Static_assert(offsetof(prcred_t, pr_ngroups) == 24, "prcred_t.pr_ngroups");
_Static_assert(offsetof(prcred_t, pr_groups) == 28, "prcred_t.pr_groups");

typedef struct {
    uintptr_t pr_vaddr;
    size_t pr_size;
    int pr_wflags;
    int pr_pad;
} prwatch_t;
_Static_assert(sizeof(prwatch_t) == 24, "prwatch_t");
_Static_assert(offsetof(prwatch_t, pr_vaddr) == 0, "prwatch_t.pr_vaddr");
_Static_assert(offsetof(prwatch_t, pr_size) == 8, "prwatch_t.pr_size");
_Static_assert(offsetof(prwatch_t, pr_wflags) == 16, "prwatch_t.pr_wflags");
_Static_assert(offsetof(prwatch_t, pr_pad) == 20, "prwatch_t.pr_pad");

typedef struct {
    uintptr_t pio_base;
    size_t pio_len;
    int64_t pio_offset;
} priovec_t;
_Static_assert(sizeof(priovec_t) == 24, "priovec_t");
_Static_assert(offsetof(priovec_t, pio_base) == 0, "priovec_t.pio_base");
_Static_assert(offsetof(priovec_t, pio_len) == 8, "priovec_t.pio_len");
_Static_assert(offsetof(priovec_t, pio_offset) == 16, "priovec_t.pio_offset");

/* At the start of a file of many; step by pr_entsize, which may be more than the structure. */
typedef struct {
    long pr_nent;
    long pr_entsize;
} prheader_t;
_Static_assert(sizeof(prheader_t) == 16, "prheader_t");
_Static_assert(offsetof(prheader_t, pr_nent) == 0, "prheader_t.pr_nent");
_Static_assert(offsetof(prheader_t, pr_entsize) == 8, "prheader_t.pr_entsize");

typedef struct {
    int a_type;
    uint64_t a_val;
} pr_auxv_t;
_Static_assert(sizeof(pr_auxv_t) == 16, "pr_auxv_t");
_Static_assert(offsetof(pr_auxv_t, a_type) == 0, "pr_auxv_t.a_type");
_Static_assert(offsetof(pr_auxv_t, a_val) == 8, "pr_auxv_t.a_val");

#endif
