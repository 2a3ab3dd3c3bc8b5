"""The system as a whole: names, limits, usage, randomness, prctl, scheduling. kernel/sys.c, sched/syscalls.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, EINVAL, EPERM, ESRCH
from rvsim.guest_os.abi.hwprobe import HWPROBE
from rvsim.guest_os.abi.sched import SCHED_BATCH, SCHED_FIFO, SCHED_IDLE, SCHED_OTHER, SCHED_RESET_ON_FORK, SCHED_RR
from rvsim.guest_os.abi.signals import NSIG
from rvsim.guest_os.abi.utsname import RELEASE, VERSION
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Flags, Int, Ptr, SizeT, UInt, ULong
from rvsim.guest_os.syscalls.clock import group_cpu_ns, thread_cpu_ns, write_timespec
from rvsim.guest_os.syscalls.identity import CAP_LAST
from rvsim.guest_os.syscalls.rusage import pack_rusage
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.resources import (
    RLIM_NLIMITS,
    RLIMIT_AS,
    RLIMIT_DATA,
    RLIMIT_NOFILE,
    RLIMIT_SIGPENDING,
    RLIMIT_STACK,
    Usage,
)
from rvsim.guest_os.task.scheduler import SLICE_NS
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup

RANDOM_LIMIT = 33_554_431
GRND_KNOWN = 7
RLIMIT = struct.Struct("<QQ")
RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD = 0, -1, 1
NR_OPEN = 1 << 20


def sys_uname(task: Task, name: Ptr) -> int:
    """Names of the system. EFAULT. kernel/sys.c"""
    kernel = task.kernel
    fields = (b"Linux", kernel.hostname, RELEASE, VERSION, b"riscv64", kernel.domainname)
    user_memory.write(task.space, name, b"".join(field[:64].ljust(65, b"\0") for field in fields))
    return 0


def _set_name(task: Task, address: int, size: int) -> bytes:
    if task.cred.euid != 0:
        raise EPERM
    if not 0 <= size <= 64:
        raise EINVAL
    return user_memory.read(task.space, address, size)


def sys_sethostname(task: Task, name: Ptr, size: Int) -> int:
    """Set the host's name. EPERM, EINVAL, EFAULT. kernel/sys.c"""
    task.kernel.hostname = _set_name(task, name, size)
    return 0


def sys_setdomainname(task: Task, name: Ptr, size: Int) -> int:
    """Set the NIS domain's name. EPERM, EINVAL, EFAULT. kernel/sys.c"""
    task.kernel.domainname = _set_name(task, name, size)
    return 0


def sys_sysinfo(task: Task, info: Ptr) -> int:
    """Memory and processes. EFAULT. kernel/sys.c:do_sysinfo"""
    kernel = task.kernel
    frames = kernel.memory.frames
    cached = sum(len(cache.pages) for cache in kernel.memory.caches)
    user_memory.write(task.space, info, struct.pack(
        "<q3Q6QHHI2QI4x", kernel.clock.monotonic_ns() // 1_000_000_000, 0, 0, 0, frames.total * 4096,
        frames.free * 4096, 0, cached * 4096, 0, 0, min(kernel.tasks, 0xFFFF), 0, 0, 0, 0, 1))
    return 0


def sys_getrandom(task: Task, buf: Ptr, count: SizeT, flags: Flags) -> int:
    """Bytes from the machine's seeded generator. EINVAL: flags. EFAULT. drivers/char/random.c

    Differs: the numbers come from the machine's seed, so that runs repeat; they are no secret.
    """
    if flags & ~GRND_KNOWN or flags & 6 == 6:
        raise EINVAL
    count = min(count, RANDOM_LIMIT)
    done = 0
    while done < count:
        chunk = min(count - done, 65536)
        if user_memory.writable(task.space, buf + done, chunk) < chunk and not done:
            raise EFAULT
        user_memory.write(task.space, buf + done, task.kernel.random.read(chunk))
        done += chunk
    return done


# ---- limits and usage


def _apply_limits(group: ThreadGroup) -> None:
    soft = group.limits
    group.signal_limit = min(soft.soft[RLIMIT_SIGPENDING], 1 << 20)
    for thread in group.threads:
        if thread.mm is not None:
            thread.mm.stack_limit = soft.soft[RLIMIT_STACK]
            thread.mm.data_limit = soft.soft_or_none(RLIMIT_DATA)
            thread.mm.space_limit = soft.soft_or_none(RLIMIT_AS)
        if thread.alive:
            thread.fds.limit = min(soft.soft[RLIMIT_NOFILE], NR_OPEN)


def _set_limit(task: Task, group: ThreadGroup, resource: int, soft: int, hard: int) -> None:
    limits = group.limits
    if soft > hard:
        raise EINVAL
    if resource == RLIMIT_NOFILE and hard > NR_OPEN:
        raise EPERM
    if hard > limits.hard[resource] and task.cred.euid != 0:
        raise EPERM
    limits.soft[resource], limits.hard[resource] = soft, hard
    _apply_limits(group)


def sys_prlimit64(task: Task, pid: Int, resource: UInt, new: Ptr, old: Ptr) -> int:
    """Read and set a limit of a process. EINVAL, EPERM, ESRCH, EFAULT. kernel/sys.c"""
    if resource >= RLIM_NLIMITS:
        raise EINVAL
    wanted = RLIMIT.unpack(user_memory.read(task.space, new, 16)) if new else None
    found = task if pid == 0 else pid_task(find_vpid(pid, task), PidType.PID)
    if found is None:
        raise ESRCH
    group, cred = found.group, task.cred
    if group is not task.group and cred.euid != 0 and cred.uid != found.cred.uid:
        raise EPERM
    before = RLIMIT.pack(group.limits.soft[resource], group.limits.hard[resource])
    if wanted is not None:
        _set_limit(task, group, resource, *wanted)
    if old:
        user_memory.write(task.space, old, before)
    return 0


def sys_getrlimit(task: Task, resource: UInt, limit: Ptr) -> int:
    """A limit of this process. EINVAL, EFAULT. kernel/sys.c"""
    return sys_prlimit64(task, 0, resource, 0, limit) if limit else _no_address()


def sys_setrlimit(task: Task, resource: UInt, limit: Ptr) -> int:
    """Set a limit of this process. EINVAL, EPERM, EFAULT. kernel/sys.c"""
    return sys_prlimit64(task, 0, resource, limit, 0) if limit else _no_address()


def _no_address() -> int:
    raise EFAULT


def sys_getrusage(task: Task, who: Int, usage: Ptr) -> int:
    """What a thread, the process, or its waited-for children used. EINVAL, EFAULT. kernel/sys.c:getrusage"""
    group = task.group
    if who == RUSAGE_CHILDREN:
        packed = pack_rusage(group.child_usage)
    elif who in (RUSAGE_SELF, RUSAGE_THREAD):
        now = Usage()
        space = task.space
        space.settle_faults()
        now.add(group.usage)
        now.utime_ns = thread_cpu_ns(task) if who == RUSAGE_THREAD else group_cpu_ns(task)
        now.minor_faults += space.minor_faults
        now.major_faults += space.major_faults
        now.max_rss_pages = max(group.usage.max_rss_pages, space.hiwater_rss, space.rss_pages)
        threads = [task] if who == RUSAGE_THREAD else group.threads
        now.voluntary = sum(thread.voluntary_switches for thread in threads)
        now.involuntary = sum(thread.involuntary_switches for thread in threads)
        packed = pack_rusage(now)
    else:
        raise EINVAL
    user_memory.write(task.space, usage, packed)
    return 0


# ---- prctl and personality

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE = 1, 2, 3, 4
PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_CAPBSET_DROP = 15, 16, 23, 24
PR_GET_SECUREBITS, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK = 27, 29, 30
PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 36, 37
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 39, 47


def sys_prctl(task: Task, option: Int, arg2: ULong, arg3: ULong, arg4: ULong, arg5: ULong) -> int:
    """Settings of a thread or process. EINVAL: unknown. EPERM, EFAULT. kernel/sys.c"""
    group, space = task.group, task.space
    if option == PR_SET_NAME:
        name = user_memory.string(space, arg2, 16)
        task.comm = (user_memory.read(space, arg2, 15) if name is None else name)[:15]
    elif option == PR_GET_NAME:
        user_memory.write(space, arg2, task.comm.ljust(16, b"\0"))
    elif option == PR_SET_PDEATHSIG:
        if arg2 > NSIG:
            raise EINVAL
        group.parent_death_signal = arg2
    elif option == PR_GET_PDEATHSIG:
        user_memory.write_u32(space, arg2, group.parent_death_signal)
    elif option == PR_GET_DUMPABLE:
        return group.dumpable
    elif option == PR_SET_DUMPABLE:
        if arg2 > 1:
            raise EINVAL
        group.dumpable = arg2
    elif option in (PR_CAPBSET_READ, PR_CAPBSET_DROP):
        return _bounding_set(task, option, arg2)
    elif option == PR_GET_SECUREBITS:
        return 0
    elif option == PR_SET_TIMERSLACK:
        task.timer_slack_ns = arg2 or 50_000
    elif option == PR_GET_TIMERSLACK:
        return task.timer_slack_ns
    elif option == PR_SET_CHILD_SUBREAPER:
        group.is_subreaper = bool(arg2)
    elif option == PR_GET_CHILD_SUBREAPER:
        user_memory.write_u32(space, arg2, int(group.is_subreaper))
    elif option == PR_SET_NO_NEW_PRIVS:
        if arg2 != 1 or arg3 or arg4 or arg5:
            raise EINVAL
        task.no_new_privs = True
    elif option == PR_GET_NO_NEW_PRIVS:
        if arg2 or arg3 or arg4 or arg5:
            raise EINVAL
        return int(task.no_new_privs)
    elif option == PR_CAP_AMBIENT:
        return _ambient(arg2, arg3)
    else:
        raise EINVAL
    return 0


def _bounding_set(task: Task, option: int, capability: int) -> int:
    if capability > CAP_LAST:
        raise EINVAL
    cred = task.cred
    if option == PR_CAPBSET_READ:
        return cred.cap_bounding >> capability & 1
    if cred.euid != 0:
        raise EPERM
    cred.cap_bounding &= ~(1 << capability)
    return 0


def _ambient(operation: int, capability: int) -> int:
    if operation == 4:                        # PR_CAP_AMBIENT_CLEAR_ALL
        return 0
    if operation not in (1, 2, 3) or capability > CAP_LAST:
        raise EINVAL
    if operation == 2:                        # PR_CAP_AMBIENT_RAISE: needs it inheritable, which nothing is
        raise EPERM
    return 0


def sys_personality(task: Task, persona: UInt) -> int:
    """Set the execution domain; returns the old one, 0xffffffff only asks. kernel/exec_domain.c"""
    old = task.group.personality
    if persona != 0xFFFF_FFFF:
        task.group.personality = persona
    return old


# ---- scheduling


def sys_sched_yield(task: Task) -> int:
    """Let others run first. kernel/sched/core.c"""
    task.kernel.scheduler.yield_now()
    return 0


def _thread_of(task: Task, pid: int) -> Task:
    if pid < 0:
        raise EINVAL
    found = task if pid == 0 else pid_task(find_vpid(pid, task), PidType.PID)
    if found is None:
        raise ESRCH
    return found


def sys_sched_getaffinity(task: Task, pid: Int, size: UInt, mask: Ptr) -> int:
    """The one hart there is. EINVAL: `size` is not a multiple of 8. ESRCH, EFAULT. kernel/sched/core.c"""
    if size < 8 or size & 7:
        raise EINVAL
    _thread_of(task, pid)
    user_memory.write(task.space, mask, (1).to_bytes(8, "little"))
    return 8


def sys_sched_setaffinity(task: Task, pid: Int, size: UInt, mask: Ptr) -> int:
    """Allow harts; hart 0 must be among them. EINVAL, ESRCH, EFAULT, EPERM. kernel/sched/core.c"""
    wanted = int.from_bytes(user_memory.read(task.space, mask, min(size, 8)), "little")
    other = _thread_of(task, pid)
    if task.cred.euid not in (0, other.cred.uid, other.cred.euid):
        raise EPERM
    if not wanted & 1:
        raise EINVAL
    return 0


_POLICIES = (SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE)


def sys_sched_getscheduler(task: Task, pid: Int) -> int:
    """The policy of a thread. EINVAL, ESRCH. kernel/sched/core.c"""
    return _thread_of(task, pid).policy


def sys_sched_setscheduler(task: Task, pid: Int, policy: Int, param: Ptr) -> int:
    """Set policy and priority. EINVAL, ESRCH, EPERM, EFAULT. kernel/sched/core.c

    Differs: the run queue is round robin for every policy.
    """
    if not param or pid < 0:
        raise EINVAL
    priority = user_memory.read_u32(task.space, param)
    other = _thread_of(task, pid)
    policy &= ~SCHED_RESET_ON_FORK
    real_time = policy in (SCHED_FIFO, SCHED_RR)
    if policy not in _POLICIES or (not 1 <= priority <= 99 if real_time else priority != 0):
        raise EINVAL
    if real_time and task.cred.euid != 0:
        raise EPERM
    other.policy, other.rt_priority = policy, priority
    return 0


def sys_sched_setparam(task: Task, pid: Int, param: Ptr) -> int:
    """Set the priority within the policy. EINVAL, ESRCH, EFAULT. kernel/sched/core.c"""
    return sys_sched_setscheduler(task, pid, _thread_of(task, pid).policy, param)


def sys_sched_getparam(task: Task, pid: Int, param: Ptr) -> int:
    """The real-time priority. EINVAL, ESRCH, EFAULT. kernel/sched/core.c"""
    if not param:
        raise EINVAL
    user_memory.write_u32(task.space, param, _thread_of(task, pid).rt_priority)
    return 0


def sys_sched_get_priority_max(task: Task, policy: Int) -> int:
    """The highest priority of a policy. EINVAL. kernel/sched/core.c"""
    if policy not in _POLICIES:
        raise EINVAL
    return 99 if policy in (SCHED_FIFO, SCHED_RR) else 0


def sys_sched_get_priority_min(task: Task, policy: Int) -> int:
    """The lowest priority of a policy. EINVAL. kernel/sched/core.c"""
    if policy not in _POLICIES:
        raise EINVAL
    return 1 if policy in (SCHED_FIFO, SCHED_RR) else 0


def sys_sched_rr_get_interval(task: Task, pid: Int, interval: Ptr) -> int:
    """The length of a slice. EINVAL, ESRCH, EFAULT. kernel/sched/core.c"""
    policy = _thread_of(task, pid).policy
    write_timespec(task, interval, 0 if policy == SCHED_FIFO else SLICE_NS)
    return 0


def _by_who(task: Task, which: int, who: int) -> list[Task]:
    """The threads that PRIO_PROCESS, PRIO_PGRP or PRIO_USER name."""
    if which == 0:
        found = task if who == 0 else pid_task(find_vpid(who, task), PidType.PID)
        return [found] if found is not None else []
    if which == 1:
        pid = task.group.pgrp if who == 0 else find_vpid(who, task)
        return [thread for leader in pid.tasks[PidType.PGID] for thread in leader.group.threads] if pid else []
    if which == 2:
        uid, ns = who or task.cred.uid, task.kernel.root_ns
        threads = [pid_task(ns.find(number), PidType.PID) for number in ns.from_number(1)]
        return [thread for thread in threads if thread is not None and thread.cred.uid == uid]
    raise EINVAL


def sys_getpriority(task: Task, which: Int, who: Int) -> int:
    """20 minus the nicest value among threads. EINVAL, ESRCH. kernel/sys.c"""
    threads = _by_who(task, which, who)
    if not threads:
        raise ESRCH
    return max(20 - thread.nice for thread in threads)


def sys_setpriority(task: Task, which: Int, who: Int, niceval: Int) -> int:
    """Set the nice value. EINVAL, ESRCH, EPERM: lower without being root. kernel/sys.c

    Differs: the value is kept and shown, and does not change the length of slices.
    """
    threads = _by_who(task, which, who)
    if not threads:
        raise ESRCH
    value = max(-20, min(19, niceval))
    for thread in threads:
        euid = task.cred.euid
        if euid not in (0, thread.cred.uid, thread.cred.euid) or (value < thread.nice and euid != 0):
            raise EPERM
        thread.nice = value
    return 0


def sys_getcpu(task: Task, cpu: Ptr, node: Ptr, unused: Ptr) -> int:
    """Hart 0 of node 0. EFAULT. kernel/sys.c"""
    for address in (cpu, node):
        if address:
            user_memory.write_u32(task.space, address, 0)
    return 0


# ---- what the hardware is like. Documentation/arch/riscv/hwprobe.rst

def sys_riscv_hwprobe(task: Task, pairs: Ptr, count: SizeT, cpu_count: SizeT, cpus: Ptr, flags: Flags) -> int:
    """Fill in values for keys; an unknown key becomes -1. EINVAL, EFAULT. arch/riscv/kernel/sys_hwprobe.c"""
    if flags or count > 4096:
        raise EINVAL
    if cpu_count and cpus:
        mask = int.from_bytes(user_memory.read(task.space, cpus, min(cpu_count, 128)), "little")
        if not mask & 1:
            raise EINVAL
    for at in range(count):
        key = user_memory.read_u64(task.space, pairs + 16 * at)
        signed = (key ^ 1 << 63) - (1 << 63)
        known = 0 <= signed < len(HWPROBE)
        user_memory.write(task.space, pairs + 16 * at,
                          struct.pack("<qQ", signed if known else -1, HWPROBE[signed] if known else 0))
    return 0


def sys_syslog(task: Task, action: Int, buf: Ptr, size: Int) -> int:
    """The kernel's messages. EINVAL, EPERM, EFAULT. kernel/printk/printk.c"""
    log = b"".join(line + b"\n" for line in task.kernel.log)
    if action in (0, 1, 6, 7, 8):
        return 0
    if action in (2, 3, 4):
        if not buf or size < 0:
            raise EINVAL
        tail = log[-size:] if size else b""
        user_memory.write(task.space, buf, tail)
        return len(tail)
    if action == 5:
        raise EPERM
    if action in (9, 10):
        return len(log)
    raise EINVAL


def sys_reboot(task: Task, magic: UInt, magic2: UInt, command: UInt, arg: Ptr) -> int:
    """Halt or restart: the machine ends. EPERM: not root. EINVAL: magic or command. kernel/reboot.c"""
    if task.cred.euid != 0:
        raise EPERM
    if magic != 0xFEE1_DEAD or magic2 not in (672274793, 85072278, 369367448, 537993216):
        raise EINVAL
    if command in (0xCDEF_0123, 0x4321_FEDC, 0x0123_4567):
        task.kernel.exit_status = 0
        task.kernel.scheduler.yield_now()
        return 0
    if command in (0, 0x89AB_CDEF):
        return 0
    raise EINVAL


