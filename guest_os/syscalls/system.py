"""The system as a whole: names, limits, usage, randomness, messages. kernel/sys.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN, CAP_SYS_BOOT, CAP_SYS_RESOURCE, CAP_SYSLOG
from rvsim.guest_os.abi.errno import EFAULT, EINVAL, EPERM, ESRCH
from rvsim.guest_os.abi.utsname import RELEASE, VERSION
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.guest_os.syscalls.args import Flags, Int, Ptr, SizeT, UInt
from rvsim.guest_os.syscalls.clock import group_cpu_ns, thread_cpu_ns
from rvsim.guest_os.syscalls.rusage import pack_rusage
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.load import FSHIFT
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
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup

RANDOM_LIMIT = 33_554_431
GRND_KNOWN = 7
RLIMIT = struct.Struct("<QQ")
RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD = 0, -1, 1
NR_OPEN = 1 << 20
SI_LOAD_SHIFT = 16


def sys_uname(task: Task, name: Ptr) -> int:
    """Names of the system. EFAULT. kernel/sys.c"""
    kernel = task.kernel
    fields = (b"Linux", kernel.hostname, RELEASE, VERSION, b"riscv64", kernel.domainname)
    user_memory.write(task.space, name, b"".join(field[:64].ljust(65, b"\0") for field in fields))
    return 0


def _set_name(task: Task, address: int, size: int) -> bytes:
    if not task.cred.capable(CAP_SYS_ADMIN):
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


def _loads(kernel: Kernel) -> list[int]:
    """The load averages with 16 bits after the point."""
    kernel.scheduler.settle_load()
    return [load << SI_LOAD_SHIFT - FSHIFT for load in kernel.scheduler.load.averages]


def sys_sysinfo(task: Task, info: Ptr) -> int:
    """Memory and processes. EFAULT. kernel/sys.c:do_sysinfo"""
    kernel = task.kernel
    frames = kernel.memory.frames
    shared = kernel.memory.cached_pages()[1]
    user_memory.write(task.space, info, struct.pack(
        "<q3Q6QHHI2QI4x", kernel.clock.monotonic_ns() // 1_000_000_000, *_loads(kernel), frames.total * 4096,
        frames.free * 4096, shared * 4096, 0, 0, 0, min(kernel.tasks, 0xFFFF), 0, 0, 0, 0, 1))
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


def _do_limit(task: Task, group: ThreadGroup, resource: int, wanted: tuple[int, int] | None) -> bytes:
    """Set a limit if it is `wanted`; returns the one before, packed. EINVAL, EPERM. kernel/sys.c:do_prlimit"""
    if resource >= RLIM_NLIMITS:
        raise EINVAL
    limits = group.limits
    before = RLIMIT.pack(limits.soft[resource], limits.hard[resource])
    if wanted is not None:
        soft, hard = wanted
        if soft > hard:
            raise EINVAL
        if resource == RLIMIT_NOFILE and hard > NR_OPEN:
            raise EPERM
        if hard > limits.hard[resource] and not task.cred.capable(CAP_SYS_RESOURCE):
            raise EPERM
        limits.soft[resource], limits.hard[resource] = soft, hard
        _apply_limits(group)
    return before


def _may_limit(task: Task, other: Task) -> bool:
    """kernel/sys.c:check_prlimit_permission"""
    cred, target = task.cred, other.cred
    return (task is other or cred.capable(CAP_SYS_RESOURCE)
            or (cred.uid, cred.uid, cred.uid, cred.gid, cred.gid, cred.gid)
            == (target.uid, target.euid, target.suid, target.gid, target.egid, target.sgid))


def sys_prlimit64(task: Task, pid: Int, resource: UInt, new: Ptr, old: Ptr) -> int:
    """Read and set a limit of a process. EFAULT, ESRCH, EPERM, EINVAL. kernel/sys.c"""
    wanted = RLIMIT.unpack(user_memory.read(task.space, new, 16)) if new else None
    found = task if pid == 0 else pid_task(find_vpid(pid, task), PidType.PID)
    if found is None:
        raise ESRCH
    if not _may_limit(task, found):
        raise EPERM
    before = _do_limit(task, found.group, resource, wanted)
    if old:
        user_memory.write(task.space, old, before)
    return 0


def sys_getrlimit(task: Task, resource: UInt, limit: Ptr) -> int:
    """A limit of this process. EINVAL, EFAULT. kernel/sys.c"""
    user_memory.write(task.space, limit, _do_limit(task, task.group, resource, None))
    return 0


def sys_setrlimit(task: Task, resource: UInt, limit: Ptr) -> int:
    """Set a limit of this process. EFAULT, EINVAL, EPERM. kernel/sys.c"""
    _do_limit(task, task.group, resource, RLIMIT.unpack(user_memory.read(task.space, limit, 16)))
    return 0


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
        if who == RUSAGE_THREAD:
            now.voluntary, now.involuntary = task.voluntary_switches, task.involuntary_switches
        else:
            live = [thread for thread in group.threads if thread.alive]
            now.voluntary += sum(thread.voluntary_switches for thread in live)
            now.involuntary += sum(thread.involuntary_switches for thread in live)
        packed = pack_rusage(now)
    else:
        raise EINVAL
    user_memory.write(task.space, usage, packed)
    return 0


def sys_personality(task: Task, persona: UInt) -> int:
    """Set the execution domain; returns the old one, 0xffffffff only asks. kernel/exec_domain.c"""
    old = task.group.personality
    if persona != 0xFFFF_FFFF:
        task.group.personality = persona
    return old


SYSLOG_CLOSE, SYSLOG_OPEN, SYSLOG_READ, SYSLOG_READ_ALL, SYSLOG_READ_CLEAR, SYSLOG_CLEAR = range(6)
SYSLOG_CONSOLE_OFF, SYSLOG_CONSOLE_ON, SYSLOG_CONSOLE_LEVEL, SYSLOG_SIZE_UNREAD, SYSLOG_SIZE_BUFFER = range(6, 11)
SYSLOG_SETTINGS = (SYSLOG_CLOSE, SYSLOG_OPEN, SYSLOG_CONSOLE_OFF, SYSLOG_CONSOLE_ON, SYSLOG_CONSOLE_LEVEL)
LOG_BUFFER_SIZE = 1 << 17


def sys_syslog(task: Task, action: Int, buf: Ptr, size: Int) -> int:
    """The kernel's messages. EPERM: anything but to look, without CAP_SYSLOG. EINVAL, EFAULT. kernel/printk/printk.c

    Differs: SYSLOG_ACTION_READ does not wait, and what it has read stays; levels have no effect.
    """
    kernel = task.kernel
    if action not in (SYSLOG_READ_ALL, SYSLOG_SIZE_BUFFER) and not task.cred.capable(CAP_SYSLOG):
        raise EPERM
    log = b"".join(line + b"\n" for line in kernel.log[kernel.log_cleared:])
    if action in (SYSLOG_READ, SYSLOG_READ_ALL, SYSLOG_READ_CLEAR):
        if not buf or size < 0:
            raise EINVAL
        tail = log[-size:] if size else b""
        if size and buf > TASK_SIZE - size:
            raise EFAULT
        user_memory.write(task.space, buf, tail)
        if action == SYSLOG_READ_CLEAR:
            kernel.log_cleared = len(kernel.log)
        return len(tail)
    if action == SYSLOG_CLEAR:
        kernel.log_cleared = len(kernel.log)
        return 0
    if action == SYSLOG_SIZE_UNREAD:
        return len(log)
    if action == SYSLOG_SIZE_BUFFER:
        return LOG_BUFFER_SIZE
    if action not in SYSLOG_SETTINGS or (action == SYSLOG_CONSOLE_LEVEL and not 1 <= size <= 8):
        raise EINVAL
    return 0


def sys_reboot(task: Task, magic: UInt, magic2: UInt, command: UInt, arg: Ptr) -> int:
    """Halt or restart: the machine ends. EPERM: no CAP_SYS_BOOT. EINVAL: magic or command. kernel/reboot.c"""
    if not task.cred.capable(CAP_SYS_BOOT):
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


