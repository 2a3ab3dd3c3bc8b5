"""How each system call of Linux is shown: its arguments and its result. man 2 of each; strace's src/linux"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace

from rvsim.tools.strace import constants as c
from rvsim.tools.strace import ipc, other_tasks, polling, processes, selected, signals, sockets, structs
from rvsim.tools.strace.call import Arg, Call, Signature, chosen, hexadecimal, octal, row
from rvsim.tools.strace.text import address, array, fields, flags, one_of, signed
from rvsim.tools.strace.values import (
    BARE_OPEN_FLAGS,
    BUFFER_OUT,
    DIRFD,
    FD,
    HEX,
    ID,
    INT,
    LONG,
    MODE,
    OFFSET,
    PATH,
    PATH_OUT,
    PTR,
    RANDOM_OUT,
    SIGNAL,
    SIZE,
    STRING,
    UINT,
    ULONG,
    array_text,
    buffer_in,
    choice,
    environment,
    flag,
    number_in,
    number_out,
    string_array,
    struct_in,
    struct_out,
)

_AT = flag(c.AT_FLAGS, "AT_???")
_ACCESS = flag(c.ACCESS, "?_OK")
_CLOCK = choice(c.CLOCKS, "CLOCK_???")
_ITIMER = choice(c.ITIMERS, "ITIMER_???")
_ARGV = Arg(string_array, kind="vector")
_PROT = flag(c.PROT, "PROT_???")
_RWF = flag(c.RWF, "RWF_???")
_RESOURCE = choice(c.RLIMITS, "RLIMIT_???")
_POLICY = choice(c.SCHED, "SCHED_???")
_SPLICE = flag(c.SPLICE, "SPLICE_F_???")
_WAIT = flag(c.WAIT, "W???")
_PRIORITY = choice(c.PRIORITY, "PRIO_???")
_OFFSET_POINTER = number_in("q")
_NUMBER_OUT, _ID_OUT, _POINTER_OUT = number_out("i"), number_out("I"), number_out("Q", address)
_PARAMETER_IN, _PARAMETER_OUT = number_in("i"), number_out("i")
_PAIR_OUT = replace(struct_out(8, lambda data: array([str(fd) for fd in struct.unpack("<ii", data)])), kind="pair")
_MAP_FLAGS = Arg(selected.map_flags, kind="mixed", names=c.MAP_TYPES | c.MAP_FLAGS)


def _statx_flags(call: Call, value: int) -> str:
    value &= 0xFFFF_FFFF
    sync = flags(value & 0x6000, c.STATX_SYNC)
    rest = value & ~0x6000
    return f"{sync}|{flags(rest, c.AT_FLAGS)}" if rest else sync


def _groups(call: Call, value: int, count: int) -> str:
    return array_text(call, value, count, 4, lambda data: str(int.from_bytes(data, "little")))


def _cpus(call: Call, value: int, size: int) -> str:
    data = call.read(value, size) if value else None
    if data is None:
        return address(value)
    bits = int.from_bytes(data, "little")
    return "[" + " ".join(str(cpu) for cpu in range(8 * len(data)) if bits >> cpu & 1) + "]"


def _capabilities(call: Call, value: int) -> str:
    data = call.read(value, 24) if value else None
    if data is None:
        return address(value)
    words = struct.unpack("<6I", data)
    table = {f"1<<{name}": 1 << number for name, number in c.CAPABILITIES.items()}
    return fields(*((name, flags(words[at] | words[at + 3] << 32, table))
                    for at, name in enumerate(("effective", "permitted", "inheritable"))))


_CAP_HEADER = struct_in(8, lambda data: fields(
    ("version", one_of(int.from_bytes(data[:4], "little"), c.CAP_VERSIONS, "_LINUX_CAPABILITY_VERSION_???")),
    ("pid", int.from_bytes(data[4:], "little", signed=True))))


def _residency(call: Call, value: int) -> str:
    pages = (call.args[1] + 4095) // 4096
    if call.failed:
        return address(value)
    return array_text(call, value, pages, 1, lambda data: str(data[0] & 1))


def _pairs(call: Call, value: int) -> str:
    if call.failed:
        return address(value)
    return array_text(call, value, call.args[1], 16, lambda data: fields(
        ("key", int.from_bytes(data[:8], "little", signed=True)),
        ("value", f"{int.from_bytes(data[8:], 'little'):#x}")))


def _syslog_action(call: Call, value: int) -> str:
    number = signed(value)
    name = next((f"SYSLOG_ACTION_{name}" for name, known in c.SYSLOG.items() if known == number), "SYSLOG_ACTION_???")
    return f"{number} /* {name} */"


def _out(show: Callable[[Call, int], str]) -> Arg:
    return Arg(lambda call, value: address(value) if call.failed else show(call, value), out=True)


LINUX_CALLS: dict[str, Signature] = {
    # files and descriptors
    "getcwd": row(PATH_OUT, SIZE),
    "dup": row(FD), "dup3": row(FD, FD, BARE_OPEN_FLAGS),
    "fcntl": chosen(selected.fcntl, selected.fcntl_result), "ioctl": chosen(selected.ioctl),
    "flock": row(FD, flag(c.FLOCK, "LOCK_???")),
    "mknodat": chosen(selected.mknodat), "mkdirat": row(DIRFD, PATH, MODE), "unlinkat": row(DIRFD, PATH, _AT),
    "symlinkat": row(PATH, DIRFD, PATH), "linkat": row(DIRFD, PATH, DIRFD, PATH, _AT),
    "renameat": row(DIRFD, PATH, DIRFD, PATH),
    "renameat2": row(DIRFD, PATH, DIRFD, PATH, flag(c.RENAME_FLAGS, "RENAME_???")),
    "umount2": row(PATH, flag(c.UMOUNT_FLAGS, "MNT_???")),
    "mount": chosen(selected.mount), "pivot_root": row(PATH, PATH),
    "statfs": row(PATH, structs.STATFS_OUT), "fstatfs": row(FD, structs.STATFS_OUT),
    "truncate": row(PATH, LONG), "ftruncate": row(FD, LONG),
    "fallocate": row(FD, flag(c.FALLOCATE, "FALLOC_FL_???"), LONG, LONG),
    "faccessat": row(DIRFD, PATH, _ACCESS),
    "faccessat2": row(DIRFD, PATH, _ACCESS, flag(c.FACCESSAT_FLAGS, "AT_???")),
    "chdir": row(PATH), "fchdir": row(FD), "chroot": row(PATH),
    "fchmod": row(FD, MODE), "fchmodat": row(DIRFD, PATH, MODE), "fchmodat2": row(DIRFD, PATH, MODE, _AT),
    "fchownat": row(DIRFD, PATH, ID, ID, _AT), "fchown": row(FD, ID, ID),
    "openat": chosen(selected.openat), "openat2": row(DIRFD, PATH, other_tasks.OPEN_HOW_IN, SIZE), "close": row(FD),
    "close_range": row(UINT, UINT, flag(c.CLOSE_RANGE, "CLOSE_RANGE_???")),
    "pipe2": row(_PAIR_OUT, BARE_OPEN_FLAGS), "getdents64": row(FD, structs.DIRENTS_OUT, SIZE),
    "lseek": row(FD, LONG, choice(c.WHENCE, "SEEK_???")),
    "read": row(FD, BUFFER_OUT, SIZE), "write": row(FD, buffer_in(2), SIZE),
    "readv": row(FD, structs.IOVEC_OUT, ULONG), "writev": row(FD, structs.IOVEC_IN, ULONG),
    "pread64": row(FD, BUFFER_OUT, SIZE, LONG), "pwrite64": row(FD, buffer_in(2), SIZE, LONG),
    "preadv": row(FD, structs.IOVEC_OUT, ULONG, LONG), "pwritev": row(FD, structs.IOVEC_IN, ULONG, LONG),
    "preadv2": row(FD, structs.IOVEC_OUT, ULONG, LONG, _RWF.at(5)),
    "pwritev2": row(FD, structs.IOVEC_IN, ULONG, LONG, _RWF.at(5)),
    "sendfile": row(FD, FD, _OFFSET_POINTER, SIZE),
    "splice": row(FD, _OFFSET_POINTER, FD, _OFFSET_POINTER, SIZE, _SPLICE),
    "tee": row(FD, FD, SIZE, _SPLICE), "vmsplice": row(FD, structs.IOVEC_IN, ULONG, _SPLICE),
    "copy_file_range": row(FD, _OFFSET_POINTER, FD, _OFFSET_POINTER, SIZE, UINT),
    "readlinkat": row(DIRFD, PATH, BUFFER_OUT, SIZE), "newfstatat": row(DIRFD, PATH, structs.STAT_OUT, _AT),
    "fstat": row(FD, structs.STAT_OUT),
    "statx": row(DIRFD, PATH, Arg(_statx_flags), flag(c.STATX_MASK, "STATX_???"), structs.STATX_OUT),
    "sync": row(), "fsync": row(FD), "fdatasync": row(FD), "syncfs": row(FD),
    "utimensat": row(DIRFD, PATH, structs.FILE_TIMES_IN, _AT), "umask": row(MODE, result=octal),
    "readahead": row(FD, LONG, SIZE), "fadvise64": row(FD, LONG, LONG, choice(c.FADVISE, "POSIX_FADV_???")),
    "setxattr": row(PATH, STRING, buffer_in(3), SIZE, flag(c.XATTR, "XATTR_???")),
    "lsetxattr": row(PATH, STRING, buffer_in(3), SIZE, flag(c.XATTR, "XATTR_???")),
    "fsetxattr": row(FD, STRING, buffer_in(3), SIZE, flag(c.XATTR, "XATTR_???")),
    "getxattr": row(PATH, STRING, BUFFER_OUT, SIZE), "lgetxattr": row(PATH, STRING, BUFFER_OUT, SIZE),
    "fgetxattr": row(FD, STRING, BUFFER_OUT, SIZE), "listxattr": row(PATH, BUFFER_OUT, SIZE),
    "llistxattr": row(PATH, BUFFER_OUT, SIZE), "flistxattr": row(FD, BUFFER_OUT, SIZE),
    "removexattr": row(PATH, STRING), "lremovexattr": row(PATH, STRING), "fremovexattr": row(FD, STRING),
    "sync_file_range": row(FD, LONG, LONG, flag(c.SYNC_FILE_RANGE, "SYNC_FILE_RANGE_???")), "acct": row(PATH),
    "memfd_create": row(STRING, flag(c.MEMFD, "MFD_???")),

    # waiting for files
    "ppoll": row(polling.POLLFDS_IN, UINT, structs.TIMESPEC_IN, signals.set_in(4), SIZE, result=polling.poll_result),
    "pselect6": row(INT, polling.FD_SET_IN, polling.FD_SET_IN, polling.FD_SET_IN, structs.TIMESPEC_IN,
                    polling.SELECT_MASK_IN, result=polling.select_result),
    "eventfd2": row(UINT, flag(c.EVENTFD, "EFD_???")), "epoll_create1": row(flag(c.EPOLL_FLAGS, "EPOLL_???")),
    "epoll_ctl": row(FD, choice(c.EPOLL_OPS, "EPOLL_CTL_???"), FD, polling.EPOLL_EVENT_IN),
    "epoll_pwait": row(FD, polling.EPOLL_EVENTS_OUT, INT, INT, signals.set_in(5), SIZE),
    "epoll_pwait2": row(FD, polling.EPOLL_EVENTS_OUT, INT, structs.TIMESPEC_IN, signals.set_in(5), SIZE),
    "signalfd4": row(FD, signals.set_in(2), SIZE, flag(c.SIGNALFD, "SFD_???")),
    "timerfd_create": row(_CLOCK, flag(c.TIMERFD, "TFD_???")),
    "timerfd_settime": row(FD, flag(c.TIMERFD, "TFD_???"), structs.ITIMERSPEC_IN, structs.ITIMERSPEC_OUT),
    "timerfd_gettime": row(FD, structs.ITIMERSPEC_OUT),
    "inotify_init1": row(flag(c.INOTIFY_FLAGS, "IN_???")),
    "inotify_add_watch": row(FD, PATH, flag(c.INOTIFY_EVENTS, "IN_???")), "inotify_rm_watch": row(FD, INT),
    "io_uring_setup": row(UINT, PTR),

    # memory
    "brk": row(PTR, result=hexadecimal),
    "mmap": row(PTR, SIZE, _PROT, _MAP_FLAGS, FD, OFFSET, result=hexadecimal),
    "munmap": row(PTR, SIZE), "mprotect": row(PTR, SIZE, _PROT),
    "mremap": chosen(selected.mremap, hexadecimal), "madvise": row(PTR, SIZE, choice(c.MADVISE, "MADV_???")),
    "msync": row(PTR, SIZE, flag(c.MSYNC, "MS_???")), "mincore": row(PTR, SIZE, Arg(_residency, out=True)),
    "mlock": row(PTR, SIZE), "mlock2": row(PTR, SIZE, flag(c.MLOCK2, "MLOCK_???")), "munlock": row(PTR, SIZE),
    "mlockall": row(flag(c.MLOCKALL, "MCL_???")), "munlockall": row(),
    "riscv_flush_icache": row(PTR, PTR, flag(c.ICACHE_FLAGS, "SYS_RISCV_FLUSH_ICACHE_???")),
    "riscv_hwprobe": row(Arg(_pairs, out=True), SIZE, SIZE, PTR, UINT),
    "membarrier": chosen(other_tasks.membarrier, other_tasks.membarrier_result),

    # processes
    "exit": row(INT), "exit_group": row(INT),
    "clone": chosen(processes.clone), "clone3": chosen(processes.clone3),
    "execve": row(PATH, _ARGV, Arg(environment)),
    "execveat": row(DIRFD, PATH, _ARGV, Arg(environment), _AT),
    "wait4": row(INT, structs.STATUS_OUT, _WAIT, structs.WAITED_USAGE_OUT),
    "waitid": row(choice(c.WAITID_TYPES, "P_???"), INT, signals.WAITED_INFO_OUT, _WAIT, structs.RUSAGE_OUT),
    "set_tid_address": row(PTR), "set_robust_list": row(PTR, SIZE),
    "get_robust_list": row(INT, _POINTER_OUT, number_out("Q")),
    "rseq": row(PTR, HEX, INT, HEX), "unshare": row(flag(c.UNSHARE, "CLONE_???")), "setns": row(FD, HEX),
    "futex": chosen(processes.futex),
    "getpid": row(), "getppid": row(), "gettid": row(), "setpgid": row(INT, INT), "getpgid": row(INT),
    "getsid": row(INT), "setsid": row(), "ptrace": row(choice(c.PTRACE, "PTRACE_???"), INT, HEX, HEX),
    "pidfd_open": row(INT, flag(c.PIDFD_FLAGS, "PIDFD_???")),
    "pidfd_send_signal": row(FD, SIGNAL, signals.SIGINFO_IN, flag(c.PIDFD_SIGNAL_FLAGS, "PIDFD_SIGNAL_???")),
    "pidfd_getfd": row(FD, FD, UINT), "kcmp": chosen(other_tasks.kcmp),
    "process_vm_readv": row(*other_tasks.PROCESS_VM_READV), "process_vm_writev": row(*other_tasks.PROCESS_VM_WRITEV),
    "prctl": chosen(processes.prctl, processes.prctl_result),
    "seccomp": row(choice(c.SECCOMP, "SECCOMP_???"), flag(c.SECCOMP_FLAGS, "SECCOMP_FILTER_FLAG_???"), PTR),
    "personality": row(processes.PERSONALITY, result=processes.personality_result),
    "prlimit64": row(INT, _RESOURCE, structs.RLIMIT_IN, structs.RLIMIT_OUT),
    "getrlimit": row(_RESOURCE, structs.RLIMIT_OUT), "setrlimit": row(_RESOURCE, structs.RLIMIT_IN),
    "getrusage": row(choice(c.RUSAGE, "RUSAGE_???"), structs.RUSAGE_OUT), "times": row(structs.TMS_OUT),
    "sched_setparam": row(INT, _PARAMETER_IN), "sched_getparam": row(INT, _PARAMETER_OUT),
    "sched_setscheduler": row(INT, _POLICY, _PARAMETER_IN),
    "sched_getscheduler": row(INT, result=processes.scheduler_result),
    "sched_setaffinity": row(INT, UINT, Arg(lambda call, value: _cpus(call, value, call.args[1] & 0xFFF))),
    "sched_getaffinity": row(INT, UINT, _out(lambda call, value: _cpus(call, value, call.bytes_done))),
    "sched_yield": row(), "sched_get_priority_max": row(_POLICY), "sched_get_priority_min": row(_POLICY),
    "sched_rr_get_interval": row(INT, structs.TIMESPEC_OUT),
    "sched_getattr": row(INT, other_tasks.SCHED_ATTR_OUT, UINT, UINT),
    "sched_setattr": chosen(other_tasks.sched_setattr),
    "getpriority": row(_PRIORITY, INT), "setpriority": row(_PRIORITY, INT, INT),
    "ioprio_get": row(other_tasks.IO_WHO, INT, result=other_tasks.io_priority_result),
    "ioprio_set": row(other_tasks.IO_WHO, INT, other_tasks.IO_PRIORITY), "getcpu": row(_ID_OUT, _ID_OUT, PTR),

    # identity
    "getuid": row(), "geteuid": row(), "getgid": row(), "getegid": row(), "setuid": row(ID), "setgid": row(ID),
    "setreuid": row(ID, ID), "setregid": row(ID, ID), "setresuid": row(ID, ID, ID), "setresgid": row(ID, ID, ID),
    "getresuid": row(_ID_OUT, _ID_OUT, _ID_OUT), "getresgid": row(_ID_OUT, _ID_OUT, _ID_OUT),
    "setfsuid": row(ID), "setfsgid": row(ID),
    "getgroups": row(INT, _out(lambda call, value: _groups(call, value, call.bytes_done))),
    "setgroups": row(INT, Arg(lambda call, value: _groups(call, value, signed(call.args[0])))),
    "capget": row(_CAP_HEADER, _out(_capabilities)), "capset": row(_CAP_HEADER, Arg(_capabilities)),

    # signals
    "kill": row(INT, SIGNAL), "tkill": row(INT, SIGNAL), "tgkill": row(INT, INT, SIGNAL),
    "rt_sigaction": row(SIGNAL, signals.ACTION_IN, signals.ACTION_OUT, SIZE),
    "rt_sigprocmask": row(choice(c.SIGPROCMASK, "SIG_???"), signals.set_in(3), signals.set_out(3), SIZE),
    "rt_sigpending": row(signals.set_out(1), SIZE), "rt_sigsuspend": row(signals.set_in(1), SIZE),
    "rt_sigtimedwait": row(signals.set_in(3), signals.SIGINFO_OUT, structs.TIMESPEC_IN, SIZE,
                           result=selected.signal_result),
    "rt_sigqueueinfo": row(INT, SIGNAL, signals.SIGINFO_IN),
    "rt_tgsigqueueinfo": row(INT, INT, SIGNAL, signals.SIGINFO_IN),
    "rt_sigreturn": row(signals.FRAME_IN), "sigaltstack": row(signals.STACK_IN, signals.STACK_OUT),
    "restart_syscall": row(),

    # time
    "nanosleep": row(structs.TIMESPEC_IN, structs.REMAINING_OUT),
    "clock_nanosleep": row(_CLOCK, flag(c.TIMER_FLAGS, "TIMER_???"), structs.TIMESPEC_IN, structs.REMAINING_OUT),
    "clock_gettime": row(_CLOCK, structs.TIMESPEC_OUT), "clock_getres": row(_CLOCK, structs.TIMESPEC_OUT),
    "clock_settime": row(_CLOCK, structs.TIMESPEC_IN),
    "gettimeofday": row(structs.TIMEVAL_OUT, structs.TIMEZONE_OUT),
    "settimeofday": row(structs.TIMEVAL_IN, structs.TIMEZONE_IN),
    "getitimer": row(_ITIMER, structs.ITIMERVAL_OUT),
    "setitimer": row(_ITIMER, structs.ITIMERVAL_IN, structs.ITIMERVAL_OUT),
    "timer_create": row(_CLOCK, signals.EVENT_IN, _NUMBER_OUT),
    "timer_settime": row(INT, flag(c.TIMER_FLAGS, "TIMER_???"), structs.ITIMERSPEC_IN, structs.ITIMERSPEC_OUT),
    "timer_gettime": row(INT, structs.ITIMERSPEC_OUT), "timer_getoverrun": row(INT), "timer_delete": row(INT),

    # the system
    "uname": row(structs.UTSNAME_OUT), "sysinfo": row(structs.SYSINFO_OUT),
    "sethostname": row(buffer_in(1), INT), "setdomainname": row(buffer_in(1), INT),
    "getrandom": row(RANDOM_OUT, SIZE, flag(c.GETRANDOM, "GRND_???")),
    "syslog": row(Arg(_syslog_action), BUFFER_OUT, INT), "reboot": chosen(selected.reboot),

    # IPC
    "shmget": row(ipc.KEY, SIZE, ipc.SHMGET_FLAGS),
    "shmat": row(INT, PTR, flag(c.SHM_AT, "SHM_???"), result=hexadecimal),
    "shmdt": row(PTR), "shmctl": chosen(ipc.shmctl),
    "semget": row(ipc.KEY, INT, ipc.SEMGET_FLAGS), "semop": row(INT, ipc.OPERATIONS_IN, UINT),
    "semtimedop": row(INT, ipc.OPERATIONS_IN, UINT, structs.TIMESPEC_IN), "semctl": chosen(ipc.semctl),
    "msgget": row(ipc.KEY, ipc.MSGGET_FLAGS),
    "msgsnd": row(INT, ipc.MESSAGE_IN, SIZE, flag(c.MSG_SND, "MSG_???")),
    "msgrcv": row(INT, ipc.MESSAGE_OUT, SIZE, LONG, flag(c.MSG_SND, "MSG_???")), "msgctl": chosen(ipc.msgctl),
    "mq_open": chosen(ipc.mq_open), "mq_unlink": row(PATH),
    "mq_timedsend": row(FD, buffer_in(2), SIZE, UINT, structs.TIMESPEC_IN),
    "mq_timedreceive": row(FD, BUFFER_OUT, SIZE, _ID_OUT, structs.TIMESPEC_IN),
    "mq_notify": row(FD, signals.EVENT_IN), "mq_getsetattr": row(FD, ipc.ATTR_IN, ipc.ATTR_OUT),

    # sockets
    "socket": chosen(sockets.socket_args), "socketpair": row(sockets.FAMILY, sockets.SOCKET_KIND, INT, _PAIR_OUT.at(3)),
    "bind": row(FD, sockets.address_in(2), INT), "connect": row(FD, sockets.address_in(2), INT),
    "listen": row(FD, INT), "accept": row(FD, sockets.address_out(2), sockets.LENGTH_OUT),
    "accept4": row(FD, sockets.address_out(2), sockets.LENGTH_OUT, flag(c.SOCKET_FLAGS, "SOCK_???")),
    "getsockname": row(FD, sockets.address_out(2), sockets.LENGTH_OUT),
    "getpeername": row(FD, sockets.address_out(2), sockets.LENGTH_OUT),
    "sendto": row(FD, buffer_in(2), SIZE, sockets.MSG_FLAGS, sockets.address_in(5), UINT),
    "recvfrom": row(FD, BUFFER_OUT, SIZE, sockets.MSG_FLAGS, sockets.address_out(5), sockets.LENGTH_OUT),
    "sendmsg": row(FD, sockets.MESSAGE_IN, sockets.MSG_FLAGS),
    "recvmsg": row(FD, sockets.MESSAGE_OUT, sockets.MSG_FLAGS),
    "sendmmsg": row(FD, sockets.MESSAGES_SENT, UINT, sockets.MSG_FLAGS),
    "recvmmsg": row(FD, sockets.MESSAGES_RECEIVED, UINT, sockets.MSG_FLAGS, structs.TIMESPEC_IN,
                    result=sockets.received_result),
    "setsockopt": row(FD, sockets.LEVEL, sockets.OPTION, sockets.OPTION_IN, INT),
    "getsockopt": row(FD, sockets.LEVEL, sockets.OPTION, sockets.OPTION_OUT, sockets.LENGTH_OUT),
    "shutdown": row(FD, choice(c.SHUTDOWN, "SHUT_???")),
}
