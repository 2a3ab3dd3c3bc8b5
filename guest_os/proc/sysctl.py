"""sys/: the settings of the kernel. fs/proc/proc_sysctl.c, kernel/sysctl.c

Differs: what this kernel cannot change is shown read-only, where Linux lets root write most of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from rvsim.guest_os.abi.capability import CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EINVAL, EPERM
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
from rvsim.guest_os.proc.node import Dir, Entry, Render, Seeks, Store, SystemTextFile, Text
from rvsim.guest_os.proc.system_files import Fixed, all_tasks
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.pid import PID_MAX, PidNamespace, task_active_pid_ns
from rvsim.guest_os.vfs.mount import MOUNT_MAX


class NumberFile(SystemTextFile):
    """Numbers are read at once: behind the start there is nothing. kernel/sysctl.c:do_proc_dointvec"""

    __slots__ = ()

    def pread(self, size: int, offset: int) -> bytes:
        data = super().pread(size, offset)
        return data if offset == 0 else b""


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


def _namespace(kernel: Kernel) -> PidNamespace:
    current = kernel.scheduler.current
    return task_active_pid_ns(current) if current is not None else kernel.root_ns


def last_pid(kernel: Kernel) -> bytes:
    """sysctl kernel.ns_last_pid, of the reader's namespace."""
    return b"%d\n" % _namespace(kernel).last_pid


def set_last_pid(kernel: Kernel, data: bytes) -> int:
    """Choose where the next pid is looked for. EINVAL. EPERM: no right to. kernel/pid_namespace.c:pid_ns_ctl_handler"""
    current = kernel.scheduler.current
    rights = (CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN)
    if current is not None and not any(current.cred.capable(right) for right in rights):
        raise EPERM
    text = data.strip()
    if not text.isdigit() or len(text) > 9 or int(text) >= PID_MAX:
        raise EINVAL
    _namespace(kernel).last_pid = int(text)
    return len(data)


def file_nr(kernel: Kernel) -> bytes:
    """Open files: in use, free, the limit. fs/file_table.c"""
    tables = {id(task.fds): task.fds for task in all_tasks(kernel) if task.files_shared is not None}.values()
    return b"%d\t0\t9223372036854775807\n" % sum(len(table.files) for table in tables)


def _text(render: Render, mode: int = 0o444, store: Store | None = None) -> Text:
    return Text(render, mode, store, seeks=Seeks.PLAIN, strict=True)


def _number(render: Render, mode: int = 0o444, store: Store | None = None) -> Text:
    return Text(render, mode, store, seeks=Seeks.PLAIN, strict=True, opened=NumberFile)


def _fixed(text: bytes) -> Text:
    return _number(Fixed(text + b"\n"))


def _dir(table: Mapping[bytes, Entry]) -> Dir:
    return Dir(table, strict=True)


SYS: dict[bytes, Entry] = {
    b"fs": _dir({b"file-max": _fixed(b"9223372036854775807"), b"file-nr": _number(file_nr),
                b"inotify": _dir({b"max_queued_events": _fixed(b"%d" % MAX_QUEUED_EVENTS),
                                 b"max_user_instances": _fixed(b"%d" % MAX_USER_INSTANCES),
                                 b"max_user_watches": _fixed(b"%d" % MAX_USER_WATCHES)}),
                b"mount-max": _fixed(b"%d" % MOUNT_MAX), b"nr_open": _fixed(b"1048576"),
                b"mqueue": _dir({
                    b"msg_default": _fixed(b"%d" % DEFAULT_MSGS), b"msg_max": _fixed(b"%d" % MAX_MSGS),
                    b"msgsize_default": _fixed(b"%d" % DEFAULT_MSGSIZE),
                    b"msgsize_max": _fixed(b"%d" % MAX_MSGSIZE), b"queues_max": _fixed(b"%d" % MAX_QUEUES)}),
                b"pipe-max-size": _fixed(b"1048576")}),
    b"kernel": _dir({
        b"cap_last_cap": _fixed(b"40"), b"domainname": _text(domainname),
        b"hostname": _text(hostname, 0o644, set_hostname),
        b"msgmax": _fixed(b"%d" % MSGMAX), b"msgmnb": _fixed(b"%d" % MSGMNB), b"msgmni": _fixed(b"%d" % MSGMNI),
        b"ngroups_max": _fixed(b"65536"), b"ns_last_pid": _number(last_pid, 0o666, set_last_pid),
        b"osrelease": _text(Fixed(RELEASE + b"\n")), b"ostype": _text(Fixed(b"Linux\n")),
        b"overflowgid": _fixed(b"65534"),
        b"overflowuid": _fixed(b"65534"), b"pid_max": _fixed(b"%d" % PID_MAX),
        b"sem": _fixed(b"%d\t%d\t%d\t%d" % (SEMMSL, SEMMNS, SEMOPM, SEMMNI)),
        b"shmall": _fixed(b"%d" % SHMALL), b"shmmax": _fixed(b"%d" % SHMMAX), b"shmmni": _fixed(b"%d" % SHMMNI),
        b"random": _dir({b"boot_id": _text(boot_id), b"entropy_avail": _fixed(b"256"), b"poolsize": _fixed(b"256"),
                        b"uuid": _text(uuid)}),
        b"tainted": _fixed(b"0"), b"threads-max": _fixed(b"32768"), b"version": _text(Fixed(VERSION + b"\n"))}),
    b"net": _dir({
        b"core": _dir({b"optmem_max": _fixed(b"%d" % OPTMEM_MAX), b"rmem_default": _fixed(b"%d" % RCVBUF_DEFAULT),
                      b"rmem_max": _fixed(b"%d" % BUF_MAX), b"somaxconn": _fixed(b"%d" % SOMAXCONN),
                      b"wmem_default": _fixed(b"%d" % SNDBUF_DEFAULT), b"wmem_max": _fixed(b"%d" % BUF_MAX)}),
        b"unix": _dir({b"max_dgram_qlen": _fixed(b"%d" % MAX_DGRAM_QLEN)})}),
    b"vm": _dir({b"max_map_count": _fixed(b"65530"), b"mmap_min_addr": _fixed(b"65536"),
                b"overcommit_memory": _fixed(b"0"), b"swappiness": _fixed(b"60")}),
}
