"""The files of the whole system. fs/proc/*.c; proc(5)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.abi.inotify import MAX_QUEUED_EVENTS, MAX_USER_INSTANCES, MAX_USER_WATCHES
from rvsim.guest_os.abi.ipc import MSGMAX, MSGMNB, MSGMNI, SEMMNI, SEMMNS, SEMMSL, SEMOPM, SHMALL, SHMMAX, SHMMNI
from rvsim.guest_os.abi.mqueue import DEFAULT_MSGS, DEFAULT_MSGSIZE, MAX_MSGS, MAX_MSGSIZE, MAX_QUEUES
from rvsim.guest_os.abi.socket import (
    BUF_MAX,
    MAX_DGRAM_QLEN,
    OPTMEM_MAX,
    RCVBUF_DEFAULT,
    SNDBUF_DEFAULT,
    SOMAXCONN,
)
from rvsim.guest_os.abi.utsname import RELEASE, VERSION
from rvsim.guest_os.proc.node import Dir, Entry, Text
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.pid import PID_MAX, PidType, pid_task
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.mount import MOUNT_MAX

HZ_NS = 10_000_000
ISA = b"rv64imafdc_zicntr_zicsr_zifencei"


def all_tasks(kernel: Kernel) -> list[Task]:
    """Every thread of the machine, by number."""
    ns = kernel.root_ns
    found = [pid_task(ns.find(number), PidType.PID) for number in ns.from_number(0)]
    return [task for task in found if task is not None]


def cpuinfo(kernel: Kernel) -> bytes:
    """The one hart. arch/riscv/kernel/cpu.c:c_show"""
    return (b"processor\t: 0\nhart\t\t: 0\nisa\t\t: " + ISA + b"\nmmu\t\t: sv39\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\n"
            b"mimpid\t\t: 0x0\n\n")


def meminfo(kernel: Kernel) -> bytes:
    """Memory in kB; a page that several share counts once. fs/proc/meminfo.c"""
    frames = kernel.memory.frames
    cached, shmem = kernel.memory.cached_pages()
    spaces = {id(task.mm): task.mm for task in all_tasks(kernel) if task.mm is not None}.values()
    tables = sum(mm.table.tables for mm in spaces)
    anon = max(frames.used - cached - tables, 0)
    mapped = kernel.memory.mapped_pages()
    committed = sum(mm.data_vm + mm.stack_vm for mm in spaces)
    rows = (
        ("MemTotal", frames.total), ("MemFree", frames.free), ("MemAvailable", frames.free + cached), ("Buffers", 0),
        ("Cached", cached), ("SwapCached", 0), ("Active", anon), ("Inactive", cached), ("Active(anon)", anon),
        ("Inactive(anon)", 0), ("Active(file)", 0), ("Inactive(file)", cached), ("Unevictable", 0), ("Mlocked", 0),
        ("SwapTotal", 0), ("SwapFree", 0), ("Dirty", 0), ("Writeback", 0), ("AnonPages", anon), ("Mapped", mapped),
        ("Shmem", shmem), ("KReclaimable", 0), ("Slab", 0), ("SReclaimable", 0), ("SUnreclaim", 0), ("KernelStack", 0),
        ("PageTables", tables), ("NFS_Unstable", 0), ("Bounce", 0), ("WritebackTmp", 0),
        ("CommitLimit", frames.total // 2), ("Committed_AS", committed), ("VmallocTotal", 1 << 24), ("VmallocUsed", 0),
        ("VmallocChunk", 0))
    return b"".join(b"%-16s%8d kB\n" % (name.encode() + b":", pages * 4) for name, pages in rows)


def version(kernel: Kernel) -> bytes:
    """fs/proc/version.c"""
    return b"Linux version " + RELEASE + b" (rvsim@rvsim) (python) " + VERSION + b"\n"


def filesystems(kernel: Kernel) -> bytes:
    """The kinds of file system. fs/filesystems.c"""
    return b"".join((b"\t" if kind.needs_device else b"nodev\t") + name.encode() + b"\n"
                    for name, kind in kernel.mounts.types.items())


def devices(kernel: Kernel) -> bytes:
    """Major numbers. fs/proc/devices.c"""
    return (b"Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n")


def vmstat(kernel: Kernel) -> bytes:
    """Counters of memory management. mm/vmstat.c"""
    counters = kernel.counters
    faults = counters.faults + kernel.hart.zero_fills
    return (b"nr_free_pages %d\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault %d\npgmajfault 0\noom_kill %d\n"
            % (kernel.memory.frames.free, faults, counters.killed_for_memory))


class Fixed:
    """A file that always says the same."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text

    def __call__(self, kernel: Kernel) -> bytes:
        return self.text


def hostname(kernel: Kernel) -> bytes:
    """sysctl kernel.hostname."""
    return kernel.hostname + b"\n"


def set_hostname(kernel: Kernel, data: bytes) -> int:
    """Set the host's name."""
    kernel.hostname = data.split(b"\n", 1)[0][:64]
    return len(data)


def domainname(kernel: Kernel) -> bytes:
    """sysctl kernel.domainname."""
    return kernel.domainname + b"\n"


def uuid(kernel: Kernel) -> bytes:
    """A new random UUID at each reading. drivers/char/random.c:proc_do_uuid"""
    raw = bytearray(kernel.random.read(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode() + b"\n"


def boot_id(kernel: Kernel) -> bytes:
    """A UUID that stays the same until the machine ends."""
    if kernel.boot_id is None:
        kernel.boot_id = uuid(kernel)
    return kernel.boot_id


def last_pid(kernel: Kernel) -> bytes:
    """sysctl kernel.ns_last_pid."""
    return b"%d\n" % kernel.root_ns.last_pid


def set_last_pid(kernel: Kernel, data: bytes) -> int:
    """Choose where the next pid is looked for. EINVAL. kernel/pid_namespace.c"""
    text = data.strip()
    if not text.isdigit() or len(text) > 9 or int(text) >= PID_MAX:
        raise EINVAL
    kernel.root_ns.last_pid = int(text)
    return len(data)


def file_nr(kernel: Kernel) -> bytes:
    """Open files: in use, free, the limit. fs/file_table.c"""
    tables = {id(task.fds): task.fds for task in all_tasks(kernel) if task.files_shared is not None}.values()
    return b"%d\t0\t9223372036854775807\n" % sum(len(table.files) for table in tables)


def _fixed(text: bytes) -> Text:
    return Text(Fixed(text + b"\n"))


SYS: dict[bytes, Entry] = {
    b"fs": Dir({b"file-max": _fixed(b"9223372036854775807"), b"file-nr": Text(file_nr),
                b"inotify": Dir({b"max_queued_events": _fixed(b"%d" % MAX_QUEUED_EVENTS),
                                 b"max_user_instances": _fixed(b"%d" % MAX_USER_INSTANCES),
                                 b"max_user_watches": _fixed(b"%d" % MAX_USER_WATCHES)}),
                b"mount-max": _fixed(b"%d" % MOUNT_MAX), b"nr_open": _fixed(b"1048576"),
                b"mqueue": Dir({
                    b"msg_default": _fixed(b"%d" % DEFAULT_MSGS), b"msg_max": _fixed(b"%d" % MAX_MSGS),
                    b"msgsize_default": _fixed(b"%d" % DEFAULT_MSGSIZE),
                    b"msgsize_max": _fixed(b"%d" % MAX_MSGSIZE), b"queues_max": _fixed(b"%d" % MAX_QUEUES)}),
                b"pipe-max-size": _fixed(b"1048576")}),
    b"kernel": Dir({
        b"cap_last_cap": _fixed(b"40"), b"domainname": Text(domainname),
        b"hostname": Text(hostname, 0o644, set_hostname),
        b"msgmax": _fixed(b"%d" % MSGMAX), b"msgmnb": _fixed(b"%d" % MSGMNB), b"msgmni": _fixed(b"%d" % MSGMNI),
        b"ngroups_max": _fixed(b"65536"), b"ns_last_pid": Text(last_pid, 0o644, set_last_pid),
        b"osrelease": _fixed(RELEASE), b"ostype": _fixed(b"Linux"), b"overflowgid": _fixed(b"65534"),
        b"overflowuid": _fixed(b"65534"), b"pid_max": _fixed(b"%d" % PID_MAX),
        b"sem": _fixed(b"%d\t%d\t%d\t%d" % (SEMMSL, SEMMNS, SEMOPM, SEMMNI)),
        b"shmall": _fixed(b"%d" % SHMALL), b"shmmax": _fixed(b"%d" % SHMMAX), b"shmmni": _fixed(b"%d" % SHMMNI),
        b"random": Dir({b"boot_id": Text(boot_id), b"entropy_avail": _fixed(b"256"), b"poolsize": _fixed(b"256"),
                        b"uuid": Text(uuid)}),
        b"tainted": _fixed(b"0"), b"threads-max": _fixed(b"32768"), b"version": _fixed(VERSION)}),
    b"net": Dir({
        b"core": Dir({b"optmem_max": _fixed(b"%d" % OPTMEM_MAX), b"rmem_default": _fixed(b"%d" % RCVBUF_DEFAULT),
                      b"rmem_max": _fixed(b"%d" % BUF_MAX), b"somaxconn": _fixed(b"%d" % SOMAXCONN),
                      b"wmem_default": _fixed(b"%d" % SNDBUF_DEFAULT), b"wmem_max": _fixed(b"%d" % BUF_MAX)}),
        b"unix": Dir({b"max_dgram_qlen": _fixed(b"%d" % MAX_DGRAM_QLEN)})}),
    b"vm": Dir({b"max_map_count": _fixed(b"65530"), b"mmap_min_addr": _fixed(b"65536"),
                b"overcommit_memory": _fixed(b"0"), b"swappiness": _fixed(b"60")}),
}
