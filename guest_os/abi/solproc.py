"""Structures and numbers of the Solaris-style procfs, for LP64 RISC-V. illumos: man 5 proc, sys/procfs.h

Signal, system call and error numbers are Linux's, as everywhere in this kernel; what differs from illumos beside them
is the machine: 32 registers (x1 to x31, pc) and the state of the floating-point unit.
"""

from __future__ import annotations

import enum

from rvsim.guest_os.abi.layouts import Field, Layout

FNAME_BYTES = 16
PSARGS_BYTES = 80
MAPNAME_BYTES = 64
CLASS_BYTES = 8
SYSARGS = 8
AUXV_ENTRIES = 32
REGISTERS = 32

TIMESPEC = Layout("pr_timespec_t", Field("tv_sec", "int64_t"), Field("tv_nsec", "int64_t"))
SIGSET = Layout("pr_sigset_t", Field("word", "uint32_t", 4), about="Signal n is bit (n - 1) % 32 of word (n - 1) / 32.")
FLTSET = Layout("fltset_t", Field("word", "uint32_t", 4), about="Faults, as in pr_sigset_t.")
SYSSET = Layout("sysset_t", Field("word", "uint32_t", 16), about="System calls, as in pr_sigset_t; 0 has no bit.")
SIGINFO = Layout(
    "pr_siginfo_t",
    Field("psi_signo", "int"), Field("psi_code", "int"), Field("psi_errno", "int"), Field("psi_pad", "int"),
    Field("psi_pid", "int"), Field("psi_uid", "unsigned int"), Field("psi_value", "uint64_t"),
    Field("psi_addr", "uint64_t"), Field("psi_status", "int"), Field("psi_overrun", "int"),
    Field("psi_utime", "int64_t"), Field("psi_stime", "int64_t"), Field("psi_pc", "uint64_t"),
    Field("psi_trapafter", "int"), Field("psi_filler", "int", 45),
    about="Why a signal came. psi_pc and psi_trapafter are of a watchpoint.",
)
SIGACTION = Layout("pr_sigaction_t", Field("psa_flags", "int"), Field("psa_handler", "uintptr_t"),
                   Field("psa_mask", SIGSET))
STACK = Layout("pr_stack_t", Field("ss_sp", "uintptr_t"), Field("ss_size", "size_t"), Field("ss_flags", "int"))
GREGSET = Layout("prgregset_t", Field("reg", "uint64_t", REGISTERS), about="In the order of the R_ numbers.")
FPREGSET = Layout("prfpregset_t", Field("freg", "uint64_t", 32), Field("fcsr", "uint32_t"))

LWPSTATUS = Layout(
    "lwpstatus_t",
    Field("pr_flags", "int"), Field("pr_lwpid", "int"), Field("pr_why", "short"), Field("pr_what", "short"),
    Field("pr_cursig", "short"), Field("pr_pad1", "short"), Field("pr_info", SIGINFO), Field("pr_lwppend", SIGSET),
    Field("pr_lwphold", SIGSET), Field("pr_action", SIGACTION), Field("pr_altstack", STACK),
    Field("pr_oldcontext", "uintptr_t"), Field("pr_syscall", "short"), Field("pr_nsysarg", "short"),
    Field("pr_errno", "int"), Field("pr_sysarg", "long", SYSARGS), Field("pr_rval1", "long"),
    Field("pr_rval2", "long"),
    Field("pr_clname", "char", CLASS_BYTES), Field("pr_tstamp", TIMESPEC), Field("pr_utime", TIMESPEC),
    Field("pr_stime", TIMESPEC), Field("pr_filler", "int", 3), Field("pr_errpriv", "int"),
    Field("pr_ustack", "uintptr_t"),
    Field("pr_instr", "unsigned long"), Field("pr_reg", GREGSET), Field("pr_fpreg", FPREGSET),
)
PSTATUS = Layout(
    "pstatus_t",
    Field("pr_flags", "int"), Field("pr_nlwp", "int"), Field("pr_pid", "int"), Field("pr_ppid", "int"),
    Field("pr_pgid", "int"), Field("pr_sid", "int"), Field("pr_aslwpid", "int"), Field("pr_agentid", "int"),
    Field("pr_sigpend", SIGSET), Field("pr_brkbase", "uintptr_t"), Field("pr_brksize", "size_t"),
    Field("pr_stkbase", "uintptr_t"), Field("pr_stksize", "size_t"), Field("pr_utime", TIMESPEC),
    Field("pr_stime", TIMESPEC), Field("pr_cutime", TIMESPEC), Field("pr_cstime", TIMESPEC),
    Field("pr_sigtrace", SIGSET), Field("pr_flttrace", FLTSET), Field("pr_sysentry", SYSSET),
    Field("pr_sysexit", SYSSET),
    Field("pr_dmodel", "char"), Field("pr_pad", "char", 3), Field("pr_taskid", "int"), Field("pr_projid", "int"),
    Field("pr_nzomb", "int"), Field("pr_zoneid", "int"), Field("pr_filler", "int", 15), Field("pr_lwp", LWPSTATUS),
)
LWPSINFO = Layout(
    "lwpsinfo_t",
    Field("pr_flag", "int"), Field("pr_lwpid", "int"), Field("pr_addr", "uintptr_t"), Field("pr_wchan", "uintptr_t"),
    Field("pr_stype", "char"), Field("pr_state", "char"), Field("pr_sname", "char"), Field("pr_nice", "char"),
    Field("pr_syscall", "short"), Field("pr_oldpri", "char"), Field("pr_cpu", "char"), Field("pr_pri", "int"),
    Field("pr_pctcpu", "unsigned short"), Field("pr_pad", "unsigned short"), Field("pr_start", TIMESPEC),
    Field("pr_time", TIMESPEC), Field("pr_clname", "char", CLASS_BYTES), Field("pr_name", "char", FNAME_BYTES),
    Field("pr_onpro", "int"), Field("pr_bindpro", "int"), Field("pr_bindpset", "int"), Field("pr_lgrp", "int"),
    Field("pr_filler", "int", 4),
)
PSINFO = Layout(
    "psinfo_t",
    Field("pr_flag", "int"), Field("pr_nlwp", "int"), Field("pr_pid", "int"), Field("pr_ppid", "int"),
    Field("pr_pgid", "int"), Field("pr_sid", "int"), Field("pr_uid", "unsigned int"), Field("pr_euid", "unsigned int"),
    Field("pr_gid", "unsigned int"), Field("pr_egid", "unsigned int"), Field("pr_addr", "uintptr_t"),
    Field("pr_size", "size_t"), Field("pr_rssize", "size_t"), Field("pr_pad1", "size_t"),
    Field("pr_ttydev", "uint64_t"),
    Field("pr_pctcpu", "unsigned short"), Field("pr_pctmem", "unsigned short"), Field("pr_pad2", "int"),
    Field("pr_start", TIMESPEC), Field("pr_time", TIMESPEC), Field("pr_ctime", TIMESPEC),
    Field("pr_fname", "char", FNAME_BYTES), Field("pr_psargs", "char", PSARGS_BYTES), Field("pr_wstat", "int"),
    Field("pr_argc", "int"), Field("pr_argv", "uintptr_t"), Field("pr_envp", "uintptr_t"), Field("pr_dmodel", "char"),
    Field("pr_pad3", "char", 3), Field("pr_taskid", "int"), Field("pr_projid", "int"), Field("pr_nzomb", "int"),
    Field("pr_poolid", "int"), Field("pr_zoneid", "int"), Field("pr_contract", "int"), Field("pr_filler", "int"),
    Field("pr_lwp", LWPSINFO),
)
_MAP = (Field("pr_mapname", "char", MAPNAME_BYTES), Field("pr_offset", "int64_t"), Field("pr_mflags", "int"),
        Field("pr_pagesize", "int"), Field("pr_shmid", "int"))
PRMAP = Layout("prmap_t", Field("pr_vaddr", "uintptr_t"), Field("pr_size", "size_t"), *_MAP, Field("pr_filler", "int"))
PRXMAP = Layout(
    "prxmap_t", Field("pr_vaddr", "uintptr_t"), Field("pr_size", "size_t"), *_MAP, Field("pr_dev", "uint64_t"),
    Field("pr_ino", "uint64_t"), Field("pr_rss", "size_t"), Field("pr_anon", "size_t"), Field("pr_locked", "size_t"),
    Field("pr_pad", "size_t"), Field("pr_hatpagesize", "uint64_t"), Field("pr_filler", "uint64_t", 7),
    about="pr_rss, pr_anon and pr_locked are pages.",
)
PRASMAP = Layout("prasmap_t", Field("pr_vaddr", "uintptr_t"), Field("pr_npage", "size_t"), *_MAP,
                 Field("pr_filler", "int"), about="Followed by pr_npage bytes of PG_ flags, padded to 8.")
PRPAGEHEADER = Layout("prpageheader_t", Field("pr_tstamp", TIMESPEC),
                      Field("pr_nmap", "long"), Field("pr_npage", "long"))

_TIMES = ("tstamp", "create", "term", "rtime", "utime", "stime", "ttime", "tftime", "dftime", "kftime", "ltime",
          "slptime", "wtime", "stoptime")
_COUNTS = ("minf", "majf", "nswap", "inblk", "oublk", "msnd", "mrcv", "sigs", "vctx", "ictx", "sysc", "ioch")
PRUSAGE = Layout(
    "prusage_t", Field("pr_lwpid", "int"), Field("pr_count", "int"),
    *(Field(f"pr_{name}", TIMESPEC) for name in _TIMES), Field("pr_filltime", TIMESPEC, 6),
    *(Field(f"pr_{name}", "unsigned long") for name in _COUNTS), Field("pr_filler", "unsigned long", 10),
)
PRCRED = Layout(
    "prcred_t", Field("pr_euid", "unsigned int"), Field("pr_ruid", "unsigned int"), Field("pr_suid", "unsigned int"),
    Field("pr_egid", "unsigned int"), Field("pr_rgid", "unsigned int"), Field("pr_sgid", "unsigned int"),
    Field("pr_ngroups", "int"), Field("pr_groups", "unsigned int", 1), about="pr_groups goes on behind the structure.",
)
PRWATCH = Layout("prwatch_t", Field("pr_vaddr", "uintptr_t"), Field("pr_size", "size_t"), Field("pr_wflags", "int"),
                 Field("pr_pad", "int"))
PRIOVEC = Layout("priovec_t", Field("pio_base", "uintptr_t"),
                 Field("pio_len", "size_t"), Field("pio_offset", "int64_t"))
PRHEADER = Layout("prheader_t", Field("pr_nent", "long"), Field("pr_entsize", "long"),
                  about="At the start of a file of many; step by pr_entsize, which may be more than the structure.")
AUXV = Layout("pr_auxv_t", Field("a_type", "int"), Field("a_val", "uint64_t"))

LAYOUTS = (TIMESPEC, SIGSET, FLTSET, SYSSET, SIGINFO, SIGACTION, STACK, GREGSET, FPREGSET, LWPSTATUS, PSTATUS, LWPSINFO,
           PSINFO, PRMAP, PRXMAP, PRASMAP, PRPAGEHEADER, PRUSAGE, PRCRED, PRWATCH, PRIOVEC, PRHEADER, AUXV)


def entry_size(layout: Layout) -> int:
    """Bytes from one entry to the next in lstatus, lpsinfo and lusage: more than the structure, so nobody assumes."""
    return (layout.size + 15) // 16 * 16 + 16


class Flag(enum.IntFlag):
    """pr_flags of a process and of an lwp. The last group can be set and unset by control messages."""

    STOPPED = 0x1
    ISTOP = 0x2
    DSTOP = 0x4
    STEP = 0x8
    ASLEEP = 0x10
    PCINVAL = 0x20
    AGENT = 0x80
    DETACH = 0x100
    ISSYS = 0x1000
    VFORKP = 0x2000
    ORPHAN = 0x4000
    FORK = 0x100000
    RLC = 0x200000
    KLC = 0x400000
    ASYNC = 0x800000
    MSACCT = 0x1000000
    BPTADJ = 0x2000000
    PTRACE = 0x4000000
    MSFORK = 0x8000000


MODES = Flag.FORK | Flag.RLC | Flag.KLC | Flag.ASYNC | Flag.MSACCT | Flag.BPTADJ | Flag.PTRACE | Flag.MSFORK


class Why(enum.IntEnum):
    """pr_why: why an lwp stands still."""

    REQUESTED = 1
    SIGNALLED = 2
    SYSENTRY = 3
    SYSEXIT = 4
    JOBCONTROL = 5
    FAULTED = 6
    SUSPENDED = 7


class Fault(enum.IntEnum):
    """pr_what of a stop on a fault, and the numbers in a fault set."""

    ILL = 1
    PRIV = 2
    BPT = 3
    TRACE = 4
    ACCESS = 5
    BOUNDS = 6
    IOVF = 7
    IZDIV = 8
    FPE = 9
    STACK = 10
    PAGE = 11
    WATCH = 12


MAX_FAULT = 12


class Trap(enum.IntEnum):
    """psi_code at a stop on `Fault.WATCH`. The signal that comes of it has Linux's code, TRAP_HWBKPT."""

    RWATCH = 3
    WWATCH = 4
    XWATCH = 5


class Control(enum.IntEnum):
    """Messages to ctl and lwpctl: a long, then its operand."""

    NULL = 0
    STOP = 1
    DSTOP = 2
    WSTOP = 3
    TWSTOP = 4
    RUN = 5
    CSIG = 6
    CFAULT = 7
    SSIG = 8
    KILL = 9
    UNKILL = 10
    SHOLD = 11
    STRACE = 12
    SFAULT = 13
    SENTRY = 14
    SEXIT = 15
    SET = 16
    UNSET = 17
    SREG = 18
    SFPREG = 19
    SXREG = 20
    NICE = 21
    SVADDR = 22
    WATCH = 23
    AGENT = 24
    READ = 25
    WRITE = 26
    SCRED = 27
    SPRIV = 29
    SCREDX = 31


class Run(enum.IntFlag):
    """Operand of `Control.RUN`."""

    CSIG = 0x01
    CFAULT = 0x02
    STEP = 0x04
    SABORT = 0x08
    STOP = 0x10


class Watch(enum.IntFlag):
    """pr_wflags: which accesses are watched, and whether the stop comes after the access."""

    EXEC = 0x01
    WRITE = 0x02
    READ = 0x04
    TRAPAFTER = 0x08


class MapFlag(enum.IntFlag):
    """pr_mflags."""

    EXEC = 0x01
    WRITE = 0x02
    READ = 0x04
    SHARED = 0x08
    BREAK = 0x10
    STACK = 0x20
    ANON = 0x40
    NORESERVE = 0x100
    SHM = 0x200


class Page(enum.IntFlag):
    """A page's byte in pagedata."""

    MODIFIED = 0x1
    REFERENCED = 0x2
    MAPPED = 0x4


class LwpState(enum.IntEnum):
    """pr_state; `LWP_LETTERS` has the letter of each."""

    SLEEP = 1
    RUN = 2
    ZOMB = 3
    STOP = 4
    ONPROC = 6


LWP_LETTERS = {LwpState.SLEEP: b"S", LwpState.RUN: b"R", LwpState.ZOMB: b"Z", LwpState.STOP: b"T",
               LwpState.ONPROC: b"O"}

REGISTER_NAMES = (
    "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", *(f"a{n}" for n in range(8)),
    *(f"s{n}" for n in range(2, 12)), "t3", "t4", "t5", "t6", "pc",
)
"""x1 to x31, then the pc."""

DMODEL_LP64 = 2
NO_DEVICE = (1 << 64) - 1


def to_set(bits: int, words: int = 4) -> dict[str, tuple[int, ...]]:
    """A set in its structure's form: bit n - 1 of `bits` is element n."""
    return {"word": tuple(bits >> 32 * at & 0xFFFF_FFFF for at in range(words))}


def from_set(data: bytes) -> int:
    """The bits of a set's bytes: element n is bit n - 1."""
    return int.from_bytes(data, "little")
