"""Signal numbers, flags and layouts. include/uapi/asm-generic/signal.h, siginfo.h; arch/riscv/.../ucontext.h"""

SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE = range(1, 9)
SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT = range(9, 17)
SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU = range(17, 25)
SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS = range(25, 32)
SIGRTMIN = 32
NSIG = 64

NAMES = {
    number: name for name, number in sorted(globals().items(), key=lambda item: str(item[0]))
    if name.startswith("SIG") and isinstance(number, int) and name != "SIGRTMIN"
}

SIG_DFL, SIG_IGN = 0, 1
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2

SA_NOCLDSTOP = 0x1
SA_NOCLDWAIT = 0x2
SA_SIGINFO = 0x4
SA_ONSTACK = 0x0800_0000
SA_RESTART = 0x1000_0000
SA_NODEFER = 0x4000_0000
SA_RESETHAND = 0x8000_0000
SA_EXPOSE_TAGBITS = 0x800
SA_KNOWN = (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND
            | SA_EXPOSE_TAGBITS)
"""What sigaction keeps of the flags it is given. include/linux/signal_types.h:UAPI_SA_FLAGS"""

SI_USER = 0
SI_KERNEL = 0x80
SI_QUEUE = -1
SI_TIMER = -2
SI_SIGIO = -5
SI_TKILL = -6
POLL_IN, POLL_OUT = 1, 2
CLD_EXITED, CLD_KILLED, CLD_DUMPED, CLD_TRAPPED, CLD_STOPPED, CLD_CONTINUED = range(1, 7)
ILL_ILLOPC = 1
TRAP_BRKPT = 1
TRAP_TRACE = 2
TRAP_HWBKPT = 4
BUS_ADRALN, BUS_ADRERR = 1, 2
SEGV_MAPERR, SEGV_ACCERR = 1, 2

SS_ONSTACK = 1
SS_DISABLE = 2
SS_AUTODISARM = 0x8000_0000
MINSIGSTKSZ = 2048

TERMINATE, IGNORE, CORE, STOP, CONTINUE = range(5)


def bit(signo: int) -> int:
    """The bit of `signo` in a signal set of 64 bits."""
    return 1 << (signo - 1)


_CORE = (SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS)
_IGNORE = (SIGCHLD, SIGURG, SIGWINCH)
_STOP = (SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU)
DEFAULT_ACTION = {
    signo: CORE if signo in _CORE else IGNORE if signo in _IGNORE else STOP if signo in _STOP
    else CONTINUE if signo == SIGCONT else TERMINATE
    for signo in range(1, NSIG + 1)
}
"""What a signal does without a handler. man 7 signal"""

UNBLOCKABLE = bit(SIGKILL) | bit(SIGSTOP)
STOP_SET = bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU)
SYNCHRONOUS = bit(SIGSEGV) | bit(SIGBUS) | bit(SIGILL) | bit(SIGTRAP) | bit(SIGFPE) | bit(SIGSYS)
