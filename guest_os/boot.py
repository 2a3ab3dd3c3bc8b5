"""Wires a machine: hart, clock, memory, kernel, file systems, console, and its first process."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rvsim.emu._gate import CallTable
from rvsim.emu.clock import HostClock, PacedClock, VirtualClock
from rvsim.emu.console import Console
from rvsim.emu.hart import Hart
from rvsim.guest_os.abi.clocks import TIMEBASE_NS
from rvsim.guest_os.abi.errno import (
    EEXIST,
    Errno,
)
from rvsim.guest_os.abi.fcntl import O_CREAT, O_RDWR, O_TRUNC, O_WRONLY
from rvsim.guest_os.abi.termios import ISIG
from rvsim.guest_os.boot_error import NOT_EXECUTABLE, BootError
from rvsim.guest_os.first_program import cannot_run, check_image, find_program, not_found
from rvsim.guest_os.first_user import FirstUser, find_user
from rvsim.guest_os.fs.anon import AnonFs
from rvsim.guest_os.fs.char_device import CONSOLE, TTY, DeviceTable, register_memory_devices
from rvsim.guest_os.fs.console_tty import ConsoleTty, ControllingTtyDevice, NullConsoleDevice, TtyDevice
from rvsim.guest_os.fs.devfs import DevFs
from rvsim.guest_os.fs.devpts import DevPts
from rvsim.guest_os.fs.host_chunks import HostChunks
from rvsim.guest_os.fs.host_os import APPS
from rvsim.guest_os.fs.inotify import InotifyUsers
from rvsim.guest_os.fs.memfd import MemfdFs
from rvsim.guest_os.fs.nsfs import NsFs
from rvsim.guest_os.fs.overlay import OverlaySuperBlock
from rvsim.guest_os.fs.pipe import PipeFs
from rvsim.guest_os.fs.random import RandomSource
from rvsim.guest_os.fs.socket_fs import SocketFs
from rvsim.guest_os.fs.stream import HostInput, StreamFs
from rvsim.guest_os.fs.tmpfs import PAGE_BYTES, PagePool, TmpFs
from rvsim.guest_os.ipc.namespace import IpcNamespace
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.mm.memory import Memory
from rvsim.guest_os.mm.vdso import Vdso
from rvsim.guest_os.outside import Outside
from rvsim.guest_os.proc.procfs import ProcFs
from rvsim.guest_os.proc.solproc.tree import SolProc
from rvsim.guest_os.proc.sysfs import SysFs
from rvsim.guest_os.roots import open_root, open_share
from rvsim.guest_os.stats import Stats
from rvsim.guest_os.syscalls import linux_table, rcore_table
from rvsim.guest_os.syscalls.binfmt import ProgramOpener
from rvsim.guest_os.syscalls.linux_abi import LinuxAbi
from rvsim.guest_os.syscalls.rcore_abi import RcoreAbi
from rvsim.guest_os.syscalls.table import build
from rvsim.guest_os.syscalls.traps import Traps
from rvsim.guest_os.task.exec import Program, exec_program
from rvsim.guest_os.task.exit import exit_group, reap
from rvsim.guest_os.task.fork import enroll
from rvsim.guest_os.task.futex import Futexes
from rvsim.guest_os.task.job_control import Jobs
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.task.pid import Pid, PidNamespace, PidType, RecyclingPidNamespace, pid_task
from rvsim.guest_os.task.scheduler import Scheduler
from rvsim.guest_os.task.signal import SignalActions
from rvsim.guest_os.task.task import Shared, Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.entries import mkdir
from rvsim.guest_os.vfs.fd_table import FdTable
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.mount import MountTable
from rvsim.guest_os.vfs.namei import lookup, lookup_dir
from rvsim.guest_os.vfs.open import open_file
from rvsim.guest_os.vfs.super_block import SuperBlock
from rvsim.guest_os.world import HostWorld

if TYPE_CHECKING:
    from rvsim.guest_os.faults.plan import FaultPlan

TIMED_OUT = 124

DEFAULT_ENV = {b"PATH": b"/bin:/usr/bin:/sbin:/usr/sbin", b"HOME": b"/root", b"TERM": b"linux"}
_MOUNT_POINTS = ((b"/dev", 0o755), (b"/proc", 0o555), (b"/sys", 0o555), (b"/system", 0o755),
                 (b"/system/proc", 0o555), (b"/tmp", 0o1777))
_FOLDERS = (*_MOUNT_POINTS, (b"/bin", 0o755), (b"/root", 0o700), (b"/etc", 0o755))
_RCORE_CHAPTERS = (0, 5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Share:
    """A directory or file of the host that shows at `guest` in the guest's tree."""

    host: bytes
    guest: bytes
    readonly: bool = False


@dataclass(frozen=True, slots=True)
class ImageStart:
    """What an image says of its first program. `name`: what messages call the image; `user`: USER[:GROUP];
    `makes_cwd`: a working directory that is not there is made."""

    name: bytes
    user: bytes = b""
    makes_cwd: bool = False


@dataclass(slots=True)
class MachineConfig:
    """What a machine is to be like. `timeout_ns` counts host time; `abi` None: what the program says. `clock`: virtual,
    paced or host, see `emu/clock.py`.

    `root` is a directory or an archive of the host to be the guest's root, which it sees as its own and cannot change;
    None is the built-in tree. `image`: `root` is an image's tree. `shares` are mounted over it. `seed` feeds two
    streams, independent of each other: the random bytes and the lengths of the slices; 0 leaves all slices at one
    length. `faults`: what is to go wrong.
    """

    memory_bytes: int = 256 << 20
    clock: str = "virtual"
    timeout_ns: int | None = None
    abi: str | None = None
    env: dict[bytes, bytes] = field(default_factory=dict)
    cwd: bytes = b"/"
    root: bytes | None = None
    shares: tuple[Share, ...] = ()
    process_limit: int = 1024
    seed: int = 0
    faults: FaultPlan | None = None
    image: ImageStart | None = None


class Machine:
    """One machine, from power-on to the end of its first process."""

    def __init__(self, config: MachineConfig, console: Console, outside: Outside | None = None) -> None:
        """`outside`: an `InputLog`, for a run that is to be had again.

        Raises:
            BootError: the host has no room for its memory.
        """
        self.config = config
        self.outside: Outside = outside if outside is not None else Outside()
        self.console: Console = self.outside.wrap(console)
        try:
            self.hart = Hart(config.memory_bytes)
        except MemoryError as error:
            raise BootError(f"{error}; give --memory less") from None
        self.hart.timebase_ns = TIMEBASE_NS
        self.clock = self._make_clock()
        self.outside.set_now(self.now)
        self.memory = Memory(self.hart.frames)
        self.vdso = Vdso(self.memory, self.clock.realtime_base_ns)
        recycling = config.abi is not None and config.abi.startswith("rcore")
        self.random = RandomSource(b"%d" % config.seed)
        self.kernel = Kernel(self.hart, self.clock, self.memory, self.random, config.process_limit,
                             RecyclingPidNamespace() if recycling else PidNamespace())
        self._wire()
        self._mount()
        self.kernel.vdso = self.vdso
        if config.faults is not None:
            self.kernel.faults = config.faults
        self.stats = Stats(self.kernel)

    def _make_clock(self) -> HostClock | VirtualClock:
        if self.config.clock == "host":
            return HostClock(self.hart)
        if self.config.clock == "paced":
            return PacedClock(self.hart, self.outside.ask("realtime", time.time_ns, 0))
        return VirtualClock(self.hart)

    def now(self) -> tuple[int, int]:
        """The tick, and monotonic time in nanoseconds."""
        return self.hart.ticks, self.clock.monotonic_ns()

    # ---- wiring

    def _wire(self) -> None:
        kernel, config = self.kernel, self.config
        self.jobs = Jobs(kernel)
        self.tty: ConsoleTty | None = None
        if any(self.console.is_terminal(fd) for fd in range(3)):
            self.tty = ConsoleTty(self.console, self.clock, self.jobs, self.console.is_terminal(0))
        virtual = config.clock == "virtual"
        self.input = HostInput(self.console, by_line=virtual, waits=virtual)
        self.world = HostWorld(self.console, self.clock, self.tty, self.input, config.timeout_ns,
                               self.vdso.set_realtime_base, self.outside)
        self.input.world = self.world
        kernel.scheduler = Scheduler(kernel, self.world, config.seed)
        kernel.traps = Traps(kernel)
        kernel.futexes = Futexes()
        kernel.binfmt = ProgramOpener()
        kernel.console = self.tty.kernel_line if self.tty is not None else self.console.write
        calls = call_tables()
        kernel.abis["linux"] = LinuxAbi(calls["linux"])
        for chapter in _RCORE_CHAPTERS:
            abi = RcoreAbi(calls["rcore:8" if chapter == 8 else "rcore"], chapter)
            kernel.abis[abi.name] = abi
        if config.abi is not None:
            if config.abi not in kernel.abis:
                raise BootError(f"there is no ABI {config.abi!r}; use linux, rcore or rcore:5 to rcore:8")
            kernel.default_abi = config.abi

    def _mount(self) -> None:
        kernel, clock = self.kernel, self.clock
        devices = DeviceTable()
        table = kernel.mounts = MountTable(devices)
        table.caller = kernel
        register_memory_devices(devices, self.random)
        if self.tty is not None:
            devices.register(CONSOLE, TtyDevice(self.tty, controls=False))
        else:
            devices.register(CONSOLE, NullConsoleDevice(self.console))
        devices.register(TTY, ControllingTtyDevice(self.jobs))
        default_size = max(self.config.memory_bytes // 2, 64 << 20)
        pool = PagePool(2 * default_size // PAGE_BYTES)
        tmpfs = TmpFs(clock, default_size, pool)
        table.register(tmpfs)
        table.register(DevFs(clock, pool))
        table.register(DevPts(clock, devices, self.jobs))
        kernel.pipes = PipeFs(clock, table)
        kernel.anon = AnonFs(clock, table)
        kernel.inotify_users = InotifyUsers()
        kernel.memfds = MemfdFs(clock, table, pool)
        kernel.namespaces = NsFs(clock, table)
        kernel.sockets = SocketFs(kernel, table, self.config.memory_bytes // 2)
        kernel.ipc = IpcNamespace(kernel, table, self.config.memory_bytes // 4)
        self.streams = StreamFs(clock, table)
        self.cred = Credentials()
        built_in = self.config.root is None
        if self.config.root is None:
            root: SuperBlock = tmpfs.mount(b"tmpfs", _options(b"mode=755"))
        else:
            lower = open_root(self.config.root, clock, self.config.memory_bytes, self.outside.host)
            root = OverlaySuperBlock(table.adopt(lower), clock, size=tmpfs.default_size, pool=pool)
        self.context = FsContext(table.mount_root(root, b"tmpfs" if built_in else b"overlay"), None, 0o022)
        for name, mode in _FOLDERS if built_in else _MOUNT_POINTS:
            self._make_folder(name, mode)
        table.mount_type(b"devtmpfs", b"devtmpfs", lookup(self.context, self.cred, b"/dev"))
        table.mount_type(b"devpts", b"devpts", lookup(self.context, self.cred, b"/dev/pts"),
                         data=b"mode=620,ptmxmode=666")
        table.mount_type(b"mqueue", b"mqueue", lookup(self.context, self.cred, b"/dev/mqueue"))
        table.register(ProcFs(kernel))
        table.register(SolProc(kernel))
        table.register(SysFs(kernel))
        table.mount_type(b"proc", b"proc", lookup(self.context, self.cred, b"/proc"))
        table.mount_type(b"sysfs", b"sysfs", lookup(self.context, self.cred, b"/sys"))
        table.mount_type(b"solproc", b"solproc", lookup(self.context, self.cred, b"/system/proc"))
        if built_in:
            for name, size in self.outside.host.programs():
                self._install_built(name, size)
        for share in self.config.shares:
            self._mount_share(share)

    def _make_folder(self, name: bytes, mode: int) -> None:
        """Make a directory of the guest's tree where there is none."""
        try:
            made = mkdir(self.context, self.cred, name, 0o777)
        except EEXIST:
            return
        except Errno as error:
            raise BootError(f"{os.fsdecode(name)} cannot be made in the guest's tree: {error.text.lower()}") from None
        made.inode.set_mode(mode)

    def _mount_share(self, share: Share) -> None:
        sb = open_share(share.host, readonly=share.readonly, host=self.outside.host)
        names = [name for name in share.guest.split(b"/") if name]
        inside = sb.root.inode.is_dir
        for depth in range(1, len(names) + inside):
            self._make_folder(b"/" + b"/".join(names[:depth]), 0o755)
        try:
            if not inside:
                open_file(self.context, self.cred, share.guest, O_CREAT | O_WRONLY, 0o644).put()
            self.kernel.mounts.mount(sb, share.host, lookup(self.context, self.cred, share.guest))
        except Errno as error:
            raise BootError(f"-v: {os.fsdecode(share.host)} cannot be mounted at {os.fsdecode(share.guest)}: "
                            f"{error.text.lower()}") from None

    def install(self, path: bytes, data: bytes, mode: int = 0o755) -> None:
        """Put a file into the guest's tree. Raises Errno."""
        file = open_file(self.context, self.cred, path, O_CREAT | O_TRUNC | O_WRONLY, mode)
        try:
            file.write(data)
        finally:
            file.put()

    def _install_built(self, name: bytes, size: int) -> None:
        """Put a built-in program into the guest's /bin. Its bytes are read from the host when they are first needed."""
        file = open_file(self.context, self.cred, b"/bin/" + name, O_CREAT | O_TRUNC | O_WRONLY, 0o755)
        inode: Any = file.inode
        inode.size = size
        if size:
            inode.charge(0, size)
            inode.chunks = HostChunks(str(APPS / os.fsdecode(name)), self.outside.host)
        file.put()

    # ---- running

    def run(self, program: bytes, argv: list[bytes]) -> int:
        """Run `program` as the first process until the machine ends; returns rvsim's exit status.

        Raises:
            BootError: it cannot be started.
        """
        self.start(program, argv)
        return self.finish()

    def start(self, program: bytes, argv: list[bytes], *, inside: bool = False) -> Task:
        """Make the first process, ready to run. `inside`: `program` is the guest's, whatever the host has of that name.

        Raises:
            BootError: it cannot be started.
        """
        path = self._place(program, inside)
        image = self.config.image
        user = FirstUser(0, 0) if image is None else find_user(self.context, self.cred, image.user)
        task = self._first_task(user)
        home = {} if user.home is None else {b"HOME": user.home}
        env = [name + b"=" + value for name, value in (DEFAULT_ENV | home | self.config.env).items()]
        self.kernel.environment = env
        try:
            check_image(lookup(self.context, self.cred, path))
            opened = self.kernel.binfmt.open(task, path)
            exec_program(task, Program(opened, argv, env, path), self.kernel.binfmt, self.config.abi)
        except Errno as error:
            raise cannot_run(program, error) from None
        self._open_streams(task)
        if self.kernel.observer is not None:
            self.kernel.observer.executed(task)
        self.kernel.scheduler.add(task)
        return task

    def _place(self, program: bytes, inside: bool) -> bytes:
        """Where the program is in the guest: with the built-in tree, a file of the host is put there."""
        if self.config.root is None and not inside and self.outside.host.is_file(program):
            return self._take_in(program)
        path = (DEFAULT_ENV | self.config.env).get(b"PATH", b"/bin")
        found = find_program(self.context, self.cred, program, path)
        if found is None:
            raise not_found(program, self.config.root if self.config.image is None else self.config.image.name)
        return found

    def _take_in(self, program: bytes) -> bytes:
        """Put a file of the host into the guest's root directory; the path it has there."""
        shown, name = os.fsdecode(program), b"/" + os.path.basename(program)
        try:
            data = self.outside.host.read_file(program)
        except OSError as error:
            raise BootError(f"{shown}: {(error.strerror or '').lower()}", NOT_EXECUTABLE) from None
        if not data:
            raise BootError(f"{shown}: it is empty; give a RISC-V ELF file", NOT_EXECUTABLE)
        try:
            self.install(name, data)
        except Errno as error:
            raise BootError(f"{shown}: it cannot be put into the guest as {os.fsdecode(name)}: {error.text.lower()}; "
                            "give it another name", NOT_EXECUTABLE) from None
        return name

    def _first_task(self, user: FirstUser) -> Task:
        kernel = self.kernel
        pid = Pid(kernel.root_ns)
        group = ThreadGroup(kernel, pid, None, pid, pid)
        if self.config.image is not None and self.config.image.makes_cwd:
            names = [name for name in self.config.cwd.split(b"/") if name]
            for depth in range(1, len(names) + 1):
                self._make_folder(b"/" + b"/".join(names[:depth]), 0o755)
        try:
            context = self.context.copy()
            context.cwd = lookup_dir(context, self.cred, self.config.cwd)
        except Errno as error:
            raise BootError(f"--cwd {os.fsdecode(self.config.cwd)}: {error.text.lower()}; give a directory of the "
                            "guest's tree") from None
        try:
            space = AddressSpace(self.memory)
        except OutOfMemory:
            raise BootError("there is not enough memory to start; give --memory more") from None
        task = Task(kernel, group, pid, _new_context(), space, Shared(FdTable()), Shared(context), user.credentials(),
                    SignalActions(), kernel.abis[kernel.default_abi])
        enroll(task)
        group.unprotected = True
        group.exit_signal = 0
        kernel.init = task
        return task

    def _open_streams(self, task: Task) -> None:
        """Descriptors 0, 1, 2: the terminal where the host's is one, else the host's stream."""
        console, tty = self.console, self.tty
        if tty is not None:
            tty.session = tty.group = None
            task.kernel.scheduler.current = task
            tty.take_session()
            task.kernel.scheduler.current = None
            if task.abi.name != "linux":
                # No editing and no echo, as the tutorial's kernel has it; ^C and its like still end the program.
                tty.termios.iflag = 0
                tty.termios.lflag = ISIG
        for fd in range(3):
            if tty is not None and console.is_terminal(fd):
                file: Any = open_file(self.context, self.cred, b"/dev/console", O_RDWR)
            elif fd == 0:
                file = self.streams.open_input(self.input, self.cred)
            else:
                file = self.streams.open_output(console, fd, self.cred)
            task.fds.install(file)

    def finish(self) -> int:
        """Run to the end, take everything down, and say how it ended. Raises BootError: nothing can run any more."""
        try:
            self.kernel.scheduler.run()
        finally:
            self.console.flush()
        if self.kernel.exit_status is None:
            self.world.visit()
        try:
            return self.ending()
        finally:
            self.close()

    def ending(self) -> int:
        """How a run that is over ended, as rvsim's exit status. Raises BootError: nothing can run any more."""
        status = self.kernel.exit_status
        if status is None:
            if self.world.expired:
                return TIMED_OUT
            stuck = sum(1 for _ in self.kernel.root_ns.from_number(0))
            raise BootError(f"nothing can run any more: {stuck} thread(s) wait for what can never come")
        signo = status & 0x7F
        return 128 + signo if signo else status >> 8 & 0xFF

    def close(self) -> None:
        """End every process and give everything back."""
        kernel = self.kernel
        for number in reversed(kernel.root_ns.from_number(0)):
            leader = pid_task(kernel.root_ns.find(number), PidType.TGID)
            if leader is not None and not leader.group.zombie:
                exit_group(leader.group, 9, -9)
        for number in reversed(kernel.root_ns.from_number(0)):
            leader = pid_task(kernel.root_ns.find(number), PidType.TGID)
            if leader is not None:
                reap(leader.group)
        kernel.ipc.clear()
        self.console.flush()


def call_tables() -> dict[str, CallTable]:
    """The tables of system calls of one machine, by the first ABI that has each; the gate counts calls in them."""
    return {
        "linux": build(linux_table.ROWS), "rcore": build(rcore_table.ROWS, on_errno=-1),
        "rcore:8": build(rcore_table.ROWS_CHAPTER_8, on_errno=-1),
    }


def _new_context() -> Any:
    from rvsim.emu._gate import Context

    return Context()


def _options(text: bytes) -> Any:
    from rvsim.guest_os.vfs.super_block import MountOptions

    return MountOptions(text)


__all__ = ["APPS", "TIMED_OUT", "BootError", "ImageStart", "Machine", "MachineConfig", "Share", "call_tables"]
