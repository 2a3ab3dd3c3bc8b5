"""The guest's terminal on the host's console: /dev/console, and /dev/tty for whoever it controls."""

from __future__ import annotations

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EBUSY, EIO, ENXIO
from rvsim.guest_os.abi.fcntl import O_NOCTTY
from rvsim.guest_os.fs.char_device import CONSOLE
from rvsim.guest_os.fs.console import Console
from rvsim.guest_os.fs.job_control import JobControl
from rvsim.guest_os.fs.tty import Tty, TtyFile
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path


class ConsoleTty(Tty):
    """A terminal whose other side is the host's.

    `keyed`: its keys come from stream 0. Where that is no terminal, its bytes are for who reads them, and its end
    hangs nothing up.
    """

    def __init__(self, console: Console, clock: Clock, jobs: JobControl, keyed: bool = True) -> None:
        super().__init__(clock, jobs, CONSOLE)
        self.console = console
        self.keyed = keyed
        rows, columns = console.size()
        self.size = (rows, columns, 0, 0)

    def emit(self, data: bytes) -> None:
        self.console.write_terminal(data)

    def kernel_line(self, line: bytes) -> None:
        """A line of the kernel's own, whatever mode the terminal is in."""
        self.emit(line.replace(b"\n", b"\r\n"))

    def pump(self) -> bool:
        """Take what was typed; the idle loop calls this. The end of the host's input hangs the terminal up.

        A new size of the host's window is noticed here too.
        """
        if self.console.take_resize():
            self.resize((*self.console.size(), 0, 0))
        room = self.discipline.room()
        if self.hung_up or not room or not self.keyed:
            return False
        data = self.console.read(room)
        if data is None:
            return False
        if data:
            self.receive(data)
        else:
            self.hang_up()
        return True


class TtyDevice:
    """The driver of one terminal. drivers/tty/tty_io.c:tty_open

    `controls`: an open by a session leader without O_NOCTTY may make it the controlling terminal (not the console).
    """

    def __init__(self, tty: Tty, *, controls: bool = True) -> None:
        self.tty = tty
        self.controls = controls

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """Raises EBUSY for a terminal in exclusive use, EIO for one that hung up."""
        tty = self.tty
        if tty.hung_up:
            raise EIO
        if tty.exclusive and not cred.capable(CAP_SYS_ADMIN):
            raise EBUSY
        file = TtyFile(inode, path, flags, cred, tty)
        adopt_terminal(tty, flags, self.controls)
        return file


def adopt_terminal(tty: Tty, flags: int, controls: bool) -> None:
    """Make an opened terminal the caller's controlling one. drivers/tty/tty_jobctrl.c:tty_open_proc_set_tty"""
    jobs = tty.jobs
    if (
        controls
        and not flags & O_NOCTTY
        and tty.session is None
        and jobs.is_session_leader()
        and jobs.controlling_tty() is None
    ):
        tty.take_session()


class ControllingTtyDevice:
    """/dev/tty: the caller's controlling terminal. tty(4)"""

    def __init__(self, jobs: JobControl) -> None:
        self.jobs = jobs

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """Raises ENXIO when the caller has none."""
        tty = self.jobs.controlling_tty()
        if tty is None:
            raise ENXIO
        if tty.hung_up:
            raise EIO
        return TtyFile(inode, path, flags, cred, tty)


class NullConsoleDevice:
    """/dev/console where the host gave no terminal: output goes to the host's stream, input is at its end."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        return _NullConsoleFile(inode, path, flags & ~O_NOCTTY, cred, self.console)


class _NullConsoleFile(File):
    """See `NullConsoleDevice`."""

    __slots__ = ("console",)

    splice_read = splice_write = True

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials, console: Console) -> None:
        super().__init__(inode, path, flags, cred)
        self.console = console

    def read(self, size: int) -> bytes:
        return b"" if self.readable else super().read(size)

    def write(self, data: bytes) -> int:
        if not self.writable:
            return super().write(data)
        if data:
            self.console.write(data)
        return len(data)
