"""What the files of solproc say, made from the kernel's own state at each read. illumos: os/prsubr.c"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import EFAULT
from rvsim.guest_os.abi.layouts import Layout
from rvsim.guest_os.abi.signals import NSIG
from rvsim.guest_os.abi.solproc import Flag, LwpState, Why
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import Access, OutOfMemory
from rvsim.guest_os.task.exit import is_orphaned
from rvsim.guest_os.task.operand import is_long
from rvsim.guest_os.task.pid import PidNamespace, pid_nr_ns
from rvsim.guest_os.task.signal import SigInfo
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.task.trace_state import FIRST_MODES, PendingFault
from rvsim.guest_os.task.tracing import has_event_stop, lends_memory, stop_of

if TYPE_CHECKING:
    from rvsim.guest_os.task.thread_group import ThreadGroup

SECOND_NS = 1_000_000_000
WHOLE = 0x8000
"""100 % in pr_pctcpu and pr_pctmem."""

LINUX_CLASS = {0: b"TS", 1: b"FF", 2: b"RR", 3: b"TS", 5: b"IDLE"}


def timespec(ns: int) -> dict[str, int]:
    """Nanoseconds as a structure."""
    return {"tv_sec": ns // SECOND_NS, "tv_nsec": ns % SECOND_NS}


def epoch_ns(task: Task, monotonic_ns: int) -> int:
    """A moment of the machine's own clock as time since 1970."""
    clock = task.kernel.clock
    return clock.realtime_ns() - clock.monotonic_ns() + monotonic_ns


def siginfo(info: SigInfo) -> dict[str, int]:
    """Why a signal came."""
    fields = {"psi_signo": info.signo, "psi_code": info.code, "psi_pid": info.pid, "psi_uid": info.uid}
    if info.kind == "fault":
        fields |= {"psi_addr": info.addr}
    elif info.kind == "child":
        fields |= {"psi_status": info.status, "psi_utime": info.utime, "psi_stime": info.stime}
    elif info.kind in ("queue", "timer"):
        fields |= {"psi_value": info.value & (1 << 64) - 1, "psi_overrun": info.overrun}
    return fields


WATCH_CODES = {Access.READ: sol.Trap.RWATCH, Access.WRITE: sol.Trap.WWATCH, Access.EXEC: sol.Trap.XWATCH}


def _watchpoint(fault: PendingFault) -> dict[str, int]:
    """What pr_info says beside the signal that a touched watched byte becomes."""
    seen = fault.seen
    if seen is None:
        return {}
    return {"psi_code": WATCH_CODES[seen.access], "psi_pc": seen.pc, "psi_trapafter": int(seen.after)}


def registers(task: Task) -> dict[str, tuple[int, ...]]:
    """x1 to x31 and pc. They mean something while the task stands or waits."""
    context = context_of(task)
    return {"reg": (*(context.get(number) for number in range(1, 32)), context.pc)}


def context_of(task: Task) -> Any:
    """The saved registers; those of the task that runs now are saved first."""
    kernel = task.kernel
    if kernel.scheduler.current is task and kernel.hart.context is task.context:
        kernel.hart.save()
    return task.context


def lwp_number(task: Task, ns: PidNamespace) -> int:
    """pr_lwpid: the thread's number."""
    return pid_nr_ns(task.pid, ns)


def asleep(task: Task) -> bool:
    """Whether the task is inside a call that waits, stopped there or not."""
    return task.in_call and task.state is not State.RUNNING


def lwp_flags(task: Task) -> Flag:
    """The flags that belong to one lwp."""
    flags = Flag(0)
    stop = stop_of(task)
    lwp = task.trace
    if stop is not None:
        flags |= Flag.STOPPED | (Flag.ISTOP if has_event_stop(task) else Flag(0))
    if lwp is not None:
        flags |= (Flag.DSTOP if lwp.directed else Flag(0)) | (Flag.STEP if lwp.step else Flag(0))
    if asleep(task):
        flags |= Flag.ASLEEP
    tracing = task.group.tracing
    if tracing is not None and tracing.agent is task:
        flags |= Flag.AGENT
    return flags


def process_flags(group: ThreadGroup) -> Flag:
    """The flags that belong to the process."""
    flags = group.tracing.modes if group.tracing is not None else FIRST_MODES
    if lends_memory(group):
        flags |= Flag.VFORKP
    if not group.zombie and is_orphaned(group.kernel, group.pgrp):
        flags |= Flag.ORPHAN
    return flags


def _call_of(task: Task) -> tuple[int, tuple[int, ...]] | None:
    """Number and arguments of the call that a task stands or waits in."""
    stop = stop_of(task)
    lwp = task.trace
    if lwp is not None and lwp.call is not None and stop is not None and (
            stop.why in (Why.SYSENTRY, Why.SYSEXIT) or lwp.leaving is not None):
        return lwp.call
    if asleep(task):
        context = context_of(task)
        return context.get(17), tuple(context.get(10 + at) for at in range(6))
    return None


def lwpstatus(task: Task, ns: PidNamespace) -> dict[str, Any]:
    """lwpstatus_t of one lwp.

    Differs: pr_oldcontext is 0, for a handler may be left without the kernel's knowing; pr_ustack is 0, for the
    kernel knows of no stack but the first.
    """
    stop = stop_of(task)
    lwp = task.trace
    instruction = _instruction(task) if stop is not None else None
    fields: dict[str, Any] = {
        "pr_flags": lwp_flags(task) | process_flags(task.group) | (Flag.PCINVAL if instruction is None else Flag(0)),
        "pr_lwpid": lwp_number(task, ns),
        "pr_lwppend": sol.to_set(task.pending.bits), "pr_lwphold": sol.to_set(task.blocked & (1 << NSIG) - 1),
        "pr_altstack": {"ss_sp": task.altstack[0], "ss_flags": _int(task.altstack[1]), "ss_size": task.altstack[2]},
        "pr_clname": LINUX_CLASS.get(task.policy, b"TS"), "pr_utime": timespec(task.utime_ticks), "pr_errpriv": -1,
        "pr_reg": registers(task),
        "pr_fpreg": {"freg": tuple(context_of(task).get_f(number) for number in range(32)), "fcsr": task.context.fcsr},
    }
    if stop is not None:
        fields |= {"pr_why": stop.why, "pr_what": stop.what, "pr_tstamp": timespec(epoch_ns(task, stop.at_ns)),
                   "pr_instr": instruction or 0}
    if lwp is not None and lwp.signal is not None:
        fields |= {"pr_cursig": lwp.signal.signo, "pr_info": siginfo(lwp.signal),
                   "pr_action": _action(task, lwp.signal.signo)}
    if lwp is not None and lwp.fault is not None:
        fields |= {"pr_info": siginfo(lwp.fault.info) | _watchpoint(lwp.fault)}
    call = _call_of(task)
    if call is not None:
        entry = task.abi.calls.get(call[0])
        count = entry[1] if entry is not None else 6
        fields |= {"pr_syscall": call[0] & 0x7FFF, "pr_nsysarg": count,
                   "pr_sysarg": tuple(_signed(value) for value in call[1][:count])}
        if lwp is not None and stop is not None and stop.why is Why.SYSEXIT and lwp.result is not None:
            failed = -4095 <= lwp.result < 0
            fields |= {"pr_errno": -lwp.result if failed else 0, "pr_rval1": -1 if failed else _signed(lwp.result)}
    return fields


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def _int(value: int) -> int:
    """The low 32 bits as C's int shows them."""
    value &= 0xFFFF_FFFF
    return value - (1 << 32) if value >> 31 else value


def _instruction(task: Task) -> int | None:
    """The 16 or 32 bits at the pc; None: they cannot be read."""
    mm, pc = task.mm, task.context.pc
    if mm is None:
        return None
    try:
        low = int.from_bytes(user_memory.read(mm, pc, 2), "little")
        return low | int.from_bytes(user_memory.read(mm, pc + 2, 2), "little") << 16 if is_long(low) else low
    except (EFAULT, OutOfMemory):
        return None


def _action(task: Task, signo: int) -> dict[str, Any]:
    action = task.sighand.actions[signo]
    return {"psa_flags": _int(action.flags), "psa_handler": action.handler,
            "psa_mask": sol.to_set(action.mask & (1 << NSIG) - 1)}


def representative(group: ThreadGroup) -> Task:
    """The lwp that stands for the process: the agent, else the most active or the most interestingly stopped."""
    tracing = group.tracing
    if tracing is not None and tracing.agent is not None:
        return tracing.agent
    return min(group.threads or [group.leader], key=_rank)


def _rank(task: Task) -> int:
    if not task.alive:
        return 9
    if task.kernel.scheduler.current is task:
        return 0
    stop = stop_of(task)
    if stop is None:
        return 1 if task.state is State.RUNNING else 2
    if stop.why is Why.JOBCONTROL:
        return 4 if task.trace is not None and task.trace.directed else 3
    return {Why.REQUESTED: 6, Why.SUSPENDED: 7}.get(stop.why, 5)


def pstatus(group: ThreadGroup, ns: PidNamespace) -> dict[str, Any]:
    """pstatus_t of a process that is alive."""
    mm = next((thread.mm for thread in group.threads if thread.mm is not None), None)
    tracing = group.tracing
    chosen = representative(group)
    lwp = lwpstatus(chosen, ns)
    fields: dict[str, Any] = {
        "pr_flags": lwp["pr_flags"], "pr_nlwp": group.live_threads,
        **identity(group, ns), "pr_sigpend": sol.to_set(group.pending.bits),
        "pr_utime": timespec(group.usage.utime_ns), "pr_stime": timespec(group.usage.stime_ns),
        "pr_cutime": timespec(group.child_usage.utime_ns), "pr_cstime": timespec(group.child_usage.stime_ns),
        "pr_dmodel": sol.DMODEL_LP64, "pr_nzomb": len(group.threads) - group.live_threads,
        "pr_lwp": lwp,
    }
    if mm is not None:
        stack = mm.areas.find(max(mm.start_stack - 1, 0))
        fields |= {"pr_brkbase": mm.start_brk, "pr_brksize": mm.brk - mm.start_brk}
        if stack is not None:
            fields |= {"pr_stkbase": stack.start, "pr_stksize": stack.end - stack.start}
    if tracing is not None:
        fields |= {"pr_sigtrace": sol.to_set(tracing.signals), "pr_flttrace": sol.to_set(tracing.faults),
                   "pr_sysentry": sol.to_set(tracing.entry, 16), "pr_sysexit": sol.to_set(tracing.exit, 16)}
        if tracing.agent is not None:
            fields |= {"pr_agentid": lwp_number(tracing.agent, ns)}
    return fields


def identity(group: ThreadGroup, ns: PidNamespace) -> dict[str, int]:
    """pid, ppid, pgid and sid as the mount's namespace sees them."""
    parent = group.parent
    return {"pr_pid": pid_nr_ns(group.pid, ns), "pr_ppid": pid_nr_ns(parent.pid, ns) if parent is not None else 0,
            "pr_pgid": pid_nr_ns(group.pgrp, ns), "pr_sid": pid_nr_ns(group.session, ns)}


def lwp_state(task: Task) -> LwpState:
    """pr_state."""
    if not task.alive:
        return LwpState.ZOMB
    if task.kernel.scheduler.current is task:
        return LwpState.ONPROC
    if stop_of(task) is not None:
        return LwpState.STOP
    return LwpState.RUN if task.state is State.RUNNING else LwpState.SLEEP


def share_of_time(used_ns: int, since_ns: int, now_ns: int) -> int:
    """pr_pctcpu: time used over the time since the start."""
    return min(used_ns * WHOLE // max(now_ns - since_ns, 1), WHOLE)


def lwpsinfo(task: Task, ns: PidNamespace) -> dict[str, Any]:
    """lwpsinfo_t of one lwp."""
    state = lwp_state(task)
    call = _call_of(task)
    now = task.kernel.clock.monotonic_ns()
    return {
        "pr_flag": lwp_flags(task) | process_flags(task.group), "pr_lwpid": lwp_number(task, ns),
        "pr_wchan": task.wchan, "pr_state": state, "pr_sname": sol.LWP_LETTERS[state][0], "pr_nice": task.nice + 20,
        "pr_syscall": call[0] & 0x7FFF if call is not None else 0, "pr_pri": 20 - task.nice,
        "pr_pctcpu": share_of_time(task.utime_ticks, task.start_ns, now),
        "pr_start": timespec(epoch_ns(task, task.start_ns)), "pr_time": timespec(task.utime_ticks),
        "pr_clname": LINUX_CLASS.get(task.policy, b"TS"), "pr_name": task.comm[:15], "pr_bindpro": -1,
        "pr_bindpset": -1,
    }


def arguments(group: ThreadGroup) -> tuple[bytes, int, int, int]:
    """(psargs, argc, address of argv, address of envp) of the program as it was started."""
    mm = next((thread.mm for thread in group.threads if thread.mm is not None), None)
    if mm is None or not mm.start_stack:
        return b"", 0, 0, 0
    try:
        text = user_memory.read(mm, mm.arg_start, min(mm.arg_end - mm.arg_start, 4096)) if mm.arg_end else b""
        count = user_memory.read_u64(mm, mm.start_stack) if mm.saved_auxv else 0
    except (EFAULT, OutOfMemory):
        return b"", 0, 0, 0
    words = text.rstrip(b"\0").replace(b"\0", b" ")[:sol.PSARGS_BYTES - 1]
    if group.shown_arguments is not None:
        words = group.shown_arguments
    if not count or count > 1 << 20:
        return words, 0, 0, 0
    return words, count, mm.start_stack + 8, mm.start_stack + 8 * (count + 2)


def psinfo(group: ThreadGroup, ns: PidNamespace) -> dict[str, Any]:
    """psinfo_t of a process, dead or alive."""
    leader = group.leader
    cred = leader.cred
    now = leader.kernel.clock.monotonic_ns()
    used = group.usage.utime_ns + group.usage.stime_ns
    fields: dict[str, Any] = {
        "pr_flag": process_flags(group), **identity(group, ns), "pr_uid": cred.uid, "pr_euid": cred.euid,
        "pr_gid": cred.gid, "pr_egid": cred.egid, "pr_time": timespec(used),
        "pr_ctime": timespec(group.child_usage.utime_ns + group.child_usage.stime_ns), "pr_dmodel": sol.DMODEL_LP64,
        "pr_ttydev": sol.NO_DEVICE,
    }
    if group.zombie:
        lwp = {"pr_state": LwpState.ZOMB, "pr_sname": sol.LWP_LETTERS[LwpState.ZOMB][0]}
        return fields | {"pr_wstat": group.wait_status, "pr_lwp": lwp}
    mm = next((thread.mm for thread in group.threads if thread.mm is not None), None)
    psargs, argc, argv, envp = arguments(group)
    chosen = representative(group)
    fields |= {
        "pr_nlwp": group.live_threads, "pr_start": timespec(epoch_ns(leader, group.start_ns)), "pr_fname": leader.comm,
        "pr_psargs": psargs, "pr_argc": argc, "pr_argv": argv, "pr_envp": envp,
        "pr_nzomb": len(group.threads) - group.live_threads,
        "pr_pctcpu": share_of_time(used, group.start_ns, now), "pr_lwp": lwpsinfo(chosen, ns),
    }
    if group.terminal is not None:
        fields["pr_ttydev"] = group.terminal.rdev
    if mm is not None:
        fields |= {"pr_size": mm.total_vm * 4, "pr_rssize": mm.rss_pages * 4,
                   "pr_pctmem": min(mm.rss_pages * WHOLE // leader.kernel.memory.frames.total, WHOLE)}
    return fields


def credentials(group: ThreadGroup) -> bytes:
    """prcred_t and the groups behind it."""
    cred = group.leader.cred
    groups = cred.groups
    head = sol.PRCRED.pack(pr_euid=cred.euid, pr_ruid=cred.uid, pr_suid=cred.suid, pr_egid=cred.egid, pr_rgid=cred.gid,
                           pr_sgid=cred.sgid, pr_ngroups=len(groups))
    start = sol.PRCRED.offsets["pr_groups"]
    listed = b"".join(number.to_bytes(4, "little") for number in groups)
    return head[:start] + listed.ljust(sol.PRCRED.size - start, b"\0")


def actions(group: ThreadGroup) -> bytes:
    """sigaction of every signal, from 1 on."""
    return b"".join(sol.SIGACTION.pack(_action(group.leader, signo)) for signo in range(1, NSIG + 1))


def watched(group: ThreadGroup) -> bytes:
    """prwatch_t of every watched area, by address."""
    areas = group.tracing.watches if group.tracing is not None else []
    return b"".join(sol.PRWATCH.pack(pr_vaddr=area.start, pr_size=area.end - area.start, pr_wflags=area.flags)
                    for area in areas)


def auxv(group: ThreadGroup) -> bytes:
    """The auxiliary vector as exec wrote it, with empty entries up to the fixed number."""
    mm = next((thread.mm for thread in group.threads if thread.mm is not None), None)
    return (mm.saved_auxv if mm is not None else b"")[:sol.AUXV_ENTRIES * 16].ljust(sol.AUXV_ENTRIES * 16, b"\0")


def many(layout: Layout, entries: list[dict[str, Any]]) -> bytes:
    """A header and the entries, as in lstatus, lpsinfo and lusage."""
    step = sol.entry_size(layout)
    body = b"".join(layout.pack(entry).ljust(step, b"\0") for entry in entries)
    return sol.PRHEADER.pack(pr_nent=len(entries), pr_entsize=step) + body
