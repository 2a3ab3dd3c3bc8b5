"""Terminals: the device, its open files, reading and writing under job control. drivers/tty/tty_io.c, n_tty.c"""

from __future__ import annotations

from collections.abc import Hashable

from rvsim.guest_os.abi.errno import EAGAIN, EBADF, EIO
from rvsim.guest_os.abi.fcntl import O_NOCTTY, O_NONBLOCK
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.abi.signals import POLL_IN, POLL_OUT
from rvsim.guest_os.abi.termios import ICANON, IXON, NOFLSH, TOSTOP, VMIN, VTIME
from rvsim.guest_os.fs.job_control import SIGCONT, SIGHUP, SIGTTIN, SIGTTOU, SIGWINCH, JobControl
from rvsim.guest_os.fs.line_discipline import LineDiscipline
from rvsim.guest_os.fs.termios import Termios
from rvsim.guest_os.fs.tty_ioctl import tty_ioctl
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File, IoctlArg
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.wait import Blocked, WaitQueue

_DECISECOND_NS = 100_000_000


class Tty:
    """A terminal as programs see it; the subclass is the other side (the host's console, the master of a pty).

    Attributes:
        session, group: whose controlling terminal it is, and the foreground process group; None when nobody's.
        size: rows, columns, x and y pixels.
        stopped: output is held back (^S, TCOOFF).
        hung_up: the other side is gone for good.
        exclusive: further opens fail but for CAP_SYS_ADMIN (TIOCEXCL).
    """

    def __init__(self, clock: Clock, jobs: JobControl, rdev: int) -> None:
        self.clock = clock
        self.jobs = jobs
        self.rdev = rdev
        self.termios = Termios()
        self.discipline = LineDiscipline(self)
        self.session: Hashable = None
        self.group: Hashable = None
        self.size = (0, 0, 0, 0)
        self.stopped = False
        self.hung_up = False
        self.exclusive = False
        self.last_input_ns = 0
        self.read_queue = WaitQueue()
        self.write_queue = WaitQueue()

    # The other side ---------------------------------------------------------------------------------------------------

    def emit(self, data: bytes) -> None:
        """Send processed output to the other side (here nowhere); what there is no room for is lost (echo only)."""

    def write_room(self) -> int:
        """How many bytes of processed output the other side takes now."""
        return 1 << 30

    def pump(self) -> bool:
        """Fetch input that waits on the other side; tells whether any came."""
        return False

    def opened(self, file: TtyFile) -> None:
        """A file of this terminal was made."""

    def closed(self, file: TtyFile) -> None:
        """A file of this terminal was closed."""

    def flush_output(self) -> None:
        """Forget output that the other side has not taken."""

    def drained(self, *, flushed: bool) -> None:
        """There is room for more input: some was read, or all that waited was `flushed`."""

    def waiting_bytes(self) -> int:
        """What FIONREAD tells."""
        return self.discipline.waiting_bytes()

    # Input, signals ---------------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Input from the other side, no more than `discipline.room()`."""
        self.discipline.receive(data)
        self.last_input_ns = self.clock.monotonic_ns()
        self.read_queue.wake_all()

    def key_signal(self, signo: int) -> None:
        """A key asks for a signal to the foreground group. drivers/tty/n_tty.c:isig"""
        if not self.termios.lflag & NOFLSH:
            self.flush_output()
        if self.group is not None:
            self.jobs.signal_group(self.group, signo)

    def set_stopped(self, stopped: bool) -> None:
        """Hold output back, or let it go."""
        if self.stopped is not stopped:
            self.stopped = stopped
            self.write_queue.wake_all()

    def resize(self, size: tuple[int, int, int, int]) -> None:
        """A new window size; a changed one signals the foreground group. drivers/tty/tty_io.c:tty_do_resize"""
        if size != self.size:
            self.size = size
            if self.group is not None:
                self.jobs.signal_group(self.group, SIGWINCH)

    def hang_up(self) -> None:
        """The other side is gone: signal the session, end all reads. drivers/tty/tty_io.c:__tty_hangup"""
        if self.hung_up:
            return
        self.hung_up = True
        session, group = self.session, self.group
        if session is not None:
            self.jobs.signal_leader(session, SIGHUP)
            self.jobs.signal_leader(session, SIGCONT)
            if group is not None:
                self.jobs.signal_group(group, SIGHUP)
            self.jobs.set_controlling_tty(session, None)
        self.session = self.group = None
        self.read_queue.wake_all()
        self.write_queue.wake_all()

    def settings_changed(self, was_canonical: bool) -> None:
        """`termios` was set anew."""
        self.discipline.changed(was_canonical)
        if not self.termios.iflag & IXON:
            self.set_stopped(False)
        self.read_queue.wake_all()
        self.write_queue.wake_all()

    # Job control ------------------------------------------------------------------------------------------------------

    def is_controlling(self) -> bool:
        """Whether this is the caller's controlling terminal."""
        return self.jobs.controlling_tty() is self

    def take_session(self) -> None:
        """Become the caller's controlling terminal. drivers/tty/tty_jobctrl.c:__proc_set_tty"""
        self.session = self.jobs.session()
        self.group = self.jobs.group()
        self.jobs.set_controlling_tty(self.session, self)

    def leave_session(self) -> None:
        """Stop being the controlling terminal of its session; its foreground group is hung up."""
        if self.session is None:
            return
        if self.group is not None:
            self.jobs.signal_group(self.group, SIGHUP)
            self.jobs.signal_group(self.group, SIGCONT)
        self.jobs.set_controlling_tty(self.session, None)
        self.session = self.group = None

    def check_change(self, signo: int = SIGTTOU) -> None:
        """Stop the caller when it is in the background. drivers/tty/tty_jobctrl.c:__tty_check_change

        Raises:
            EIO: it cannot be stopped: an orphaned group, or a read that ignores SIGTTIN.
            Blocked: the signal is sent to its group.
        """
        jobs = self.jobs
        if self.group is None or not self.is_controlling():
            return
        group = jobs.group()
        if group == self.group:
            return
        if jobs.ignores(signo):
            if signo == SIGTTIN:
                raise EIO
            return
        if jobs.is_orphaned(group):
            raise EIO
        jobs.signal_group(group, signo)
        raise Blocked(self.read_queue)


class TtyFile(File):
    """An open terminal."""

    __slots__ = ("tty",)

    writes_all = True
    splice_read = splice_write = True

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials, tty: Tty) -> None:
        super().__init__(inode, path, flags & ~O_NOCTTY, cred)
        self.tty = tty
        tty.opened(self)

    def release(self) -> None:
        self.tty.closed(self)
        super().release()

    def read(self, size: int) -> bytes:
        if not self.readable:
            raise EBADF
        tty = self.tty
        if tty.hung_up:
            return b""
        if tty.group is not None:
            tty.check_change(SIGTTIN)
        if not size:
            return b""
        if tty.termios.lflag & ICANON:
            discipline = tty.discipline
            while not discipline.lines:
                if not tty.pump():
                    if tty.hung_up:
                        return b""
                    self.would_block(tty.read_queue)
            return discipline.read_line(size)
        return self._read_raw(size)

    def _read_raw(self, size: int) -> bytes:
        """VMIN and VTIME, the four cases of termios(3)."""
        tty = self.tty
        raw = tty.discipline.raw
        least, time_ns = tty.termios.cc[VMIN], tty.termios.cc[VTIME] * _DECISECOND_NS
        wanted = min(least, size) or 1
        while len(raw) < wanted and tty.pump():
            pass
        if len(raw) >= wanted or tty.hung_up:
            return tty.discipline.read_raw(size)
        if not least and not time_ns:
            return b""
        if self.flags & O_NONBLOCK:
            raise EAGAIN
        deadline: int | None = None
        if time_ns and not least:
            if not isinstance(tty.jobs.resume, int):
                tty.jobs.resume = tty.clock.monotonic_ns() + time_ns
            deadline = tty.jobs.resume
        elif time_ns and raw:
            deadline = tty.last_input_ns + time_ns
        if deadline is not None and tty.clock.monotonic_ns() >= deadline:
            return tty.discipline.read_raw(size)
        try:
            self.would_block(tty.read_queue)
        except Blocked as blocked:
            blocked.deadline_ns = deadline
            raise

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        tty = self.tty
        if tty.hung_up:
            raise EIO
        if tty.group is not None and tty.termios.lflag & TOSTOP:
            tty.check_change(SIGTTOU)
        if not data:
            return 0
        room = tty.write_room() >> 1           # a newline may become two characters
        if tty.stopped or room <= 0:
            self.would_block(tty.write_queue)
        if len(data) > room:
            data = data[:room]
        tty.emit(tty.discipline.output.process(data))
        return len(data)

    def poll(self) -> int:
        tty = self.tty
        if tty.hung_up:
            return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM
        tty.pump()
        mask = 0
        discipline = tty.discipline
        if tty.termios.lflag & ICANON:
            ready = bool(discipline.lines)
        else:
            least = tty.termios.cc[VMIN] if not tty.termios.cc[VTIME] else 1
            ready = len(discipline.raw) >= (least or 1)
        if ready:
            mask |= POLLIN | POLLRDNORM
        if not tty.stopped and tty.write_room() > 1:
            mask |= POLLOUT | POLLWRNORM
        return mask

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.tty.read_queue, self.tty.write_queue)

    def async_queues(self) -> tuple[tuple[WaitQueue, int], ...]:
        """drivers/tty/tty_io.c:tty_fasync"""
        return (self.tty.read_queue, POLL_IN), (self.tty.write_queue, POLL_OUT)

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        return tty_ioctl(self.tty, self.tty, request, arg, self.cred)
