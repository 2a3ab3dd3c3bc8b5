"""Pseudo terminals: a terminal whose other side is a program, which holds the master. drivers/tty/pty.c, pty(7)

Differs: each direction holds a fixed number of bytes, where Linux's buffers grow in steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi import ioctl as i
from rvsim.guest_os.abi.errno import EBADF, EINVAL, EIO
from rvsim.guest_os.abi.fcntl import O_ACCMODE, O_NOCTTY, O_NONBLOCK
from rvsim.guest_os.abi.poll import POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.abi.termios import IXON, VSTART, VSTOP
from rvsim.guest_os.fs.console_tty import TtyDevice
from rvsim.guest_os.fs.tty import Tty, TtyFile
from rvsim.guest_os.fs.tty_ioctl import tty_ioctl
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File, IoctlArg
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.fs.devpts import DevPtsSuperBlock

CAPACITY = 16384
"""Bytes on their way in each direction, besides what the line discipline holds."""
_NSIG = 64
_XON, _XOFF = 0x11, 0x13


class PtySlave(Tty):
    """The side that programs use as their terminal.

    Attributes:
        index: its number in /dev/pts.
        locked: it cannot be opened yet (unlockpt).
        output: what was written and the master has not read.
        pending: what the master wrote and the line discipline has not taken.
        opens: open files; `was_opened` tells whether there ever was one.
        packet: the master reads packets (TIOCPKT); `status` the TIOCPKT_* bits that wait for it.
    """

    def __init__(self, devpts: DevPtsSuperBlock, rdev: int, index: int) -> None:
        super().__init__(devpts.clock, devpts.jobs, rdev)
        self.devpts = devpts
        self.index = index
        self.locked = True
        self.output = bytearray()
        self.pending = bytearray()
        self.opens = 0
        self.was_opened = False
        self.packet = False
        self.status = 0
        self.flow_keys = self._has_flow_keys()
        self.master_read_queue = WaitQueue()
        self.master_write_queue = WaitQueue()

    def emit(self, data: bytes) -> None:
        self.output += data[: CAPACITY - len(self.output)]
        self.master_read_queue.wake_all()

    def write_room(self) -> int:
        return CAPACITY - len(self.output)

    def pump(self) -> bool:
        pending = self.pending
        came = False
        while pending and (room := self.discipline.room()):
            data = bytes(pending[:room])
            del pending[:room]
            self.receive(data)
            came = True
        if came:
            self.master_write_queue.wake_all()
        return came

    def opened(self, file: TtyFile) -> None:
        self.opens += 1
        self.was_opened = True

    def closed(self, file: TtyFile) -> None:
        self.opens -= 1
        if not self.opens:
            self.master_read_queue.wake_all()
            if self.hung_up:
                self.devpts.forget(self)

    def drained(self, *, flushed: bool) -> None:
        if flushed:
            self._note(i.TIOCPKT_FLUSHREAD)

    def is_idle(self) -> bool:
        """Whether it was opened, and all its files are closed again."""
        return self.was_opened and not self.opens

    # Packet mode ------------------------------------------------------------------------------------------------------

    def _note(self, status: int, instead_of: int = 0) -> None:
        if self.packet:
            self.status = self.status & ~instead_of | status
            self.master_read_queue.wake_all()

    def flush_output(self) -> None:
        """What was written is with the master already and stays. drivers/tty/pty.c:pty_flush_buffer"""
        self._note(i.TIOCPKT_FLUSHWRITE)

    def set_stopped(self, stopped: bool) -> None:
        if stopped is not self.stopped:
            super().set_stopped(stopped)
            if stopped:
                self._note(i.TIOCPKT_STOP, i.TIOCPKT_START)
            else:
                self._note(i.TIOCPKT_START, i.TIOCPKT_STOP)

    def _has_flow_keys(self) -> bool:
        cc = self.termios.cc
        return bool(self.termios.iflag & IXON) and cc[VSTOP] == _XOFF and cc[VSTART] == _XON

    def settings_changed(self, was_canonical: bool) -> None:
        """drivers/tty/pty.c:pty_set_termios"""
        super().settings_changed(was_canonical)
        if self._has_flow_keys() is not self.flow_keys:
            self.flow_keys = not self.flow_keys
            if self.flow_keys:
                self._note(i.TIOCPKT_DOSTOP, i.TIOCPKT_NOSTOP)
            else:
                self._note(i.TIOCPKT_NOSTOP, i.TIOCPKT_DOSTOP)


class PtyMaster(File):
    """The master's open file; there is one, and when it closes the terminal hangs up."""

    __slots__ = ("slave",)

    writes_all = True
    splice_read = splice_write = True
    hung_up = False

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials, slave: PtySlave) -> None:
        super().__init__(inode, path, flags & ~O_NOCTTY, cred)
        self.slave = slave

    def release(self) -> None:
        slave = self.slave
        slave.pending.clear()
        slave.hang_up()
        slave.devpts.master_closed(slave)
        super().release()

    def read(self, size: int) -> bytes:
        if not self.readable:
            raise EBADF
        slave = self.slave
        if not size:
            return b""
        if slave.packet and slave.status:
            status, slave.status = slave.status, 0
            return bytes((status,))
        output = slave.output
        if not output:
            if slave.is_idle():
                raise EIO
            self.would_block(slave.master_read_queue)
        limit = size - 1 if slave.packet else size
        data = bytes(output[:limit])
        del output[:limit]
        slave.write_queue.wake_all()
        return b"\0" + data if slave.packet else data

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        if not data:
            return 0
        slave = self.slave
        room = CAPACITY - len(slave.pending)
        if not room:
            self.would_block(slave.master_write_queue)
        slave.pending += data[:room]
        slave.pump()
        return min(room, len(data))

    def poll(self) -> int:
        slave = self.slave
        mask = 0
        if slave.output:
            mask |= POLLIN | POLLRDNORM
        if slave.packet and slave.status:
            mask |= POLLIN | POLLRDNORM | POLLPRI
        if len(slave.pending) < CAPACITY:
            mask |= POLLOUT | POLLWRNORM
        return mask | POLLHUP if slave.is_idle() else mask

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.slave.master_read_queue, self.slave.master_write_queue)

    def is_controlling(self) -> bool:
        """A master is nobody's controlling terminal."""
        return False

    def waiting_bytes(self) -> int:
        """What FIONREAD tells."""
        return len(self.slave.output)

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        """The requests of masters, then those of terminals on the slave. drivers/tty/pty.c:pty_unix98_ioctl"""
        slave = self.slave
        match request:
            case i.TIOCGPTN:
                arg.write(slave.index.to_bytes(4, "little"))
            case i.TIOCSPTLCK:
                slave.locked = any(arg.read(4))
            case i.TIOCGPTLCK:
                arg.write(int(slave.locked).to_bytes(4, "little"))
            case i.TIOCPKT:
                packet = any(arg.read(4))
                if packet and not slave.packet:
                    slave.status = 0
                slave.packet = packet
            case i.TIOCGPKT:
                arg.write(int(slave.packet).to_bytes(4, "little"))
            case i.TIOCSIG:
                if not 0 < arg.value <= _NSIG:
                    raise EINVAL
                if slave.group is not None:
                    slave.jobs.signal_group(slave.group, arg.value)
            case i.TCFLSH:
                self._flush(arg.value)
            case i.TCXONC:
                if arg.value not in (i.TCOOFF, i.TCOON, i.TCIOFF, i.TCION):
                    raise EINVAL
            case i.TIOCSTI:
                slave.emit(arg.read(1))
            case _:
                return tty_ioctl(slave, self, request, arg, self.cred)
        return 0

    def _flush(self, queue: int) -> None:
        """Input here is the slave's output, and the other way round."""
        if queue not in (i.TCIFLUSH, i.TCOFLUSH, i.TCIOFLUSH):
            raise EINVAL
        if queue != i.TCOFLUSH:
            self.slave.output.clear()
            self.slave.write_queue.wake_all()
        if queue != i.TCIFLUSH:
            self.slave.pending.clear()
            self.slave.master_write_queue.wake_all()

    def open_peer(self, flags: int) -> File:
        """TIOCGPTPEER: open the slave, whatever /dev/pts shows to the caller. drivers/tty/pty.c:ptm_open_peer

        Raises:
            EIO: it is locked.
        """
        slave = self.slave
        path = slave.devpts.place(self.path.mount.table, slave)
        return PtsDevice(slave).open(path.inode, path, flags & (O_ACCMODE | O_NOCTTY | O_NONBLOCK), self.cred)


class PtsDevice(TtyDevice):
    """The driver of one slave."""

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """Raises EIO while it is locked, and after the master closed."""
        if isinstance(self.tty, PtySlave) and self.tty.locked:
            raise EIO
        return super().open(inode, path, flags, cred)


class PtmxDevice:
    """/dev/ptmx: every open makes a new pty. drivers/tty/pty.c:ptmx_open"""

    def __init__(self, devpts: DevPtsSuperBlock) -> None:
        self.devpts = devpts

    def open(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> File:
        """Raises ENOSPC when there are too many."""
        return PtyMaster(inode, path, flags, cred, self.devpts.new_pty(cred))
