"""stat, status, statm and the other one-page files of a task. fs/proc/array.c, base.c; proc(5)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL, ESRCH
from rvsim.guest_os.abi.sched import SCHED_FIFO, SCHED_RR
from rvsim.guest_os.abi.signals import SIG_IGN
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import PAGE_SIZE, page_down, page_up
from rvsim.guest_os.proc.node import Subject
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import PidType, pid_nr_ns, task_pid_nr_ns
from rvsim.guest_os.task.posix_timers import cpu_ns
from rvsim.guest_os.task.resources import RLIM_INFINITY, Usage
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.wait import Restart

HZ_NS = 10_000_000
"""A clock tick of USER_HZ 100."""

_NAMES = {"R": "R (running)", "S": "S (sleeping)", "D": "D (disk sleep)", "T": "T (stopped)", "t": "t (tracing stop)",
          "Z": "Z (zombie)", "X": "X (dead)"}
_LIMITS = (("cpu time", "seconds"), ("file size", "bytes"), ("data size", "bytes"), ("stack size", "bytes"),
           ("core file size", "bytes"), ("resident set", "bytes"), ("processes", "processes"), ("open files", "files"),
           ("locked memory", "bytes"), ("address space", "bytes"), ("file locks", "locks"),
           ("pending signals", "signals"), ("msgqueue size", "bytes"), ("nice priority", ""),
           ("realtime priority", ""), ("realtime timeout", "us"))
_LOW_SIGNALS = 0x7FFF_FFFF

# include/linux/sched.h
PF_EXITING, PF_FORKNOEXEC, PF_SUPERPRIV, PF_SIGNALED, PF_RANDOMIZE = 0x4, 0x40, 0x100, 0x400, 0x40_0000


def state_of(task: Task) -> str:
    """The letter to show; D for a sleep that no signal but a deadly one disturbs. fs/proc/array.c:get_task_state"""
    if task.state is State.SLEEPING and task.restart is Restart.NEVER:
        return "D"
    return task.state.value


def flags_of(task: Task) -> int:
    """The PF_* of a task as far as they mean something here.

    Differs: PF_SUPERPRIV tells of the threads that share credentials, not of one.
    """
    flags = PF_RANDOMIZE
    if not task.group.did_exec or task is not task.group.leader:
        flags |= PF_FORKNOEXEC
    if task.cred.used:
        flags |= PF_SUPERPRIV
    if not task.alive:
        flags |= PF_EXITING | (PF_SIGNALED if task.group.wait_status & 0x7F else 0)
    return flags


def _ppid(subject: Subject) -> int:
    parent = subject.task.group.parent
    return pid_nr_ns(parent.pid, subject.ns) if parent is not None else 0


def shmem_pages(mm: AddressSpace) -> int:
    """Resident pages of shared anonymous memory and tmpfs maps, which count as file pages too."""
    return sum(len(mm.table.entries(area.start, area.end)) for area in mm.areas
               if area.shared and area.file is None)


def text_pages(mm: AddressSpace) -> int:
    """The program's own code, in pages: VmExe. fs/proc/task_mmu.c:task_mem"""
    text = (page_up(mm.end_code) - page_down(mm.start_code)) // PAGE_SIZE
    return min(text, mm.exec_vm)


def _priority(task: Task) -> int:
    """As top shows it: 20 and the nice value, or below zero for a real-time policy. kernel/sched/core.c:task_prio"""
    return -1 - task.rt_priority if task.policy in (SCHED_FIFO, SCHED_RR) else 20 + task.nice


def _exit_code(task: Task, whole: bool) -> int:
    """The wait status of who has ended; of a process that stopped and whose parent does not know, the signal."""
    group = task.group
    if group.zombie or group.exiting:
        return group.wait_status
    return group.stop_signal if whole and group.stopping and not group.stop_reported else 0


def stat_of(subject: Subject, whole: bool) -> bytes:
    """One line of 52 fields; `whole`: of the process, else of the thread. fs/proc/array.c:do_task_stat"""
    task, ns = subject.task, subject.ns
    group, mm = task.group, task.mm
    allowed = may_access(subject.reader, task)
    usage, children = group.usage, group.child_usage
    utime = cpu_ns(group, None if whole else task)
    stime = usage.stime_ns if whole else 0
    minor, major = usage.minor_faults, usage.major_faults
    if mm is not None:
        mm.settle_faults()
        minor, major = minor + mm.minor_faults, major + mm.major_faults
    terminal = group.terminal
    tty_nr, tpgid = 0, -1
    if terminal is not None:
        tty_nr = terminal.rdev & 0xFFFF_FFFF
        tpgid = pid_nr_ns(terminal.group, ns) if terminal.group is not None else -1
    actions = task.sighand
    threads = max(len(group.threads), 1)
    shown = mm if allowed else None
    fields: list[object] = [
        task_pid_nr_ns(task, PidType.TGID if whole else PidType.PID, ns), "(%s)", state_of(task), _ppid(subject),
        pid_nr_ns(group.pgrp, ns), pid_nr_ns(group.session, ns), tty_nr, tpgid,
        flags_of(task), minor, children.minor_faults, major, children.major_faults,
        utime // HZ_NS, stime // HZ_NS, children.utime_ns // HZ_NS, children.stime_ns // HZ_NS,
        _priority(task), task.nice, threads, 0, task.start_ns // HZ_NS,
        mm.total_vm * PAGE_SIZE if mm else 0, mm.rss_pages if mm else 0, group.limits.soft[5],
        shown.start_code if shown else int(mm is not None), shown.end_code if shown else int(mm is not None),
        shown.start_stack if shown else 0, 0, 0, task.pending.bits & _LOW_SIGNALS, task.blocked & _LOW_SIGNALS,
        actions.handled_set(SIG_IGN) & _LOW_SIGNALS, actions.handled_set(2) & _LOW_SIGNALS,
        int(allowed and (not whole or threads < 2) and task.state is not State.RUNNING), 0, 0,
        group.exit_signal if task is group.leader else -1, 0, task.rt_priority, task.policy, 0, 0, 0,
    ]
    if shown is not None:
        fields += [shown.start_data, shown.end_data, shown.start_brk, shown.arg_start, shown.arg_end, shown.env_start,
                   shown.env_end]
    else:
        fields += [0] * 7
    fields.append(_exit_code(task, whole) if allowed else 0)
    line = " ".join(str(field) for field in fields).encode() + b"\n"
    return line.replace(b"(%s)", b"(" + task.comm + b")", 1)


def stat(subject: Subject) -> bytes:
    """The process's `stat`."""
    return stat_of(subject, True)


def thread_stat(subject: Subject) -> bytes:
    """A thread's `stat`."""
    return stat_of(subject, False)


def statm(subject: Subject) -> bytes:
    """Sizes in pages. fs/proc/array.c:proc_pid_statm"""
    mm = subject.task.mm
    if mm is None:
        return b"0 0 0 0 0 0 0\n"
    return b"%d %d %d %d 0 %d 0\n" % (
        mm.total_vm, mm.rss_pages, mm.table.file, text_pages(mm), mm.data_vm + mm.stack_vm)


def _memory_lines(mm: AddressSpace) -> list[str]:
    shmem = shmem_pages(mm)
    text = text_pages(mm)
    kib = PAGE_SIZE // 1024
    mm.note_rss()
    rows = (("VmPeak", max(mm.hiwater_vm, mm.total_vm)), ("VmSize", mm.total_vm), ("VmLck", mm.locked_vm), ("VmPin", 0),
            ("VmHWM", max(mm.hiwater_rss, mm.rss_pages)), ("VmRSS", mm.rss_pages), ("RssAnon", mm.table.anon),
            ("RssFile", mm.table.file - shmem), ("RssShmem", shmem), ("VmData", mm.data_vm), ("VmStk", mm.stack_vm),
            ("VmExe", text), ("VmLib", mm.exec_vm - text), ("VmPTE", mm.table.tables), ("VmSwap", 0),
            ("HugetlbPages", 0))
    return [f"{name}:\t{pages * kib:8d} kB" for name, pages in rows] + ["CoreDumping:\t0", "THP_enabled:\t0"]


def escape(name: bytes) -> str:
    """A name as `status` shows it: backslash and newline escaped. fs/proc/array.c:proc_task_name"""
    return name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").decode("utf-8", "surrogateescape")


def status(subject: Subject) -> bytes:
    """`Key:\\tvalue` lines. fs/proc/array.c:proc_pid_status"""
    task, ns = subject.task, subject.ns
    group, cred, mm = task.group, task.cred, task.mm
    own_level = task.pid.level

    def numbers(kind: PidType) -> str:
        pid = {PidType.PID: task.pid, PidType.TGID: group.pid, PidType.PGID: group.pgrp,
               PidType.SID: group.session}[kind]
        return "\t".join(str(number) for number, _ in pid.numbers[ns.level:own_level + 1])

    lines = [f"Name:\t{escape(task.comm)}"]
    if task.fs_shared is not None:
        lines.append(f"Umask:\t{task.fs.umask:04o}")
    lines += [
        f"State:\t{_NAMES[state_of(task)]}", f"Tgid:\t{pid_nr_ns(group.pid, ns)}", "Ngid:\t0",
        f"Pid:\t{pid_nr_ns(task.pid, ns)}", f"PPid:\t{_ppid(subject)}", "TracerPid:\t0",
        f"Uid:\t{cred.uid}\t{cred.euid}\t{cred.suid}\t{cred.fsuid}",
        f"Gid:\t{cred.gid}\t{cred.egid}\t{cred.sgid}\t{cred.fsgid}",
        f"FDSize:\t{_fd_size(task)}",
        f"Groups:\t{''.join(f'{gid} ' for gid in cred.groups)}" if cred.groups else "Groups:\t ",
        f"NStgid:\t{numbers(PidType.TGID)}", f"NSpid:\t{numbers(PidType.PID)}", f"NSpgid:\t{numbers(PidType.PGID)}",
        f"NSsid:\t{numbers(PidType.SID)}", "Kthread:\t0",
    ]
    if mm is not None:
        lines += _memory_lines(mm)
    actions = task.sighand
    lines += [
        f"Threads:\t{max(len(group.threads), 1)}",
        f"SigQ:\t{len(task.pending.infos) + len(group.pending.infos)}/{group.signal_limit}",
        f"SigPnd:\t{task.pending.bits:016x}", f"ShdPnd:\t{group.pending.bits:016x}", f"SigBlk:\t{task.blocked:016x}",
        f"SigIgn:\t{actions.handled_set(SIG_IGN):016x}", f"SigCgt:\t{actions.handled_set(2):016x}",
        f"CapInh:\t{cred.cap_inheritable:016x}", f"CapPrm:\t{cred.cap_permitted:016x}",
        f"CapEff:\t{cred.cap_effective:016x}", f"CapBnd:\t{cred.cap_bounding:016x}",
        f"CapAmb:\t{cred.cap_ambient:016x}",
        f"NoNewPrivs:\t{int(task.no_new_privs)}", "Seccomp:\t0", "Seccomp_filters:\t0",
        "Cpus_allowed:\t1", "Cpus_allowed_list:\t0", "Mems_allowed:\t1", "Mems_allowed_list:\t0",
        f"voluntary_ctxt_switches:\t{task.voluntary_switches}",
        f"nonvoluntary_ctxt_switches:\t{task.involuntary_switches}",
    ]
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"


def _fd_size(task: Task) -> int:
    if task.files_shared is None:
        return 0
    size = 64
    highest = max((fd for fd, _ in task.fds), default=0)
    while size <= highest:
        size *= 2
    return size


def comm(subject: Subject) -> bytes:
    """The name. fs/proc/base.c:comm_show"""
    return subject.task.comm + b"\n"


def set_comm(subject: Subject, data: bytes) -> int:
    """Rename a thread of one's own process. EINVAL: another's. fs/proc/base.c:comm_write"""
    reader = subject.reader
    if reader is None or reader.group is not subject.task.group:
        raise EINVAL
    subject.task.comm = data[:15].split(b"\0", 1)[0]
    return len(data)


def _region(mm: AddressSpace, start: int, end: int) -> bytes:
    if end <= start or end - start > 4 << 20:
        return b""
    size = user_memory.readable(mm, start, end - start)
    return user_memory.read(mm, start, size) if size else b""


def cmdline(subject: Subject) -> bytes:
    """The arguments, NUL-terminated; what setproctitle made of them. fs/proc/base.c:get_mm_cmdline"""
    mm = subject.task.mm
    if mm is None:
        return b""
    text = _region(mm, mm.arg_start, mm.arg_end)
    if text and text[-1:] != b"\0":
        longer = _region(mm, mm.arg_start, max(mm.env_end, mm.arg_end))[:PAGE_SIZE]
        end = longer.find(b"\0")
        text = longer if end < 0 else longer[:end + 1]
    return text


def environ(subject: Subject) -> bytes:
    """The environment as it is in memory now. fs/proc/base.c:environ_read"""
    mm = subject.memory
    return _region(mm, mm.env_start, mm.env_end) if mm is not None else b""


def auxv(subject: Subject) -> bytes:
    """The auxiliary vector that the program was started with. fs/proc/base.c:auxv_read"""
    mm = subject.opened
    return mm.saved_auxv if mm is not None else b""


def limits(subject: Subject) -> bytes:
    """Resource limits. fs/proc/base.c:proc_pid_limits"""
    both = subject.task.group.limits
    lines = [f"{'Limit':<25} {'Soft Limit':<20} {'Hard Limit':<20} {'Units':<10}"]
    for at, (name, unit) in enumerate(_LIMITS):
        soft, hard = ("unlimited" if value == RLIM_INFINITY else str(value) for value in (both.soft[at], both.hard[at]))
        lines.append(f"{'Max ' + name:<25} {soft:<20} {hard:<20} {unit:<10}".rstrip() if not unit
                     else f"{'Max ' + name:<25} {soft:<20} {hard:<20} {unit:<10}")
    return "\n".join(lines).encode() + b"\n"


def _io(subject: Subject, total: Usage) -> bytes:
    if not may_access(subject.reader, subject.task):
        raise ESRCH
    return (b"rchar: %d\nwchar: %d\nsyscr: %d\nsyscw: %d\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n"
            % (total.rchar, total.wchar, total.syscr, total.syscw))


def io(subject: Subject) -> bytes:
    """Bytes and calls that moved them, with those of children that were waited for. fs/proc/base.c:do_io_accounting

    Differs: a call on a bad descriptor counts too, with no bytes. There is no storage that bytes would come from.
    """
    group, total = subject.task.group, Usage()
    total.add(group.usage)
    total.add(group.child_usage)
    for thread in group.threads:
        total.add_moved(thread.context.moved())
    return _io(subject, total)


def thread_io(subject: Subject) -> bytes:
    """A thread's. fs/proc/base.c:proc_tid_io_accounting"""
    total = Usage()
    total.add_moved(subject.task.context.moved())
    return _io(subject, total)


def oom_score(subject: Subject) -> bytes:
    """How likely memory pressure ends it. fs/proc/base.c:proc_oom_score"""
    task = subject.task
    if task.mm is None:
        return b"0\n"
    frames = subject.kernel.memory.frames.total
    points = (task.mm.rss_pages + task.mm.table.tables) * 1000 // frames + task.group.oom_score_adj
    return b"%d\n" % max(0, min(2000, (1000 + points) * 2 // 3))


def oom_score_adj(subject: Subject) -> bytes:
    """The adjustment. fs/proc/base.c"""
    return b"%d\n" % subject.task.group.oom_score_adj


def set_oom_score_adj(subject: Subject, data: bytes) -> int:
    """Set the adjustment, -1000..1000. EINVAL. fs/proc/base.c:oom_score_adj_write"""
    text = data.strip().removeprefix(b"-")
    if not text.isdigit() or len(text) > 4:
        raise EINVAL
    value = -int(text) if data.strip().startswith(b"-") else int(text)
    if not -1000 <= value <= 1000:
        raise EINVAL
    subject.task.group.oom_score_adj = value
    return len(data)


def wchan(subject: Subject) -> bytes:
    """Where it waits: no symbols here, so `0`. fs/proc/base.c:proc_pid_wchan"""
    return b"0"


def syscall(subject: Subject) -> bytes:
    """The call it waits in, with arguments, sp and pc. fs/proc/base.c:proc_pid_syscall"""
    task = subject.task
    context = task.context
    if task.state is not State.SLEEPING or not task.in_call:
        return b"running\n"
    arguments = b" ".join(b"%#x" % context.get(10 + at) for at in range(6))
    return b"%d %s %#x %#x\n" % (context.get(17), arguments, context.get(2), context.pc)


def schedstat(subject: Subject) -> bytes:
    """Nanoseconds run, nanoseconds waited, slices. fs/proc/base.c:proc_pid_schedstat"""
    task = subject.task
    return b"%d 0 %d\n" % (task.utime_ticks, task.voluntary_switches + task.involuntary_switches)


def children(subject: Subject) -> bytes:
    """The children's numbers. fs/proc/array.c:children_seq_show"""
    return b"".join(b"%d " % pid_nr_ns(child.pid, subject.ns) for child in subject.task.group.children)


def personality(subject: Subject) -> bytes:
    """The execution domain. fs/proc/base.c"""
    return b"%08x\n" % subject.task.group.personality


def timerslack(subject: Subject) -> bytes:
    """How much later timers may be. fs/proc/base.c"""
    return b"%d\n" % subject.task.timer_slack_ns
